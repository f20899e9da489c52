"""`Thing`, `Event`, `Person`, `Individual` and `Organization` (objects.md, "Classes for information about people and things")."""

from __future__ import annotations

from email.utils import formataddr

from dateutil.relativedelta import relativedelta

from shared.authoring.context import current
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.lists import DAList
from shared.authoring.objects.names import IndividualName, Name, Named
from shared.authoring.objects.places import Address, City, LatitudeLongitude
from shared.authoring.objects.speech import Phrase
from shared.authoring.text import language
from shared.authoring.text.dates import as_datetime, current_datetime
from shared.authoring.text.differences import date_difference
from shared.authoring.text.phones import phone_number_in_e164


class Thing(Named, DAObject):
    """Something with a name (objects.md, "Thing")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.initializeAttribute("name", self.NameClass)
        super().init(*pargs, **kwargs)

    def __str__(self) -> str:
        return str(self.name.full())


class Event(DAObject):
    """Something that takes place somewhere (objects.md, "Event")."""

    CityClass: type[Address] = City
    LatitudeLongitudeClass: type[LatitudeLongitude] = LatitudeLongitude

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.initializeAttribute("address", self.CityClass)
        self.initializeAttribute("location", self.LatitudeLongitudeClass)
        super().init(*pargs, **kwargs)

    def __str__(self) -> str:
        return str(self.address)


class Person(Named, DAObject):
    """A natural or legal person: ``name``, ``address``, ``location`` (objects.md, "Person")."""

    AddressClass: type[Address] = Address
    LatitudeLongitudeClass: type[LatitudeLongitude] = LatitudeLongitude

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.initializeAttribute("name", self.NameClass)
        self.initializeAttribute("address", self.AddressClass)
        self.initializeAttribute("location", self.LatitudeLongitudeClass)
        super().init(*pargs, **kwargs)

    def __str__(self) -> str:
        return str(self.name.full())

    def identified(self) -> bool:
        """Whether the name is known (objects.md, "Person.identified")."""
        return bool(self.name.defined())

    def subject(self, **options: object) -> str:
        """ "you" if the object is the user, else its name (objects.md, "Person.subject")."""
        return self.subjective_pronoun_or_name(**options)

    def address_block(
        self, language: str | None = None, international: bool = False, show_country: bool | None = None
    ) -> str:
        """Name and address over several lines, flush left, in markup (objects.md, "address_block")."""
        block = self.address.block(language=language, international=international, show_country=show_country)
        return f"[FLUSHLEFT] {self.name.full()} [NEWLINE] {block}"

    def email_address(self, include_name: bool | None = None) -> str:
        """ "Fred Smith <fred@example.com>" (objects.md, "Person.email_address").

        The name is included if it is known, or asked for if `include_name` is true.
        """
        if include_name or (include_name is None and self.name.defined()):
            return formataddr((str(self), str(self.email)))
        return str(self.email)

    def sms_number(self, country: str | None = None) -> str | None:
        """The mobile number, else the phone number, in E.164 form; "whatsapp:" before it if that is used (objects.md, "sms_number")."""
        mobile = "mobile_number" in self.__dict__
        number = self.mobile_number if mobile else self.phone_number
        formatted = self._international_number(number, country)
        if formatted and mobile and self.__dict__.get("uses_whatsapp"):
            return f"whatsapp:{formatted}"
        return formatted

    def facsimile_number(self, country: str | None = None) -> str | None:
        """The fax number in E.164 form (functions.md, "send_fax")."""
        return self._international_number(self.fax_number, country)

    def _international_number(self, number: object, country: str | None) -> str | None:
        chosen = country or self.__dict__.get("country") or self.address.__dict__.get("country") or current().country
        return phone_number_in_e164(number, country=chosen)


class Individual(Person):
    """A human being (objects.md, "Individual")."""

    NameClass: type[Name] = IndividualName

    def __str__(self) -> str:
        return str(self.name.familiar() if self.__dict__.get("use_familiar") else self.name.full())

    # Age

    def age_in_years(self, decimals: bool = False, as_of: object = None) -> int | float:
        """The ``age`` if that is set, else reckoned from ``birthdate`` (objects.md, "age_in_years")."""
        if "age" in self.__dict__:
            return float(self.age) if decimals else int(self.age)
        if decimals:
            return date_difference(starting=self.birthdate, ending=as_of).years
        return self._lived(as_of).years

    def age_in_months(self, decimals: bool = False, as_of: object = None) -> int | float:
        """Reckoned from ``birthdate`` (objects.md, "age_in_months")."""
        lived = self._lived(as_of)
        whole = lived.years * 12 + lived.months
        return whole + lived.days / 30.436875 if decimals else whole  # days of a mean Gregorian month

    def _lived(self, as_of: object) -> relativedelta:
        end = current_datetime() if as_of is None else as_datetime(as_of)
        return relativedelta(end.replace(tzinfo=None), as_datetime(self.birthdate).replace(tzinfo=None))

    # Names

    def first_name_hint(self) -> str:
        """The first name of the logged-in user's profile, if this is the user and the name is not known (objects.md, "first_name_hint")."""
        return self._profile("first_name")

    def last_name_hint(self) -> str:
        """The last name of the logged-in user's profile, likewise."""
        return self._profile("last_name")

    def _profile(self, key: str) -> str:
        if not self.is_user() or self.identified():
            return ""
        user = current().user
        return str(user.get(key) or "") if user.get("is_authenticated") else ""

    def salutation(self, **options: object) -> str:
        """ "Mr.", "Ms. Jones" or "Dr. Jones:" (objects.md, "salutation"). Options: with_name, with_name_and_punctuation."""
        return str(language.salutation(self, **options))

    # The third person of a human being

    def _third_possessive(self, target: object, **options: object) -> str:
        return self._by_gender(language.his, language.her, language.their)(target, **options)

    def _third_objective(self, **options: object) -> str:
        return self._by_gender(language.him_objective, language.her_objective, language.genderless_objective)(**options)

    def _third_subjective(self, **options: object) -> str:
        return self._by_gender(language.he_subjective, language.she_subjective, language.genderless_subjective)(
            **options
        )

    def _third_self(self, **options: object) -> str:
        return self._by_gender(language.himself, language.herself, language.genderless_self)(**options)

    def _by_gender(self, male: Phrase, female: Phrase, other: Phrase) -> Phrase:
        return {"male": male, "female": female}.get(str(self.gender).lower(), other)


class ChildList(DAList):
    """A list of `Individual` who are children (objects.md, "ChildList")."""

    ChildClass: type[DAObject] = Individual

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.object_type = self.ChildClass
        super().init(*pargs, **kwargs)


class PartyList(DAList):
    """A list of the parties to a case; a new one is an `Individual` unless another class is given (objects.md, "PartyList")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.object_type = Individual
        super().init(*pargs, **kwargs)


class OfficeList(DAList):
    """A list of addresses (objects.md, "OfficeList")."""

    AddressClass: type[Address] = Address

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.object_type = self.AddressClass
        super().init(*pargs, **kwargs)


class Organization(Person):
    """A `Person` with offices (objects.md, "Organization")."""

    OfficeListClass: type[DAList] = OfficeList

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.initializeAttribute("office", self.OfficeListClass)
        super().init(*pargs, **kwargs)

    def will_handle(self, problem: object = None, county: object = None) -> bool:
        """Whether the organization handles a problem and serves a county (objects.md, "will_handle")."""
        if problem is not None and not (hasattr(self, "handles") and problem in self.handles):
            return False
        return county is None or (hasattr(self, "serves") and county in self.serves)
