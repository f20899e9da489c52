"""The compiled interview: frozen descriptions of blocks, and nothing that runs by itself.

Everything here is made once by the compiler, shared between requests and never changed. Author code and Mako
appear as `Code`, `Expr` and `Text`; the engine gives them a namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import CodeType, MappingProxyType
from typing import Any, Protocol

#: A YAML value as the author wrote it, after Mako parts were compiled:
#: None, bool, int, float, str, date, `Text`, `Expr`, or lists and dicts of these. A text without Mako is a `str`;
#: lists and dicts refuse to be changed (``copy.copy`` and ``copy.deepcopy`` of them can be).
Value = Any

EMPTY: Mapping[str, Any] = MappingProxyType({})


def _empty() -> Mapping[str, Any]:
    return EMPTY


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: what every error names."""

    #: the source as the author knows it, e.g. ``demos/first.yml`` or ``docassemble.demo:data/questions/x.yml``
    file: str
    block: str  #: ``ID intake`` if the block has an ``id``, else ``Question_7`` (running number in the interview)
    number: int  #: running number of the block in the whole interview, from 0
    line: int  #: 1-based line in `file`
    #: the package of files that are named here, if it is not that of `file`: a question shows a text from elsewhere
    package: str | None = None


class Text(Protocol):
    """A Mako template compiled at load. Implemented in ``shared.language.text``."""

    source: str
    place: Place
    is_plain: bool  #: no Mako in it: `render` returns `source` whatever the namespace

    def render(self, namespace: dict[str, object], string: Callable[[object], str] = ...) -> str:
        """The text after Mako, before Markdown. Raises whatever author code raises (NameError for a missing name).

        `string` writes the values of its expressions (`str`, unless told).
        """
        ...


@dataclass(frozen=True, slots=True)
class Code:
    """Python statements, compiled under a file name that maps a traceback back to `place`."""

    source: str
    place: Place
    compiled: CodeType


@dataclass(frozen=True, slots=True)
class Expr:
    """One Python expression, compiled for eval."""

    source: str
    place: Place
    compiled: CodeType


class Kind(StrEnum):
    """What a block does. One block has one kind; modifiers (mandatory, need, …) are attributes of `Block`."""

    QUESTION = "question"
    CODE = "code"
    OBJECTS = "objects"
    TEMPLATE = "template"
    TABLE = "table"
    ATTACHMENT = "attachment"
    DATA = "data"  #: ``data`` and ``variable name: … / data from code``
    IMPORTS = "imports"
    MODULES = "modules"
    DEF = "def"
    RESET = "reset"
    ORDER = "order"
    INERT = "inert"  #: metadata, features, sections, terms …: read at load, nothing to run


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a field, or one button.

    `label` and `value` are None only where the author wrote none. A choice with `block` runs that embedded block
    (a question, code, or a special command such as ``restart``) instead of setting a variable.
    """

    label: Text | None
    value: Value = None
    default: bool | Expr = False
    help: Text | None = None
    image: str | None = None
    css_class: Text | None = None
    color: Text | None = None
    show_if: Expr | None = None
    key: Text | None = None
    group: Text | None = None
    block: Block | None = None
    #: restart, exit, leave, logout, exit_logout, new_session, refresh, continue, signin, register
    command: str | None = None
    url: Text | None = None  #: where exit/leave go
    code: Expr | None = None  #: this item stands for the choices that the expression computes (all else is None)


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a field or question: written out, or computed by `code` when the screen is made."""

    items: tuple[Choice, ...] = ()
    code: Expr | None = None
    exclude: tuple[Expr, ...] = ()
    shuffle: bool | Expr = False
    none_of_the_above: bool | Text | Expr | None = None  #: None: not written, the kind of field decides
    all_of_the_above: bool | Text | Expr | None = None


