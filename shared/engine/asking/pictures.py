"""The images that a screen names: decorations, icons of choices, ``:name:`` and ``[FILE name]`` in texts.

Rules: docs initial.md ("images", "image sets"), markup.md ("Inserting inline icons").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from shared.contract.screen import Screen
from shared.engine.run import Run

_ICON = re.compile(r":([\w-]+):")
_FILE = re.compile(r"\[FILE\s+([^,\[\]]+)")


def options_of(run: Run, screen: Screen) -> dict[str, object]:
    """``images``: {name: file or address} of the names used here, and ``attributions``: what their makers want said."""
    known = run.interview.images
    if not known:
        return {}
    used = sorted({name for name in _names(screen) if name in known})
    if not used:
        return {}
    attributions = dict.fromkeys(str(known[name]["attribution"]) for name in used if known[name].get("attribution"))
    made: dict[str, object] = {"images": {name: str(known[name]["file"]) for name in used}}
    if attributions:
        made["attributions"] = list(attributions)
    return made


def _names(screen: Screen) -> Iterator[str]:
    decoration = screen.options.get("decoration")
    if isinstance(decoration, str):
        yield decoration.strip()
    for choice in screen.buttons:
        if choice.image:
            yield choice.image
    for field in screen.fields:
        for choice in field.choices or ():
            if choice.image:
                yield choice.image
    for text in _texts(screen):
        if text and ":" in text:
            yield from _ICON.findall(text)
        if text and "[FILE" in text:
            yield from (name.strip() for name in _FILE.findall(text))


def _texts(screen: Screen) -> Iterable[str | None]:
    yield screen.question
    yield screen.subquestion
    yield from screen.parts.values()
    for field in screen.fields:
        yield field.label
        yield field.help
        for choice in field.choices or ():
            yield choice.label
    for button in screen.buttons:
        yield button.label
    for item in screen.help:
        yield item.get("content")
    yield from screen.terms.values()
    yield from screen.auto_terms.values()
