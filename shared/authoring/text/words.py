"""The current language, translations of single phrases, and which language a language function speaks.

Every function that differs by language is a table of implementations: ``update_language_function('es', 'possessify', f)``
adds one, and a call picks the one of the current language, else ``'*'``. The tables belong to the process and are
filled when modules are imported, as the documentation of language functions requires. Not for grammar itself: the
English implementations are in the modules named after their subject.

Source: functions.md, "Simple translation of words" and "Language-specific functions".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from shared.authoring.context import current, current_or_none
from shared.authoring.memory import VOICE, note
from shared.catalogue import catalogues

DEFAULT_LANGUAGE = "en"
ANY = "*"

_phrases: dict[str, dict[str, str]] = {}
_functions: dict[str, dict[str, Callable[..., object]]] = {}

#: What a language function gives: a text, in most cases.
_Said = TypeVar("_Said")


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
    return _voice("dialect")


def get_voice() -> str | None:
    """The voice that `set_language` was given in this step."""
    return _voice("voice")


def _voice(part: str) -> str | None:
    given = note(VOICE, {}).get(part)
    return None if given is None else str(given)


def chosen_language(options: Mapping[str, object]) -> str:
    """The ``language`` among the options of a language function, else the current one."""
    return str(options.get("language") or get_language())


def word(phrase: object, *, language: str | None = None, capitalize: bool = False) -> str:
    """`phrase` in the current language: as `update_word_collection` has it, else as the product says it, else `phrase` itself."""
    text = str(phrase)
    spoken = language or get_language()
    own = _phrases.get(spoken)
    found = own.get(text) if own is not None else None
    if found is None:
        found = text if spoken == DEFAULT_LANGUAGE else catalogues.translated(text, spoken)
    return found[:1].upper() + found[1:] if capitalize else found


def counted(number: float, one: str, many: str) -> str:
    """`one` or `many` as the current language says them of `number` things. An author's ``word()`` of `many` comes first."""
    spoken = get_language()
    return _phrases.get(spoken, {}).get(many) or catalogues.counted(number, one, many, spoken)


def replaced(texts: Collection[str], language: str) -> dict[str, str]:
    """Those of the product's `texts` for which the author (or the operator) has words of their own in `language`."""
    own = _phrases.get(language)
    return {} if not own else {text: own[text] for text in texts if text in own}


def update_word_collection(language: str, phrases: Mapping[str, str]) -> None:
    """Add translations into `language`: a mapping from phrase to translation."""
    _phrases.setdefault(language, {}).update((str(key), str(value)) for key, value in phrases.items())


def update_language_function(language: str, name: str, function: Callable[..., object]) -> None:
    """Use `function` as the language function `name` when the language is `language` (``'*'``: any other)."""
    if not callable(function):
        raise TypeError(f"update_language_function({language!r}, {name!r}, …) expects a function, not {function!r}")
    _functions.setdefault(name, {})[language] = function


def language_function_constructor(name: str) -> Callable[..., Any]:
    """A function that calls the implementation of `name` for ``language=`` or the current language.

    All arguments are handed on, ``language`` among them, so implementations take ``**kwargs``.
    """
    table = _functions.setdefault(name, {})

    def speak(*args: object, **kwargs: object) -> object:
        language = chosen_language(kwargs)
        function = table.get(language) or table.get(ANY)
        if function is None:
            raise ValueError(
                f"{name}() has no implementation for the language {language!r}; add one with "
                f"update_language_function('*', {name!r}, …)"
            )
        return function(*args, **kwargs)

    speak.__name__ = speak.__qualname__ = name
    return speak


def language_function(default: Callable[..., _Said]) -> Callable[..., _Said]:
    """Decorator: `default` is the ``'*'`` implementation of the language function of its name."""
    update_language_function(ANY, default.__name__, default)
    speak: Callable[..., _Said] = language_function_constructor(default.__name__)
    speak.__doc__ = default.__doc__
    speak.__module__ = default.__module__
    return speak


def upper_first(text: str) -> str:
    """`text` with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]


def finished(text: str, options: Mapping[str, object]) -> str:
    """`text`, capitalized if the caller of a language function said ``capitalize=True``."""
    return upper_first(text) if options.get("capitalize") else text
