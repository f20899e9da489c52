"""Sounds and films with their controls: ``audio`` and ``video`` of a question, and of help (modifiers.md).

Not for: what ``[FILE]`` in a text shows (`references`).
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from services.gateway.render.references import package_of, package_url
from services.gateway.render.source import Source
from services.gateway.render.trusted import author_html
from services.gateway.render.view import first, listed


def players(source: Source, *given: Mapping[str, object]) -> tuple[Markup, ...]:
    """One for each file under ``audio``, then ``video``, in the first of `given` that has the key."""
    return tuple(
        _player(name, text, source)
        for name in ("audio", "video")
        for text in listed(first(*(one.get(name) for one in given)))
    )


def _player(name: str, text: str, source: Source) -> Markup:
    if text.lstrip().startswith("["):
        return source.html(text)
    url = package_url(text.strip(), package_of(source.interview))
    return author_html('<{0} controls preload="metadata" class="w-100" src="{1}"></{0}>').format(author_html(name), url)
