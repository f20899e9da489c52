"""What the template screen.html prints: `View`, its pieces, and the small rules that all of its makers share. All of it is frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from services.gateway.render.collect import Collected
from services.gateway.render.control import Widget
from services.gateway.render.layout import Row
from shared.contract.jsonvalue import JsonMap

COLORS = frozenset({"primary", "secondary", "success", "danger", "warning", "info", "light", "dark", "link"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press. `name` and `value` are what the form sends; `href` makes it a link."""

    label: Markup
    name: str = ""
    value: str = ""
    color: str = "primary"
    css: str = ""
    image: Markup | None = None
    help: Markup | None = None
    href: str | None = None
    new_window: bool = False
    script: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """What can be pressed below the question."""

    answers: tuple[Button, ...] = ()  #: each gives an answer
    go_on: Button | None = None  #: Continue, for what was filled in
    before: tuple[Button, ...] = ()  #: action buttons before those
    after: tuple[Button, ...] = ()  #: … and after
    back: Button | None = None  #: Back, if the author wants it beside the others

    @property
    def scripts(self) -> tuple[str, ...]:
        """What buttons run."""
        return tuple(one.script for one in (*self.before, *self.after) if one.script)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What can be filled in."""

    widgets: tuple[Widget, ...] = ()
    rows: tuple[Row, ...] = ()
    collected: Collected | None = None
    embedded: Markup | None = None  #: the subquestion with controls in it ([FIELD …])

    @property
    def multipart(self) -> bool:
        return any(one.kind in {"file", "signature"} for one in self.widgets)

    @property
    def js_conditions(self) -> tuple[JsonMap, ...]:
        """``js show if`` and kin, with the number of the control they are about."""
        return tuple(
            {"number": one.number, **{key: condition.get(key) for key in ("js", "sign", "disable")}}
            for one in self.widgets
            for condition in one.js_conditions
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The name or logo in the bar."""

    long: Markup
    short: Markup
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpText:
    heading: Markup | None
    content: Markup
    media: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    texts: tuple[HelpText, ...]
    label: str
    own: bool  #: this question has help of its own
    button: bool  #: shown beside the other buttons rather than in the bar


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """The bar: Back, the menu, and the way out."""

    shown: bool  #: not `hide corner interface`
    menu: tuple[MenuItem, ...]
    standard_menu: bool  #: not `hide standard menu`
    exit: tuple[str, str] | None  #: (exit or leave, label) if the author wants the link
    back: bool  #: there is a step to go back to
    back_label: str
    back_shown: bool  #: feature `navigation back button`


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    label: Markup
    url: str | None
    current: bool
    done: bool
    sub: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one has come. `bar` in percent; None without a bar."""

    sections: tuple[Section, ...] = ()
    style: str = "side"  #: where the sections stand: side or top
    bar: int | None = None
    percentage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """A line of a review screen: a note (`html`), or something answered with a button to change it."""

    id: str
    datatype: str | None
    html: Markup | None = None
    label: Markup | None = None
    content: Markup | None = None
    button: Markup | None = None
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A document in one format. `label` is what the button says."""

    label: str
    url: str
    icon: str = "download"
    kind: str = ""  #: the ending of its file
    note: str = ""  #: what such a file is for
    size: str = ""  #: in words, where it is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: Markup
    description: Markup
    url: str  #: where its text can be read
    readable: bool
    files: tuple[DocumentFile, ...]
    picture: str | None = None  #: of the first page


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """The documents of a screen. `listed` is False if the author shows them himself."""

    items: tuple[Attachment, ...] = ()
    listed: bool = True
    notice: str | None = None
    zip: str | None = None  #: where all of them are, as one file
    mailed: bool = False  #: whether they can be sent to an address
    address: str = ""  #: that is offered
    editable: bool = False  #: whether the user is asked about files for word processors

    def __bool__(self) -> bool:
        return bool(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCode:
    """Scripts and styles of the interview."""

    scripts: tuple[str, ...] = ()  #: addresses
    styles: tuple[str, ...] = ()  #: addresses
    inline: tuple[Mapping[str, str], ...] = ()  #: script elements: {"text"} or {"src"}, perhaps "type"
    css_html: Markup = field(default_factory=Markup)
    datatypes: tuple[str, ...] = ()  #: scripts of custom datatypes
    runs: bool = False  #: something of it needs jQuery and Bootstrap's scripts


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an answer was refused. `errors`: id of the control (or empty), its label, what is wrong."""

    message: str | None = None
    errors: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything the template needs, ready to print."""

    kind: str
    language: str
    direction: str
    words: Mapping[str, str]
    counted: Mapping[str, Mapping[str, str]]  #: words that depend on a number
    title: str
    brand: Brand
    heading: Markup
    decoration: Markup | None
    subquestion: Markup
    media: tuple[Markup, ...]
    attributions: tuple[Markup, ...]
    parts: Mapping[str, Markup]  #: texts around the question, by the names of "screen parts"
    form: Form
    buttons: Buttons
    review: tuple[ReviewRow, ...]
    attachments: Attachments
    help: Help
    corner: Corner
    progress: Progress
    code: AuthorCode
    replaced: bool  #: the answer that led here took the place of a newer one
    refusal: Refusal
    definitions: tuple[tuple[str, str, Markup], ...]  #: of terms: id, term, text
    body_class: str
    centered: bool


def color_of(value: object, default: str = "primary") -> str:
    return value if isinstance(value, str) and value in COLORS else default


def safe_address(address: object) -> str | None:
    """An address that may be a link or a redirect: relative, http(s), mailto or tel; None for anything that would run."""
    text = str(address or "").strip()
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", text)
    if (
        not text
        or (scheme and scheme.group(1).lower() not in {"http", "https", "mailto", "tel"})
        or text.startswith("//")
    ):
        return None
    return text


def first(*candidates: object) -> object:
    return next((one for one in candidates if one not in (None, "")), None)


def listed(value: object) -> list[str]:
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def on(value: object) -> bool:
    """An author said yes."""
    return value in (True, "True")


def off(value: object) -> bool:
    """An author said no."""
    return value in (False, "False")
