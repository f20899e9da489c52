"""The documented keys of blocks, fields and their parts; nothing else decides what is a misspelling.

Datatypes and input types are in ``shared.contract.datatypes``.

Sources: docs pages questions, fields, modifiers, initial, logic, groups, documents, code, background, special.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from shared.contract.datatypes import NOTES

#: Keys that make a block what it is. One of them per block, apart from the pairs in `TOGETHER`.
MAKERS = (
    "question",
    "code",
    "objects",
    "objects from file",
    "template",
    "table",
    "attachment",
    "attachments",
    "data",
    "data from code",
    "imports",
    "modules",
    "def",
    "reset",
    "order",
    "on change",
    "metadata",
    "features",
    "sections",
    "terms",
    "auto terms",
    "interview help",
    "image sets",
    "images",
    "include",
    "default language",
    "default role",
    "default screen parts",
    "default validation messages",
    "translations",
    "machine learning storage",
    "attachment options",
)

#: Of these, a block has at most one.
SEEKABLE = ("question", "code", "objects", "objects from file", "template", "table", "data", "data from code")

#: What a block may have besides a maker.
MODIFIERS = frozenset(
    {
        "mandatory",
        "initial",
        "id",
        "need",
        "depends on",
        "undefine",
        "reconsider",
        "if",
        "sets",
        "only sets",
        "scan for variables",
        "event",
        "background",
        "generic object",
        "generic list object",
        "language",
        "role",
        "supersedes",
        "comment",
        "usedefs",
        "mako",
        "variable name",
        "use objects",
        "gathered",
        "content",
        "content file",
        "subject",
        "target",
        "rows",
        "columns",
        "edit",
        "edit header",
        "delete buttons",
        "delete header",
        "allow reordering",
        "confirm",
        "read only",
        "is editable",
        "not available label",
        "show if empty",
        "show incomplete",
        "require gathered",
        "sort key",
        "sort reverse",
        "filter",
        "footer",
        "progressive",
        "auto open",
    }
)

#: How a question takes its answer. One per question.
ANSWERS = (
    "fields",
    "choices",
    "buttons",
    "dropdown",
    "combobox",
    "yesno",
    "noyes",
    "yesnomaybe",
    "noyesmaybe",
    "signature",
    "review",
)

QUESTION_TEXTS = frozenset(
    {
        "under",
        "right",
        "pre",
        "post",
        "submit",
        "css",
        "script",
        "css class",
        "table css class",
        "continue button label",
        "continue button color",
        "back button label",
        "back button color",
        "corner back button label",
        "resume button label",
        "resume button color",
        "help button color",
        "help label",
        "exit label",
        "exit link",
        "exit url",
        "title",
        "short title",
        "tab title",
        "subtitle",
        "title url",
        "logo",
        "short logo",
        "navigation bar html",
        "footer",
        "breadcrumb",
    }
)

QUESTION_FLAGS = frozenset(
    {
        "prevent going back",
        "back button",
        "skip undefined",
        "always include editable files",
        "include attachment notice",
        "include download tab",
        "manual attachment list",
        "describe file types",
        "required",
    }
)

QUESTION_OTHERS = frozenset(
    {
        "question",
        "subquestion",
        "field",
        "continue button field",
        "attachment",
        "attachments",
        "attachment code",
        "validation code",
        "reload",
        "check in",
        "help",
        "terms",
        "auto terms",
        "action buttons",
        "allow emailing",
        "allow downloading",
        "zip filename",
        "email template",
        "email subject",
        "email body",
        "email address default",
        "decoration",
        "audio",
        "video",
        "progress",
        "section",
        "list collect",
        "hide continue button",
        "disable continue button",
        "question metadata",
        "ga id",
        "segment id",
        "segment",
        "allowed to set",
        "tabular",
        "pen color",
        "datatype",
        "default",
        "none of the above",
        "shuffle",
        "tags",
        "disable others",
        "type",
        "interview help",
        "validate",
        "validation messages",
        "css class",
    }
)

BLOCK_KEYS = frozenset(MAKERS) | MODIFIERS | frozenset(ANSWERS) | QUESTION_TEXTS | QUESTION_FLAGS | QUESTION_OTHERS

#: Keys of an item of ``fields`` that are texts with Mako.
FIELD_TEXTS = frozenset(
    {"hint", "help", "under text", "css class", "file css class", "currency symbol", "inline width", "placeholder"}
)
#: … that are true, false or an expression.
FIELD_FLAGS = frozenset(
    {"disabled", "label above field", "floating label", "persistent", "private", "keep for training"}
)
#: … that are expressions.
FIELD_EXPRS = frozenset({"accept", "help generator", "image generator"})
#: … that are any value, with Mako in its texts.
FIELD_VALUES = frozenset(
    {
        "min",
        "max",
        "minlength",
        "maxlength",
        "step",
        "scale",
        "rows",
        "maximum image size",
        "image upload type",
        "field metadata",
        "action",
        "trigger at",
        "using",
        "extras",
        "sort",
    }
)
SHOW_IFS = (
    "show if",
    "hide if",
    "enable if",
    "disable if",
    "js show if",
    "js hide if",
    "js enable if",
    "js disable if",
)

FIELD_OTHERS = frozenset(
    {
        "label",
        "field",
        "datatype",
        "input type",
        "required",
        "default",
        "choices",
        "code",
        "exclude",
        "none of the above",
        "all of the above",
        "shuffle",
        "object labeler",
        "validate",
        "validation messages",
        "disable others",
        "uncheck others",
        "check others",
        "address autocomplete",
        "grid",
        "item grid",
        "allow users",
        "allow privileges",
        "comment",
        "no label",
    }
)

FIELD_KEYS = (
    FIELD_TEXTS | FIELD_FLAGS | FIELD_EXPRS | FIELD_VALUES | FIELD_OTHERS | frozenset(NOTES) | frozenset(SHOW_IFS)
) - {"no label"}

CHOICE_KEYS = frozenset(
    {"label", "value", "default", "help", "image", "color", "css class", "show if", "key", "group", "url"}
)

#: Words that a button may have as its value when the question sets no variable.
COMMANDS = frozenset(
    {"restart", "exit", "leave", "logout", "exit_logout", "new_session", "refresh", "continue", "signin", "register"}
)

REVIEW_KEYS = frozenset(
    {
        "label",
        "field",
        "fields",
        "button",
        "help",
        "note",
        "html",
        "raw html",
        "show if",
        "css class",
        "action",
        "comment",
    }
)


def near_miss(key: str, known: Iterable[str]) -> str | None:
    """The known key that `key` is likely a misspelling of; a plural or another ending is not."""
    best, score = None, 0.8
    key = key.lower()
    for candidate in known:
        if candidate == key:
            return candidate
        ratio = SequenceMatcher(None, key, candidate).ratio()
        if ratio > score and not key.startswith(candidate) and not candidate.startswith(key):
            best, score = candidate, ratio
    return best
