"""Buttons by which users add, edit, delete and move items of a gathered group.

The buttons are links to the engine's own actions: ``_da_list_add``, ``_da_list_edit``, ``_da_list_remove``,
``_da_list_reorder``, ``_da_list_ensure_complete`` and the same with ``dict``. What those do is the engine's;
dropping a pending change is ``Group.cancel_add_or_edit()``.
Source: objects.md, "add_action" and "item_actions"; groups.md, "Edit an already-gathered list".
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from shared.authoring.context import current_or_none
from shared.authoring.objects.base import DAObject
from shared.authoring.text.language import word
from shared.authoring.text.urls import url_action
from shared.catalogue.catalogues import N_

#: Bootstrap colours of the buttons, unless ``button colors`` of the configuration says otherwise.
_COLORS = {"add": "secondary", "edit": "secondary", "delete": "danger", "reorder": "info", "undelete": "success"}
_SIZES = ("sm", "md", "lg")


class Editing:
    """The buttons of a group. `_kind` is how the engine's actions call it."""

    _kind = "list"
    instanceName: str
    elements: Any
    minimum_number: Any
    complete_attribute: object

    def add_action(
        self,
        label: str | None = None,
        message: str | None = None,
        url_only: bool = False,
        icon: str = "plus-circle",
        color: str | None = None,
        size: str = "sm",
        block: bool | None = None,
        classname: str | None = None,
        id_tag: str | None = None,
        **_options: object,
    ) -> str:
        """HTML of a button that adds an item, or its address (objects.md, "add_action"). `message` is an older name of `label`."""
        url = url_action(f"_da_{self._kind}_add", **{self._kind: self.instanceName})
        if url_only:
            return url
        text = label or message
        if text is None:
            text = N_("Add another") if self.elements else N_("Add an item")
        return self._add_action_button(
            url,
            word(text),
            icon,
            color or _color("add"),
            size if size in _SIZES else "sm",
            bool(block),
            classname or "",
            id_tag or "",
        )

    def _add_action_button(
        self, url: str, text: str, icon: str, color: str, size: str, block: bool, classname: str, id_tag: str
    ) -> str:
        """The HTML of the add button: for subclasses that want another."""
        classes = f"btn btn-{size}{' w-100' if block else ''} btn-{color} btn-darevisit {classname}".strip()
        identity = f' id="{escape(id_tag)}"' if id_tag else ""
        return f'<a href="{url}"{identity} class="{classes}">{_icon(icon)} {text}</a>'

    def item_actions(
        self,
        *pargs: object,
        edit: bool = True,
        delete: bool = True,
        reorder: bool = False,
        ensure_complete: bool = True,
        confirm: bool = False,
        edit_url_only: bool = False,
        delete_url_only: bool = False,
        reorder_url_only: bool = False,
        read_only_attribute: str | None = None,
        **_options: object,
    ) -> str:
        """HTML of the buttons of one item (objects.md, "item_actions").

        Positional: the item, its index or key, then the attributes to be edited. `read_only_attribute` names the
        attribute by which an item forbids editing or deletion (groups.md, "read only").
        """
        item, key, *attributes = pargs
        may_edit, may_delete = _permitted(item, read_only_attribute)
        minimum = self.minimum_number
        if minimum is not None and len(self.elements) <= int(minimum):
            may_delete = False
        edit_url = self._edit_url(item, key, attributes, ensure_complete)
        delete_url = url_action(f"_da_{self._kind}_remove", **{self._kind: self.instanceName, "item": repr(key)})
        if edit_url_only:
            return edit_url
        if delete_url_only:
            return delete_url
        output = self._reorder_buttons(key) if reorder else ""
        if edit and may_edit:
            output += self._edit_button(edit_url) + " "
        if delete and may_delete:
            output += self._delete_button(delete_url, confirm)
        return output

    def _edit_url(self, item: object, key: object, attributes: list[object], ensure_complete: bool) -> str:
        name = item.instanceName if isinstance(item, DAObject) else f"{self.instanceName}[{key!r}]"
        steps: list[dict[str, object]] = []
        if self._kind == "dict" and self.complete_attribute == "complete":
            steps.append({"action": "_da_undefine", "arguments": {"variables": [f"{name}.complete"]}})
        targets = [f"{name}{'' if str(a).startswith('[') else '.'}{a}" for a in attributes] or [name]
        steps.append({"follow up": targets})
        if ensure_complete:
            steps.append({"action": f"_da_{self._kind}_ensure_complete", "arguments": {"group": self.instanceName}})
        return url_action(f"_da_{self._kind}_edit", items=steps)

    def _edit_button(self, url: str) -> str:
        """The HTML of an edit button: for subclasses that want another."""
        return _button(url, _color("edit"), "pencil-alt", word("Edit"))

    def _delete_button(self, url: str, confirm: bool = False) -> str:
        """The HTML of a delete button: for subclasses that want another."""
        question = word("Are you sure you want to delete this item?") if confirm else None
        return _button(url, _color("delete"), "trash", word("Delete"), confirm=question)

    def _reorder_buttons(self, key: object) -> str:
        """The HTML of the buttons that move an item up and down, where there is a way: for subclasses that want others."""
        buttons = ""
        ends = {-1: 0, 1: len(self.elements) - 1}
        for by, icon, text in ((-1, "arrow-up", N_("Move up")), (1, "arrow-down", N_("Move down"))):
            if key == ends[by]:
                continue
            url = url_action(
                f"_da_{self._kind}_reorder", **{self._kind: self.instanceName, "item": repr(key), "by": by}
            )
            hidden = f'<span class="visually-hidden">{word(text)}</span>'
            buttons += (
                f'<a href="{url}" role="button" class="btn btn-sm btn-{_color("reorder")} btn-darevisit '
                f'{"datableup" if by < 0 else "databledown"}">{_icon(icon)}{hidden}</a> '
            )
        return buttons


def _permitted(item: object, attribute: str | None) -> tuple[bool, bool]:
    """Whether the item lets itself be edited and deleted: its attribute is a yes/no, or a dict of both."""
    if not attribute:
        return True, True
    value = getattr(item, attribute, None)
    settings = getattr(value, "elements", value)
    if isinstance(settings, Mapping):
        return bool(settings.get("edit", True)), bool(settings.get("delete", True))
    return (not value, not value)


def _button(url: str, color: str, icon: str, text: str, *, confirm: str | None = None) -> str:
    question = f' data-confirm="{escape(confirm)}"' if confirm else ""
    return (
        f'<a href="{url}" role="button" class="btn btn-sm btn-{color} btn-darevisit"{question}>'
        f'<span class="text-nowrap">{_icon(icon)} {text}</span></a>'
    )


def _icon(name: str) -> str:
    """An icon of Font Awesome; a name with a blank already says its style ("far fa-plus-circle")."""
    if not name:
        return ""
    classes = name if " " in name else f"fa-solid fa-{name.removeprefix('fa-')}"
    return f'<i class="{escape(classes)}"></i>'


def _color(use: str) -> str:
    context = current_or_none()
    configured = context.config.get("button colors", {}) if context is not None else {}
    return str(configured.get(use, _COLORS[use]))
