"""Sections of the interview: the object that authors know as ``nav``.

It holds nothing itself: where the user is and what was changed lies in the session's memory, so that Back undoes it and
every copy of ``nav`` says the same.

Source: functions.md, "Navigation and progress bar functions"; initial.md, "sections".
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.authoring.context import current
from shared.authoring.memory import NAVIGATION, kept, seen
from shared.authoring.text.urls import url_action
from shared.authoring.text.words import ANY, get_language

_SUBSECTIONS = "subsections"


def section_tree(language: str | None = None) -> list[object]:
    """The sections as the author wrote or set them, for a language, else for every language."""
    context = current()
    own = seen(NAVIGATION, {}).get("sections", {})
    written = context.interview.sections if context.interview is not None else {}
    for name in (language or get_language(), ANY):
        for source in (own, written):
            if source.get(name):
                return list(source[name])
    return []


def flat(tree: Iterable[object] | None) -> Iterator[tuple[str, str, int]]:
    """The sections of a tree in order: key, displayed name, depth (0 or 1)."""
    for item in tree or []:
        if not isinstance(item, Mapping):
            yield str(item), str(item), 0
            continue
        below: Any = item.get(_SUBSECTIONS)
        for key, label in item.items():
            if key == _SUBSECTIONS:
                continue
            if isinstance(label, list):  # "About you: [Contact, …]": the key is the name
                yield str(key), str(key), 0
                below = label
            else:
                yield str(key), str(label), 0
        for sub_key, sub_label, _ in flat(below):
            yield sub_key, sub_label, 1


def current_section() -> str | None:
    """The key of the current section, None before the first."""
    section = seen(NAVIGATION, {}).get("section")
    return None if section is None else str(section)


def enter_section(key: str) -> None:
    """Make `key` the current section and remember that the user was there. A no-op if it is current."""
    memory = seen(NAVIGATION, {})
    if memory.get("section") == key and key in memory.get("visited", ()):
        return
    memory = kept(NAVIGATION)
    memory["section"] = key
    visited = memory.setdefault("visited", [])
    if key not in visited:
        visited.append(key)


class DANav:
    """The author's handle on sections and the navigation bar."""

    def get_section(self, display: bool = False, language: str | None = None) -> str | None:
        """The current section: its key, or with `display` its name."""
        key = current_section()
        if not display or key is None:
            return key
        return next((label for name, label, _ in flat(section_tree(language)) if name == key), key)

    def set_section(self, section: str) -> bool:
        """Make `section` (a key) the current one; whether that changed anything."""
        before = current_section()
        enter_section(str(section))
        return before != str(section)

    def get_sections(self, language: str | None = None) -> list[object]:
        """The sections, in the structure of the ``sections`` block; a copy, to be changed and set again."""
        return copy.deepcopy(section_tree(language))

    def set_sections(self, sections: list[object] | None, language: str | None = None) -> None:
        """Use these sections, in the structure of the ``sections`` block."""
        if not isinstance(sections, list):
            raise TypeError(f"nav.set_sections() expects a list, not {sections!r}")
        kept(NAVIGATION).setdefault("sections", {})[language or ANY] = copy.deepcopy(sections)

    def section_ids(self, language: str | None = None) -> list[str]:
        """The keys of all sections and subsections, in order."""
        return [key for key, _, _ in flat(section_tree(language))]

    def visited(self) -> list[str]:
        """The keys of the sections where the user has been."""
        return list(seen(NAVIGATION, {}).get("visited", ()))

    def show_sections(self, style: str | None = "inline", show_links: bool | None = None) -> str:
        """The sections as a Markdown list, the current one in bold; with links to those that were visited, if asked for."""
        here = current_section()
        been = set(self.visited())
        lines = []
        for key, label, depth in flat(section_tree()):
            text = f"**{label}**" if key == here else label
            if show_links and key in been and key != here:
                text = f"[{label}]({url_action(key)})"
            lines.append(f"{'    ' * depth}* {text}")
        return "\n".join(lines) + "\n" if lines else ""

    def hide(self) -> None:
        """Do not show the navigation bar."""
        kept(NAVIGATION)["hidden"] = True

    def unhide(self) -> None:
        """Show the navigation bar again."""
        kept(NAVIGATION)["hidden"] = False

    def hidden(self) -> bool:
        """Whether the bar was hidden, or there are no sections."""
        return not self.visible()

    def visible(self, language: str | None = None) -> bool:
        """Whether there are sections and the bar was not hidden."""
        return bool(section_tree(language)) and not seen(NAVIGATION, {}).get("hidden", False)

    def disable(self) -> None:
        """Make the links of the bar do nothing."""
        kept(NAVIGATION)["disabled"] = True

    def enable(self) -> None:
        """Make the links of the bar work again."""
        kept(NAVIGATION)["disabled"] = False

    def enabled(self) -> bool:
        """Whether the links of the bar work."""
        return not seen(NAVIGATION, {}).get("disabled", False)

    def as_serializable(self) -> dict[str, object]:
        return {"section": current_section(), "visited": self.visited()}

    def __str__(self) -> str:
        return self.show_sections()


#: The one object there is to be: it has no state.
nav = DANav()
