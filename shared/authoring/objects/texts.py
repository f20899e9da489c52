"""Texts that are objects: `DATemplate`, `DALink`, `DAContext`. Lazy templates and tables are the engine's.

Source: objects.md, sections of those names.
"""

from __future__ import annotations

from shared.authoring.context import current
from shared.authoring.memory import ATTACHMENT, note
from shared.authoring.objects.base import DAObject
from shared.authoring.objects.dicts import DADict


class DATemplate(DAObject):
    """A subject and a content that do not change (objects.md, "DATemplate")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.content = ""
        self.subject = ""
        super().init(*pargs, **kwargs)

    def show(self, **_options: object) -> str:
        return str(self)

    def show_as_markdown(self, **_options: object) -> str:
        return str(self)

    def content_as_html(self, **_options: object) -> str:
        """The content as HTML."""
        return _html(str(self.content))

    def subject_as_html(self, **_options: object) -> str:
        """The subject as HTML."""
        return _html(str(self.subject))

    def __str__(self) -> str:
        return str(self.content)


class DALink(DAObject):
    """A link: ``url`` and ``anchor_text`` (objects.md, "DALink")."""

    def show(self) -> str:
        return f"[{self.anchor_text}]({self.url})"

    def __str__(self) -> str:
        return self.show()


class DAContext(DADict):
    """Text that differs between screens and documents (objects.md, "DAContext").

    Positional: the text of screens, the text of documents. Keys: question, document, pdf, docx, pandoc.
    """

    def init(self, *pargs: object, **kwargs: object) -> None:
        super().init()
        self.gathered = True
        for key, value in (*zip(("question", "document"), pargs, strict=False), *kwargs.items()):
            self[key] = value

    def __str__(self) -> str:
        document = note(ATTACHMENT)
        if document is None:
            return str(self["question"])
        form = "pandoc" if document.get("format") in {None, "md", "html", "rtf", "pandoc"} else str(document["format"])
        return str(self.elements[form] if form in self.elements else self["document"])


def _html(text: str) -> str:
    from markdown import markdown  # noqa: PLC0415  heavy: 40 ms, and few templates are wanted as HTML

    return markdown(text, extensions=["extra"])


def running_interview() -> str:
    """The name of the interview that is running."""
    return str(current().request.get("interview") or "")
