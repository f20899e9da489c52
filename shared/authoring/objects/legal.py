"""Court cases and what is filed in them (legal.md): `Case`, `Court`, `Jurisdiction`, `Document`, `LegalFiling`."""

from __future__ import annotations

from collections.abc import Iterator

from shared.authoring.objects.base import DAObject
from shared.authoring.objects.lists import DAList
from shared.authoring.objects.people import Individual, PartyList
from shared.authoring.text import language

#: Kinds of cases, and the lists of parties each of them has (legal.md, "set_action_type").
_PARTIES = {
    "plaintiff defendant": ("plaintiff", "defendant"),
    "petition": ("petitioner", "respondent"),
    "in re": ("petitioner",),
    "solo petition": ("petitioner",),
}


class Court(DAObject):
    """A court: ``name`` (legal.md, "Court")."""

    def __str__(self) -> str:
        return str(self.name)

    def in_the_court(self, legalfiling: object = None, case: object = None) -> str:
        """The top line of a pleading filed here (legal.md, "in_the_court")."""
        return f"In the {self.name}"


class Jurisdiction(DAObject):
    """A place with its own law: ``state``, ``county`` (legal.md, "Jurisdiction")."""


class Document(DAObject):
    """A document: ``title`` (legal.md, "Document")."""

    def __str__(self) -> str:
        return str(self.title)


class Case(DAObject):
    """A case and its lists of parties (legal.md, "Case"). ``firstParty`` and ``secondParty`` are the sides of the caption."""

    PartyListClass: type[DAList] = PartyList
    CourtClass: type[Court] = Court

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.case_id = ""
        self.state = ""
        action_type = kwargs.pop("action_type", "plaintiff defendant")
        super().init(*pargs, **kwargs)
        self.set_action_type(str(action_type))

    def set_action_type(self, action_type: str) -> None:
        """Give the case the lists of parties of its kind (legal.md, "set_action_type")."""
        if action_type not in _PARTIES:
            raise ValueError(
                f"{self.instanceName}.set_action_type() knows {', '.join(map(repr, _PARTIES))}, not {action_type!r}"
            )
        self.action_type = action_type
        lists = [self.initializeAttribute(name, self.PartyListClass) for name in _PARTIES[action_type]]
        self.firstParty = lists[0]
        if len(lists) > 1:
            self.secondParty = lists[1]
        else:
            self.delattr("secondParty")

    def determine_court(self) -> None:
        """Nothing: for subclasses that know which court has jurisdiction (legal.md, "determine_court")."""

    def case_id_in_caption(self, **_options: object) -> str:
        """The case number as the caption shows it (legal.md, "case_id_in_caption")."""
        number = language.word("Case No.")
        return f"{number} {self.case_id}".rstrip()

    def role_of(self, party: object) -> str:
        """The name of the list in which `party` is: "plaintiff"; else "third party" (legal.md, "role_of")."""
        for name, parties in self._party_lists():
            if any(item is party for item in parties.elements):
                return name
        return str(language.word("third party"))

    def parties(self) -> list[object]:
        """All parties; has the lists gathered (legal.md, "parties")."""
        return [item for _, parties in self._party_lists() for item in parties]

    def all_known_people(self) -> list[object]:
        """All parties and their children as far as they are known; asks nothing (legal.md, "all_known_people")."""
        people: list[object] = []
        for _, parties in self._party_lists():
            for party in parties.elements:
                people.append(party)
                children = party.__dict__.get("child") if isinstance(party, Individual) else None
                if isinstance(children, DAList):
                    people.extend(children.elements)
        return people

    def _party_lists(self) -> Iterator[tuple[str, PartyList]]:
        aliases = {"firstParty", "secondParty"}
        for name, value in list(self.__dict__.items()):
            if isinstance(value, PartyList) and name not in aliases:
                yield name, value


class LegalFiling(Document):
    """A document filed in a case: ``case`` and ``title`` (legal.md, "LegalFiling")."""

    def caption(self) -> str:
        """The caption, in markup (legal.md, "caption"). Asks for court, parties and title as far as they are missing."""
        case = self.case
        first, second = case.firstParty, case.__dict__.get("secondParty")
        first.gather()
        lines = [f"[BOLDCENTER] {case.court.in_the_court(legalfiling=self, case=case)}"]
        sides = [f"{first}, {_role(first)}"]
        if second is not None:
            second.gather()
            sides += [language.word("v."), f"{second}, {_role(second)}"]
        left = " [NEWLINE] ".join(sides)
        lines.append(f"[BEGIN_TWOCOL] {left} [BREAK] {case.case_id_in_caption()} [END_TWOCOL]")
        lines.append(f"[BOLDCENTER] {str(self.title).upper()}")
        return "\n\n".join(lines) + "\n"


def _role(parties: DAList) -> str:
    return str(language.word(parties.as_noun())).capitalize()
