"""`DALazyTemplate`, `DALazyTableTemplate`: templates and tables as variables, which render their block each time they are used.

They hold the name of their block and what ``x``, ``i`` … stood for, so they can be stored with the session and always show the present
values. Rules: docs initial.md ("template", "table"), objects.md ("DALazyTemplate").
"""

from __future__ import annotations

from typing import Any

from shared.authoring.context import current
from shared.authoring.objects.base import DAObject
from shared.markup import to_html


class DALazyTemplate(DAObject):
    """``template: name``. `block_name` and `names` say what to render (see ``datablocks``)."""

    block_name: str
    names: dict[str, object]

    @property
    def subject(self) -> str:
        return self._part("subject")

    @property
    def content(self) -> str:
        return self._part("content")

    def _part(self, part: str) -> str:
        return str(_engine().template_part(self, part))

    def show(self, **values: Any) -> str:
        """The content, as ``${ name }`` gives it; keyword arguments are variables for this once (objects.md, "DALazyTemplate.show")."""
        if not values:
            return self.content
        return str(_engine().template_with(self, values))

    def show_as_markdown(self, **_: object) -> str:
        text = self.content
        return f"#### {self.subject}\n\n{text}" if self.subject else text

    def subject_as_html(self, trim: bool = False, **_: object) -> str:
        return _html(self.subject, trim)

    def content_as_html(self, trim: bool = False, **_: object) -> str:
        return _html(self.content, trim)

    def __str__(self) -> str:
        return self.content

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class DALazyTableTemplate(DALazyTemplate):
    """``table: name``; also exports its rows (docs initial.md, "Exporting tables")."""

    @property
    def subject(self) -> str:
        return ""

    def _part(self, part: str) -> str:
        return str(_engine().table_text(self, editable=True))

    def show(self, editable: bool = True, **_: Any) -> str:
        """The table; without its buttons if not `editable`."""
        return str(_engine().table_text(self, editable=editable))

    def header_and_contents(self) -> tuple[list[str], list[list[object]]]:
        """The header and the rows, as values."""
        header, rows = _engine().table_values(self)
        return header, rows

    def export(self, filename: str | None = None, **options: object) -> object:
        """A file of the table's contents."""
        return _engine().table_file(self, filename, options)


def _engine() -> Any:
    """The engine's context: it alone can render a block (see ``context``)."""
    return current()


def _html(text: str, trim: bool) -> str:
    made = to_html(text).strip()
    if trim and made.startswith("<p>") and made.endswith("</p>") and made.count("<p>") == 1:
        return made[3:-4]
    return made
