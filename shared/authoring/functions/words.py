"""The current language, translations of single phrases, and which language a language function speaks.

Every function that differs by language is a table of implementations: ``update_language_function('es', 'possessify', f)``
adds one, and a call picks the one of the current language, else ``'*'``. The tables belong to the process and are
filled when modules are imported, as the documentation of language functions requires. Not for grammar itself: the
English implementations are in the modules named after their subject.

Source: functions.md, "Simple translation of words" and "Language-specific functions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.authoring.context import current, current_or_none
from shared.authoring.memory import VOICE, note

DEFAULT_LANGUAGE = "en"
ANY = "*"

_phrases: dict[str, dict[str, str]] = {}
_functions: dict[str, dict[str, Callable[..., Any]]] = {}


def get_language() -> str:
    """The current language, lower case ISO-639-1 or -3."""
    context = current_or_none()
    return DEFAULT_LANGUAGE if context is None else context.language


def set_language(language: str, dialect: str | None = None, voice: str | None = None) -> None:
    """Speak `language` for the rest of this step. `dialect` and `voice` are for the speech engine only."""
    context = current()
    if not isinstance(language, str) or not language.strip():
        raise ValueError(f"set_language() expects a language code such as 'en', not {language!r}")
    context.language = language
    context.step[VOICE] = {"dialect": dialect, "voice": voice}


def get_dialect() -> str | None:
    """The dialect that `set_language` was given in this step."""
    return note(VOICE, {}).get("dialect")


def get_voice() -> str | None:
    """The voice that `set_language` was given in this step."""
    return note(VOICE, {}).get("voice")


def word(phrase: Any, *, language: str | None = None, capitalize: bool = False) -> str:
    """`phrase` in the current language if its translation is known, else `phrase` itself."""
    text = str(phrase)
    table = _phrases.get(language or get_language())
    if table is not None:
        text = table.get(text, text)
    return text[:1].upper() + text[1:] if capitalize else text


def update_word_collection(language: str, phrases: Mapping[str, str]) -> None:
    """Add translations into `language`: a mapping from phrase to translation."""
    _phrases.setdefault(language, {}).update((str(key), str(value)) for key, value in phrases.items())


def update_language_function(language: str, name: str, function: Callable[..., Any]) -> None:
    """Use `function` as the language function `name` when the language is `language` (``'*'``: any other)."""
    if not callable(function):
        raise TypeError(f"update_language_function({language!r}, {name!r}, …) expects a function, not {function!r}")
    _functions.setdefault(name, {})[language] = function


def language_function_constructor(name: str) -> Callable[..., Any]:
    """A function that calls the implementation of `name` for ``language=`` or the current language.

    All arguments are handed on, ``language`` among them, so implementations take ``**kwargs``.
    """
    table = _functions.setdefault(name, {})

    def speak(*args: Any, **kwargs: Any) -> Any:
        language = kwargs.get("language") or get_language()
        function = table.get(language) or table.get(ANY)
        if function is None:
            raise ValueError(
                f"{name}() has no implementation for the language {language!r}; add one with "
                f"update_language_function('*', {name!r}, …)"
            )
        return function(*args, **kwargs)

    speak.__name__ = speak.__qualname__ = name
    return speak


def language_function(default: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: `default` is the ``'*'`` implementation of the language function of its name."""
    update_language_function(ANY, default.__name__, default)
    speak = language_function_constructor(default.__name__)
    speak.__doc__ = default.__doc__
    speak.__module__ = default.__module__
    return speak


def upper_first(text: str) -> str:
    """`text` with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]


def finished(text: str, options: Mapping[str, Any]) -> str:
    """`text`, capitalized if the caller of a language function said ``capitalize=True``."""
    return upper_first(text) if options.get("capitalize") else text
