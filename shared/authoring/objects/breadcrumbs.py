"""`DABreadCrumbs`: where the user is when an action was started within an action (objects.md, "DABreadCrumbs").

It stores nothing: the engine notes in ``Context.step[CRUMBS]`` the breadcrumb names of the questions of the running
actions, outermost first, the current question last.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from shared.authoring import memory
from shared.authoring.objects.base import DAObject
from shared.authoring.text.language import word

#: Key of ``Context.step``: a list of texts.
CRUMBS = "breadcrumbs"


class DABreadCrumbs(DAObject):
    """Shows the trail of actions."""

    def get_crumbs(self) -> list[dict[str, Any]]:
        """The questions that led here, each ``{"breadcrumb": name}``; empty if the question is not the result of an action."""
        return [{"breadcrumb": str(name)} for name in memory.note(CRUMBS, ())]

    def show(self) -> str:
        """HTML of the trail; empty if there is none."""
        crumbs = self.get_crumbs()
        if len(crumbs) < 2:
            return ""
        last = len(crumbs) - 1
        return self.container(self.inner(crumb["breadcrumb"], index == last) for index, crumb in enumerate(crumbs))

    def container(self, items: Iterable[str]) -> str:
        """The HTML around the items: for subclasses that want another."""
        label = escape(word("breadcrumb"))
        return (
            f'<nav class="da-breadcrumb mt-2" aria-label="{label}"><ol class="breadcrumb">{"".join(items)}</ol></nav>\n'
        )

    def inner(self, label: str, active: bool) -> str:
        """The HTML of one item: for subclasses that want another. `active`: it is the current question."""
        state = ' active" aria-current="page' if active else ""
        return f'<li class="da-breadcrumb-item breadcrumb-item{state}">{escape(label)}</li>'

    def __str__(self) -> str:
        return self.show()
