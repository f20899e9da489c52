"""The language of a page that no interview has a say in: the browser's, of those that we speak."""

from __future__ import annotations

from functools import lru_cache

from flask import g, has_request_context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from services.gateway.http.current import asked
from shared.catalogue.catalogues import SOURCE, best, translated

#: Browsers send less; what is longer is not remembered.
_USUAL = 200
#: That a request may ask for.
_MOST = 10


def accepted() -> tuple[str, ...]:
    """The languages that the browser asks for, most wanted first."""
    header = asked().headers.get("Accept-Language", "")
    return _read(header) if len(header) <= _USUAL else _read.__wrapped__(header)


@lru_cache(maxsize=1024)
def _read(header: str) -> tuple[str, ...]:
    return tuple(code for code, _ in parse_accept_header(header, LanguageAccept))[:_MOST]


def page_language() -> str:
    """That of the screen the request is about, where one was read (`speak`); else the browser's."""
    if not has_request_context():
        return SOURCE
    if "language" not in g:
        g.language = best(accepted())
    return str(g.language)


def speak(language: str) -> None:
    """What is said for the rest of this request is said in `language`."""
    g.language = language


def say(text: str, *values: object) -> str:
    """A text of ours (in English) in the language of the page, with `values` filled in."""
    spoken = translated(text, page_language())
    return spoken.format(*values) if values else spoken
