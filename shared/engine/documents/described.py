"""What is known of a document before any file of it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Formats of a document made of text, unless ``valid formats`` says otherwise.
TEXT_FORMATS: Final = ("pdf", "rtf", "docx")
#: Says in a screen that the document comes in all formats of text.
ALL: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One document: `said` is what its screen says of it, `recipe` what it is made of; `existing` is a collection that was made before."""

    said: Mapping[str, Any]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    existing: Any = None
    manual: Mapping[str, Any] = field(default_factory=dict)  #: files that are there already, by format
    access: Mapping[str, Any] = field(default_factory=dict)  #: who may have the files, in the author's words
    raw: tuple[str, bytes, str] | None = None  #: name, content and type of a text that is a file of its own kind
    word: Callable[[], bytes] | None = None  #: fills in the DOCX template, with the variables as they are now

    @property
    def formats(self) -> list[str]:
        """In words of ``valid formats``: those that can be made here, without words that stand for others."""
        stated = self.said.get("offered", self.said["formats"])
        return list(TEXT_FORMATS) if ALL in stated else list(stated)
