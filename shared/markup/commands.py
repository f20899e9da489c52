"""Values that an open page is told to print (background.md "Updating the screen"): the HTML in them, cleaned."""

from __future__ import annotations

from collections.abc import Mapping


def _clean(html: str) -> str:
    from shared.markup.clean import clean  # noqa: PLC0415  few responses print anything

    return clean(html)


def printable(extra: str | None, value: object) -> object:
    """`value` of a command of kind `extra`: a message, or contents of targets, as the page may print them; any other as it is."""
    if extra == "flash":
        return _clean(value) if isinstance(value, str) else value
    if extra in (None, "backgroundresponse"):
        return _filled(value)
    return value


def _filled(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_one(item) for item in value]
    return _one(value)


def _one(value: object) -> object:
    if isinstance(value, Mapping) and "target" in value and isinstance(value.get("content"), str):
        return {**value, "content": _clean(value["content"])}
    return value
