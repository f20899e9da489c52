"""The inner names of the reference that mean something here: the running step as ``this_thread``, plain data, keys, filters.

Names and meanings are those that public packages rely on; where a page of the documentation has them, its section is named.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.authoring.context import current_or_none
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.config import get_config
from shared.authoring.functions.internals import internal
from shared.authoring.functions.screen import log
from shared.authoring.functions.users import current_context, get_info
from shared.authoring.memory import ATTACHMENT, note
from shared.authoring.text.simplify import simplified
from shared.markup import to_html


class DAError(Exception):
    """What packages raise for a mistake of their own (``docassemble.base.error``)."""

    def __init__(self, value: object = "", code: int = 501) -> None:
        super().__init__(value)
        self.value = value
        self.error_code = code


# ------------------------------------------------------------------ the running step


class _Question:
    """The block that runs, as ``this_thread.current_question``: the package it is in, and its id."""

    @property
    def package(self) -> str:
        return str(current_context().current_package)

    @property
    def id(self) -> object:
        return current_context().question_id


class _Globals:
    """What ``set_info()`` was told (functions.md, "set_info"), as ``this_thread.global_vars``."""

    def __getattr__(self, name: str) -> object:
        return get_info(name)


class _Thread:
    """``this_thread``: what the reference knows of the request at hand. Settings of packages on it last for the process's step only."""

    global_vars = _Globals()
    current_question = _Question()

    @property
    def evaluation_context(self) -> str | None:
        """``docx`` or ``pdf`` while such a document is made, else None (documents.md)."""
        document = note(ATTACHMENT)
        form = None if document is None else document.get("format")
        return form if form in ("docx", "pdf") else None

    @property
    def current_info(self) -> dict[str, Any]:
        return get_current_info()

    @property
    def current_package(self) -> str:
        return str(current_context().current_package)

    @property
    def language(self) -> str:
        context = current_or_none()
        return "en" if context is None else context.language

    internal = internal


this_thread = _Thread()


def get_current_info() -> dict[str, Any]:
    """Of the request: ``yaml_filename``, ``session``, ``user``, ``url``, ``action``, ``arguments``, ``interface``. Empty outside of one."""
    context = current_or_none()
    if context is None:
        return {}
    user = dict(context.user)
    return {
        "yaml_filename": context.request.get("interview"),
        "session": context.request.get("session"),
        "url": context.request.get("interview_url"),
        "url_root": context.request.get("url_root"),
        "action": context.action,
        "arguments": dict(context.arguments),
        "interface": context.mode,
        "secret": None,
        "user": {
            "is_anonymous": True,
            "is_authenticated": False,
            "theid": user.get("id"),
            "roles": list(user.get("privileges") or ["user"]),
            **user,
        },
    }


# ------------------------------------------------------------------ plain data


def safe_json(value: object, level: int = 0, is_key: bool = False) -> Any:
    """`value` as data that JSON can hold, as ``all_variables()`` gives it; as a key: text."""
    made = simplified(value, level)
    return str(made) if is_key and not isinstance(made, bool | int | float | str) else made


def serializable_dict(variables: Mapping[str, object], include_internal: bool = False) -> dict[str, Any]:
    """The variables of an interview as data that JSON can hold, without names that imports bound (functions.md, "all_variables")."""
    kept = {
        name: value
        for name, value in variables.items()
        if (include_internal or not name.startswith("_")) and not isinstance(value, type) and not callable(value)
    }
    return {name: simplified(value) for name, value in kept.items() if _is_data(value)}


def _is_data(value: object) -> bool:
    return value is None or simplified(value) is not None


def object_name_convert(name: str) -> str:
    """The name of a class as text: ``ALIncome`` or ``al_income.ALIncome`` is ``al income`` or as such a name is read aloud."""
    short = name.rpartition(".")[2]
    words: list[str] = []
    for before, letter in zip(" " + short, short, strict=False):
        if letter.isupper() and before.islower():
            words.append(" ")
        words.append(letter.lower())
    return "".join(words).replace("_", " ").strip()


def markdown_to_html(text: object, trim: bool = False, **_options: object) -> str:
    """HTML of Markdown; with `trim`, a single paragraph without its ``<p>``."""
    made = to_html(str(text)).strip()
    if trim and made.startswith("<p>") and made.endswith("</p>") and made.count("<p>") == 1:
        return made[3:-4]
    return made


# ------------------------------------------------------------------ keys, configuration, log


def _random(letters: str) -> Callable[[int], str]:
    def make(length: int) -> str:
        # Of the step where one runs: a block that runs again after it was interrupted gets the same.
        context = current_or_none()
        choose = secrets.choice if context is None else context.random.choice
        return "".join(choose(letters) for _ in range(length))

    return make


random_string = random_alphanumeric = _random(string.ascii_letters + string.digits)
random_lower_string = _random(string.ascii_lowercase)


class _Configuration(Mapping[str, Any]):
    """``daconfig``: what authors may read of the configuration, as it is in the running step."""

    def __getitem__(self, name: str) -> Any:
        missing = object()
        found = get_config(name, missing)
        if found is missing:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        context = current_or_none()
        return iter(() if context is None else context.config)

    def __len__(self) -> int:
        return sum(1 for _ in self)


daconfig = _Configuration()
#: Whether this is a process of background tasks. Packages ask when they are loaded, which happens before either.
in_celery = False


def logmessage(message: object) -> None:
    """`log()` of the running step. What a module says while it is loaded belongs to no run, and is dropped."""
    if current_or_none() is not None:
        log(message)


def temp_redirect(url: str, expire_seconds: int = 0, do_local: bool = False, one_time: bool = False) -> str:
    """Links that end by themselves need a store of links, which this server does not have."""
    raise NotAvailable("temp_redirect()", "a store of temporary links", "Use the address itself.")


def write_answer_json(session: object, filename: object, data: object, **options: object) -> None:
    """Writes a snapshot of answers into an SQL database."""
    raise NotAvailable(
        "write_answer_json()", "an SQL database for snapshots", "Answer a request with variables_as_json()."
    )


def get_initial_dict() -> dict[str, object]:
    """The variables of a session that has not begun."""
    return {"_internal": {}, "url_args": {}}
