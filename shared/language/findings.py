"""What the loader and the check can say about an interview: each finding's code, severity, and why it has it.

The rule is: what the reference loads, loads. An error is for what the reference refuses too (`source` says where that is written)
or what no reading can be made of; all else is a warning, and the interview runs. The texts for authors are made where the finding
is made; nothing here looks at an interview. Codes are stable: one that is given up is not given again.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class Severity(StrEnum):
    ERROR = "error"  #: the interview cannot run
    WARNING = "warning"  #: it runs, but probably not as meant


_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


class Finding(Enum):
    """``(code, severity, what it says, what is made of it or why it is refused)``."""

    # reading a file
    NOT_YAML = ("L001", _ERROR, "The block is not YAML.", "interviews.md, `YAML`: a block is a YAML document.")
    KEY_TWICE = ("L002", _ERROR, "A key is written twice.", "The reference refuses it as well, as YAML does.")
    NOT_A_BLOCK = ("L003", _ERROR, "A block is a list or a text.", "interviews.md, `YAML`: a block is a dictionary.")
    TOO_LARGE = ("L004", _ERROR, "A file, block or chain of includes is beyond a limit.", "A limit of Parley's own.")
    NO_FILE = (
        "L005",
        _ERROR,
        "A file that is read at load is not there.",
        "initial.md, `include`: it is read at load.",
    )
    ID_TWICE = ("L006", _WARNING, "Two blocks have the same id.", "Both are kept.")
    # blocks and their keys
    UNKNOWN_KEY = ("L101", _WARNING, "A key is not known where it stands.", "The key is ignored.")
    TWO_KINDS = ("L102", _ERROR, "A block is two kinds of block.", "interviews.md: a block does one of these things.")
    NO_EFFECT = ("L103", _WARNING, "A block does nothing.", "The block is inert.")
    NO_QUESTION = ("L104", _WARNING, "Keys of a question stand in a block without one.", "The block is inert.")
    NO_DEF = ("L105", _WARNING, "`usedefs` names no `def` above.", "The name is ignored.")
    RIVALS = ("L106", _WARNING, "Two keys stand for the same thing.", "The first that the message names is used.")
    # values
    BAD_PYTHON = ("L201", _ERROR, "A value that must be Python is not.", "code.md: it is Python code.")
    BAD_MAKO = ("L202", _ERROR, "The Mako of a text is wrong.", "markup.md, `Mako`: texts are Mako templates.")
    NOT_A_NAME = ("L203", _ERROR, "A value that must be a name is none.", "fields.md: it is the name of a variable.")
    WRONG_KIND = (
        "L204",
        _ERROR,
        "A value has a form that its key cannot have.",
        "The page of the key gives its forms.",
    )
    MISSING_PART = (
        "L205",
        _ERROR,
        "A part is missing without which nothing is left.",
        "The page of the key asks for it.",
    )
    LEFT_OUT = ("L206", _WARNING, "A part is missing.", "What it belongs to is left out.")
    BAD_VALUE = ("L207", _WARNING, "A value is none of those that its key can have.", "The key is ignored.")
    LIST_IN_TEXT = ("L208", _WARNING, "A text looks like a list.", "It is read as the list that it looks like.")
    NAME_IGNORED = ("L209", _WARNING, "A block lists something that is no name.", "It is ignored: nobody seeks it.")
    # fields, choices
    UNKNOWN_DATATYPE = ("L301", _WARNING, "A datatype is not known.", "The field is a text.")
    UNKNOWN_INPUT = ("L302", _WARNING, "An input type is not known.", "It is ignored.")
    NO_VARIABLE = (
        "L303",
        _WARNING,
        "`show if` and its kin watch something that is no variable.",
        "The rule is ignored.",
    )
    ACTION_CHOICE = (
        "L304",
        _WARNING,
        "A choice sets nothing: there is no `field`.",
        "The button runs the action it names.",
    )
    NO_BLOCK = ("L305", _WARNING, "A choice has a mapping that is no block.", "The choice stands for its label.")
    NOT_MAKO = ("L306", _WARNING, "Python stands between `${` and `}`.", "What is between them is evaluated.")
    # only looked for by ``parley check``
    NO_MANDATORY = ("L401", _ERROR, "No block is mandatory.", "logic.md: such an interview has nothing to do.")
    NO_END = ("L402", _ERROR, "The interview has no end.", "questions.md: it ends with a screen without a button.")
    EMPTY = ("L403", _ERROR, "The interview is empty.", "logic.md: such an interview has nothing to do.")
    NO_MODULE = ("L404", _ERROR, "A module of the package is not there or cannot be read.", "initial.md, `modules`.")
    NOT_INSTALLED = ("L405", _WARNING, "A module is not installed.", "The interview fails where it is imported.")
    FILE_MISSING = ("L406", _WARNING, "A file is not there.", "The interview fails where it is used.")
    UNDEFINED = ("L407", _WARNING, "Nothing defines a name.", "The interview fails where it is used.")
    NO_ACTION = ("L408", _WARNING, "No block answers to an action.", "The link leads nowhere.")
    NO_ID = ("L409", _WARNING, "No block has an id that is named.", "The id is ignored.")
    NEVER_REACHED = ("L410", _WARNING, "A block comes after a final screen.", "It is never reached.")
    NEVER_SHOWN = ("L411", _WARNING, "A question sets nothing and is not mandatory.", "It is never shown.")
    NO_GENERIC = ("L412", _WARNING, "`x` is used without `generic object`.", "It is a variable as any other.")
    NOT_ON_SCREEN = ("L413", _WARNING, "A rule watches a variable of another screen.", "The rule never applies.")
    NEEDS_NETWORK = (
        "L414",
        _WARNING,
        "A module that needs a network is imported.",
        "It is refused unless `author network` is set.",
    )
    CIRCLE = ("L415", _WARNING, "A name needs itself.", "The interview fails where it is used.")
    TEXT_AND_NUMBER = ("L416", _WARNING, "A text is added to a number.", "The interview fails there.")
    NOT_GATHERED = ("L417", _WARNING, "Nothing says how many items a group has.", "The interview fails there.")
    KEPT_FUNCTION = ("L418", _WARNING, "A function is kept as an answer.", "The interview fails there.")
    ENDLESS = ("L419", _WARNING, "A loop has no end.", "The step is ended by its time limit.")
    TAB = ("L420", _WARNING, "A tab indents a line.", "It counts as two spaces.")
    NOT_THERE = ("L421", _WARNING, "Something documented is not there.", "The interview runs without it.")
    BAD_PHRASES = ("L422", _WARNING, "A file of translations cannot be read.", "Its phrases stay untranslated.")
    NO_FONT = (
        "L423",
        _WARNING,
        "No font is here for a script of a document.",
        "Its characters are boxes in PDF files.",
    )

    def __init__(self, code: str, severity: Severity, says: str, source: str) -> None:
        self.code = code
        self.severity = severity
        self.says = says
        self.source = source
