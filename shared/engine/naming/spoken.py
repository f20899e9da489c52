"""The texts of an interview in the language that is spoken, from its files of translated phrases (initial.md "Translation files").

Every text of an author's passes here on its way to be rendered. One without a translation is spoken as it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.engine.naming.plan import Plan
from shared.language import phrases
from shared.language.mako_nodes import BadTemplate
from shared.language.text import compile_text

#: Translated texts that one process keeps compiled.
_KEPT = 5000


def learn(plan: Plan, find: Callable[[str], tuple[str, bytes]]) -> phrases.Phrases:
    """The phrases of the interview, read once: `find` gives the name and content of a file."""
    if plan.phrases is None:
        plan.phrases = phrases.read_all(plan.interview.translations, find)
    return plan.phrases


def spoken(plan: Plan, text: Any, language: str, find: Callable[[str], tuple[str, bytes]]) -> Any:
    """`text` (a string, or a text of Mako) in `language`."""
    known = learn(plan, find).get(language)
    if not known:
        return text
    source = text if isinstance(text, str) else str(text.source)
    said = known.get(phrases.key(source))
    if said is None or isinstance(text, str):
        return text if said is None else said
    kept = language, source
    made = plan.said.get(kept)
    if made is None:
        try:
            made = compile_text(said, text.place)
        except BadTemplate:  # `parley check` says it
            made = text
        if len(plan.said) < _KEPT:
            plan.said[kept] = made
    return made