@dataclass(frozen=True, slots=True)
class ShowIf:
    """When a field is on the screen. Exactly one of `variable`, `code`, `js` is set.

    `sign` False is ``hide if``; `disable` True is ``disable if`` / ``enable if``. `code` is evaluated on the server
    (the field is absent when false), the other two in the browser.
    """

    sign: bool = True
    disable: bool = False
    variable: str | None = None
    is_value: Value = None
    has_is: bool = False
    code: Expr | None = None
    js: Text | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One item of ``fields``.

    `kind` is ``input``, or ``note``, ``html``, ``raw html``, ``script``, ``css`` (text in `label`), or ``code``
    (`code` computes a list of field descriptions in the form the author would have written).
    """

    place: Place
    kind: str = "input"
    variable: str | None = None
    label: Text | None = None
    label_present: bool = True  #: False for ``no label``
    datatype: str = "text"
    input_type: str | None = None
    required: bool | Expr = True
    default: Value = None
    hint: Text | None = None
    help: Text | None = None
    choices: Choices | None = None
    object_choices: tuple[Expr, ...] = ()  #: of object, object_radio, …: what to choose from
    object_default: tuple[Expr, ...] = ()
    object_labeler: Expr | None = None
    show_ifs: tuple[ShowIf, ...] = ()
    validate: Expr | None = None
    validation_messages: Mapping[str, Text] = field(default_factory=_empty)
    code: Expr | None = None
    #: every other documented key as written: min, max, step, rows, accept, grid, css class, address
    #: autocomplete, under text, …
    options: Mapping[str, Value] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One item of a review screen: shown when all of `show_if_defined` are defined and `show_if` is true."""

    place: Place
    label: Text | None
    actions: tuple[Value, ...]  #: names, or {action, arguments} / {follow up: …} / {set: …} … dicts
    button: Text | None = None
    help: Text | None = None
    show_ifs: tuple[Expr, ...] = ()
    is_note: bool = False
    options: Mapping[str, Value] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Question:
    """What a question block shows. How its parts become a screen is the engine's."""

    question: Text
    subquestion: Text | None = None
    #: fields | choices | buttons | dropdown | combobox | radio | yesno | noyes | yesnomaybe | noyesmaybe |
    #: continue | signature | review | end  (``end``: nothing to press)
    shape: str = "end"
    variable: str | None = None  #: of yesno, choices, continue, signature …
    fields: tuple[Field, ...] = ()
    choices: Choices | None = None
    continue_variable: str | None = None  #: ``continue button field``
    review: tuple[ReviewItem, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    attachment_code: Expr | None = None
    validation_code: Code | None = None
    reload: float | Expr | Text | None = None  #: seconds
    check_in: str | None = None
    check_in_expr: Expr | None = None
    #: under, right, pre, post, help, css, script, continue button label, back button label, …
    parts: Mapping[str, Text] = field(default_factory=_empty)
    help_label: Text | None = None
    terms: Mapping[str, Text] = field(default_factory=_empty)
    auto_terms: Mapping[str, Text] = field(default_factory=_empty)
    action_buttons: tuple[Value, ...] = ()
    action_buttons_code: tuple[Expr, ...] = ()
    allow_emailing: bool | Expr = True
    allow_downloading: bool | Expr = False
    #: every other documented key as written: decoration, audio, video, progress, section, list collect, back
    #: button, prevent going back, …
    options: Mapping[str, Value] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One document to assemble. Formats other than Markdown keep their keys in `options`."""

    place: Place
    name: Text
    filename: Text | None = None
    description: Text | None = None
    content: Text | None = None
    content_file: Value = None
    variable: str | None = None
    options: Mapping[str, Value] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One line of an ``objects`` block: ``name: Class.using(...)``; `expr` evaluates to a class or partial class.

    With `read`, one of ``objects from file``: a function of the name that reads the file.
    """

    name: str
    expr: Expr
    place: Place
    read: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One item of ``need``: evaluated before the block (or after it, with ``post``)."""

    expr: Expr
    post: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One YAML document of an interview.

    `name` is the key of the answered set: ``ID <id>``, or a name made of what the block does (its kind and what it sets),
    so that inserting blocks or rewording one shifts nobody's answers; embedded blocks are ``<name>_0`` …. `sets` are the
    names under which the index knows this block, as written (with ``x``, ``i`` … where generic).
    """

    name: str
    number: int
    place: Place
    kind: Kind
    id: str | None = None
    mandatory: bool | Expr = False
    initial: bool | Expr = False
    language: str = "*"
    generic: str | None = None  #: class name of ``generic object``
    sets: tuple[str, ...] = ()
    event: bool = False  #: `sets` contains an event name; code of an event returns at once
    events: tuple[str, ...] = ()
    scan: bool = False  #: `sets` holds what was found by reading the block, not only what ``sets`` and ``event`` say
    needs: tuple[Need, ...] = ()
    conditions: tuple[Expr, ...] = ()  #: ``if``
    undefine: tuple[str, ...] = ()
    reconsider: tuple[str, ...] | bool = ()  #: True: reconsidered on every screen
    depends_on: tuple[str, ...] = ()
    on_change: str | None = None  #: one block for each variable of ``on change``, with its `code`
    supersedes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    default_role: str | None = None
    sections: Value = None
    question: Question | None = None
    code: Code | None = None
    objects: tuple[ObjectSpec, ...] = ()
    #: what is peculiar to TEMPLATE, TABLE, DATA, IMPORTS, MODULES, RESET, ORDER, DEF
    options: Mapping[str, Value] = field(default_factory=_empty)
    source_text: str = ""  #: the YAML of the block, for the author's error page


@dataclass(frozen=True, slots=True)
class Interview:
    """A whole compiled interview: its own blocks and those of everything it includes, in order.

    `index` maps a name as written (``a``, ``a.b``, ``x.b``, ``a[i]``) to the blocks that may define it, in file order as changed by
    ``order`` and ``supersedes``; the engine tries them last to first. `by_name` also has embedded blocks, and
    ``Question_<number>`` for every block. `digest` changes when any source changes, so it keys every cache.
    """

    name: str
    digest: str
    blocks: tuple[Block, ...]
    index: Mapping[str, tuple[Block, ...]]
    by_name: Mapping[str, Block]
    #: blocks with mandatory, initial or a default role, in file order: what one pass walks
    ordered: tuple[Block, ...]
    setup: tuple[Block, ...]  #: imports, modules, def, reset: run once at the start of a request
    author_processes_actions: bool  #: some code block says process_action(: the engine must not call it itself
    metadata: Mapping[str, Value] = field(default_factory=_empty)  #: all metadata blocks, later over earlier
    features: Mapping[str, Value] = field(default_factory=_empty)
    #: language -> screen part -> text
    default_parts: Mapping[str, Mapping[str, Text]] = field(default_factory=_empty)
    validation_messages: Mapping[str, Mapping[str, str]] = field(default_factory=_empty)
    terms: Mapping[str, Mapping[str, Text]] = field(default_factory=_empty)  #: language -> term -> definition
    auto_terms: Mapping[str, Mapping[str, Text]] = field(default_factory=_empty)
    images: Mapping[str, Value] = field(default_factory=_empty)
    sections: Mapping[str, Value] = field(default_factory=_empty)  #: language -> sections tree
    interview_help: Mapping[str, tuple[Mapping[str, Text], ...]] = field(default_factory=_empty)
    translations: tuple[str, ...] = ()
    default_language: str = "en"
    sources: tuple[str, ...] = ()  #: every file read, for reload on save
    options: Mapping[str, Value] = field(default_factory=_empty)
