"""The language of a page that no interview has a say in: the browser's, of those that we speak."""

from __future__ import annotations

from flask import g, has_request_context, request

from shared.catalogue.catalogues import SOURCE, best, translated


def page_language() -> str:
    """That of the screen the request is about, where one was read (`speak`); else the browser's."""
    if not has_request_context():
        return SOURCE
    if "language" not in g:
        g.language = best(code for code, _ in request.accept_languages)
    return str(g.language)


def speak(language: str) -> None:
    """What is said for the rest of this request is said in `language`."""
    g.language = language


def say(text: str, *values: object) -> str:
    """A text of ours (in English) in the language of the page, with `values` filled in."""
    spoken = translated(text, page_language())
    return spoken.format(*values) if values else spoken
