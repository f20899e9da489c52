"""`Name` and `IndividualName`: names of things and of human beings (objects.md, "Name", "IndividualName")."""

from __future__ import annotations

from shared.authoring.objects.base import DAObject


class Name(DAObject):
    """A name that is one text: attribute ``text``."""

    def full(self, **_options: object) -> str:
        """The whole name."""
        return str(self.text)

    def familiar(self) -> str:
        """The name among friends."""
        return str(self.text)

    def firstlast(self) -> str:
        """First name first."""
        return str(self.text)

    def lastfirst(self) -> str:
        """Last name first."""
        return str(self.text)

    def middle_initial(self, with_period: bool = True) -> str:
        """Empty: such a name has no parts."""
        return ""

    def defined(self) -> bool:
        """Whether the name is known; asks nothing."""
        return hasattr(self, "text")

    def __str__(self) -> str:
        return self.full()


class IndividualName(Name):
    """A name in parts: ``first``, ``middle``, ``last``, ``suffix``; only ``first`` is asked for.

    With ``uses_parts`` False it is one text, as a `Name`.
    """

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.uses_parts = True
        super().init(*pargs, **kwargs)

    def full(self, middle: object = "initial", use_suffix: object = True, **_options: object) -> str:
        """ "John Q. Adams"; ``middle='full'``: "John Quincy Adams"; ``middle=None``: without."""
        if not self.uses_parts:
            return super().full()
        between = ""
        if middle:
            between = self._part("middle") if middle == "full" else self.middle_initial()
        return _joined(self.first, between, self._part("last"), self._part("suffix") if use_suffix else "")

    def familiar(self) -> str:
        return str(self.first) if self.uses_parts else super().familiar()

    def firstlast(self) -> str:
        if not self.uses_parts:
            return super().firstlast()
        return _joined(self.first, self.last, self._part("suffix"))

    def lastfirst(self) -> str:
        """ "Smith, John Jr." """
        if not self.uses_parts:
            return super().lastfirst()
        return f"{self.last}, {_joined(self.first, self._part('suffix'))}"

    def middle_initial(self, with_period: bool = True) -> str:
        """ "Q.", or empty text if there is no middle name."""
        middle = self._part("middle")
        if not self.uses_parts or not middle:
            return ""
        return f"{middle[0]}." if with_period else middle[0]

    def defined(self) -> bool:
        return hasattr(self, "first") if self.uses_parts else super().defined()

    def _part(self, name: str) -> str:
        """An optional part: empty text if it is not defined."""
        value = self.__dict__.get(name)
        return "" if value is None else str(value).strip()


def _joined(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part not in (None, ""))


class Named:
    """For classes whose ``name`` is an object: a text assigned to it becomes its text (objects.md, "Thing", "Person")."""

    NameClass: type[Name] = Name

    def __setattr__(self, name: str, value: object) -> None:
        if name == "name" and not isinstance(value, DAObject):
            own = self.initializeAttribute("name", self.NameClass)  # type: ignore[attr-defined]
            if isinstance(own, IndividualName):
                own.uses_parts = False
            own.text = value
            return
        super().__setattr__(name, value)
