"""What the table of datatypes says of each: the types of its columns. The entries are in ``datatypes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Reading(Enum):
    """How what was sent becomes the value of the variable."""

    TEXT = "text without HTML"
    RAW = "text as it is"
    NUMBER = "a floating-point number"
    INTEGER = "a whole number"
    TRUTH = "True, False, or None where nothing was chosen"
    EMAIL = "an e-mail address"
    URL = "an address of the web"
    DATE = "a moment at midnight"
    TIME = "a time of day"
    DATETIME = "a moment"
    TICKS = "a dictionary of every choice and whether it was ticked"
    OBJECT = "one of the objects"
    OBJECTS = "a list of the objects"
    FILES = "a list of uploaded files"
    SIGNATURE = "an uploaded picture"
    CUSTOM = "what the author's class makes of it"


class Limits(Enum):
    """What an author may limit."""

    NONE = "nothing"
    LENGTH = "the characters of a text"
    COUNT = "the items ticked"
    NUMBER = "a number, and its steps"
    SLIDER = "a number; the control keeps to the steps by itself"
    MOMENT = "a day or a time"
    ANY = "whatever the value is"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the field that say it."""
        return _LIMIT_KEYS[self]


_LIMIT_KEYS: Mapping[Limits, tuple[str, ...]] = {
    Limits.NONE: (),
    Limits.LENGTH: ("minlength", "maxlength"),
    Limits.COUNT: ("minlength", "maxlength"),
    Limits.NUMBER: ("min", "max", "step"),
    Limits.SLIDER: ("min", "max", "step"),
    Limits.MOMENT: ("min", "max", "step"),
    Limits.ANY: ("minlength", "maxlength"),
}


class Control(Enum):
    """What the user handles. The values are the names of the page's templates."""

    INPUT = "input"
    AREA = "area"
    HIDDEN = "hidden"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    DROPDOWN = "dropdown"
    COMBOBOX = "combobox"
    DATALIST = "datalist"
    AJAX = "ajax"
    CHECKBOXES = "checkboxes"
    MULTISELECT = "multiselect"
    RANGE = "range"
    FILE = "file"
    SIGNATURE = "signature"


class Rule(Enum):
    """What the page's script checks beyond what the type of the input says: its ``data-number``."""

    NUMBER = "number"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """The attributes of an ``<input>``: its type, and what helps to fill it in."""

    type: str = "text"
    mode: str | None = None
    autocomplete: str | None = None
    accept: str | None = None  #: kinds of files
    capture: str | None = None  #: the camera to open
    multiple: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Datatype:
    """What a field's variable becomes, and how it is asked for."""

    name: str
    reading: Reading
    control: Control = Control.INPUT
    input: Input = Input()
    limits: Limits = Limits.NONE
    rule: Rule | None = None
    blank: object = ""  #: the value without an answer, where none is required
    choose: bool = False  #: the field must have choices
    insist: bool = True  #: an answer is required unless the author says otherwise
    maybe: bool = False  #: "I don't know" (None) is an answer
    secret: bool = False  #: never shown again
    written: bool = True  #: an author may write it as ``datatype``
    keys: frozenset[str] = frozenset()  #: further keys of a field that mean something for this datatype only

    @property
    def many(self) -> bool:
        """Whether several choices may be ticked."""
        return self.reading in (Reading.TICKS, Reading.OBJECTS)

    @property
    def objects(self) -> bool:
        """Whether the choices are objects of the interview."""
        return self.reading in (Reading.OBJECT, Reading.OBJECTS)

    @property
    def truth(self) -> bool:
        return self.reading is Reading.TRUTH

    @property
    def files(self) -> bool:
        return self.reading is Reading.FILES


@dataclass(frozen=True, slots=True, kw_only=True)
class InputType:
    """Another control for a datatype. Older interviews write its name as ``datatype``, which then is `of`."""

    name: str
    control: Control
    of: str = "text"
    choose: bool = False  #: the field must have choices
    free: bool = False  #: what is not among the choices may be written
    wide: bool = False
    inverted: bool = False  #: ticked, or "yes", means False
    maybe: bool = False  #: with "I don't know"
    insist: bool | None = None  #: as `Datatype.insist`; None: as the datatype says
    written: bool = False  #: an author may write it as ``input type``
