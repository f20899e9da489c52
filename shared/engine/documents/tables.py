"""Tables: the rows of a group, rendered in Markdown, with links to edit, delete and reorder its items.

Rules: docs initial.md ("table"), groups.md ("Edit an already-gathered list"). The links themselves are the group's
(``item_actions``); files of tables are in ``tablefiles``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.authoring.errors import MISSING
from shared.authoring.objects import DAOrderedDict
from shared.authoring.objects.group import sorted_if_possible
from shared.authoring.objects.lazytexts import DALazyTableTemplate
from shared.authoring.text.words import word
from shared.engine.documents.datablocks import Names
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run
from shared.language.model import Block

#: Characters of the rule below the header, unless the feature ``table width`` says otherwise (docs initial.md).
WIDTH = 65
#: Each column has at least this many of them.
_LEAST = 3


def block_of(run: Run, table: DALazyTableTemplate) -> Block:
    block = run.interview.by_name.get(table.block_name)
    if block is None:
        raise BadAuthorValue(f"The table block {table.block_name} is not in the interview any more.")
    return block


class Rows:
    """The group behind a table and how its items are shown."""

    def __init__(self, run: Run, block: Block) -> None:
        self.run = run
        self.block = block
        options = block.options
        self.group = run.evaluate(block.options["rows"])
        self.show_incomplete = run.truth(options.get("show incomplete"))
        self.require_gathered = run.truth(options.get("require gathered", not self.show_incomplete))

    def __iter__(self) -> Iterator[tuple[object, object]]:
        """(index, item): the position, or the key of a dictionary; filtered and sorted as the author says."""
        pairs = self._pairs()
        options, run = self.block.options, self.run
        if options.get("filter") is not None:
            pairs = [pair for pair in pairs if self._wanted(*pair)]
        if options.get("sort key") is not None:
            key = run.evaluate(options["sort key"])
            keyed = isinstance(getattr(self.group, "elements", self.group), dict)  # a dictionary's items are pairs
            pairs.sort(key=lambda pair: key(pair if keyed else pair[1]), reverse=run.truth(options.get("sort reverse")))
        elif run.truth(options.get("sort reverse")):
            pairs.reverse()
        return iter(pairs)

    def _wanted(self, index: object, item: object) -> bool:
        self.run.namespace["row_item"], self.run.namespace["row_index"] = item, index
        return bool(self.run.evaluate(self.block.options["filter"]))

    def _pairs(self) -> list[tuple[object, object]]:
        group = self.group
        if not hasattr(group, "elements"):
            if isinstance(group, dict):
                return list(group.items())
            if isinstance(group, Iterable):
                return list(enumerate(group))
            raise BadAuthorValue("The rows of a table must be a list, a dictionary or a set.", place=self.block.place)
        if self.require_gathered and not self._underway():
            len(group)  # has it gathered
        elif not self.show_incomplete and hasattr(group, "complete_elements"):
            group = group.complete_elements()
        elements = group.elements
        if isinstance(elements, dict):
            in_order = isinstance(group, DAOrderedDict)
            names = list(elements) if in_order else sorted_if_possible(elements)
            return [(name, elements[name]) for name in names]
        return list(enumerate(elements))

    def _underway(self) -> bool:
        """Whether the group is being gathered right now, so that asking for it again would go round in circles."""
        return bool(getattr(self.group, "_is_being_gathered", bool)())


def markdown(run: Run, table: DALazyTableTemplate, *, editable: bool = True) -> str:
    """The table as Markdown; empty text, or what the author says, where it has no rows."""
    block = block_of(run, table)
    options = block.options
    with Names(run, table.names), Names(run, {"row_item": None, "row_index": None}):
        rows = Rows(run, block)
        actions = editable and has_actions(run, block)
        lines = []
        for index, item in rows:
            cells = _cells(run, block, rows, index, item)
            if actions:
                cells.append(_actions(run, block, rows, index, item))
            lines.append(cells)
        if not lines and "show if empty" in options:
            instead = _instead(run, options["show if empty"])
            if instead is not None:
                return instead
        header = [_flat(run.render(text)) for text in options.get("header", ())]
        if actions:
            header.append(word("Actions"))
        if options.get("footer") and lines:
            lines.append([_flat(run.evaluate(expr)) for expr in options["footer"]])
        return write(header, lines, _width(run))


def _instead(run: Run, value: object) -> str | None:
    shown = run.value(value)
    text = str(shown).strip().lower()
    if shown is False or text == "false":
        return ""
    return None if shown is True or text == "true" else str(shown)


def has_actions(run: Run, block: Block) -> bool:
    options = block.options
    if "is editable" in options and not run.truth(options["is editable"]):
        return False
    edit = options.get("edit")
    editing = bool(edit) if isinstance(edit, tuple) else run.truth(edit)
    return editing or run.truth(options.get("delete buttons")) or run.truth(options.get("allow reordering"))


def _actions(run: Run, block: Block, rows: Rows, index: object, item: object) -> str:
    options = block.options
    edit = options.get("edit")
    attributes = edit if isinstance(edit, tuple) else ()
    editing = bool(edit) if isinstance(edit, tuple) else run.truth(edit)
    shown: str = rows.group.item_actions(
        item,
        index,
        *attributes,
        edit=editing,
        delete=run.truth(options.get("delete buttons", True)),
        reorder=run.truth(options.get("allow reordering")),
        confirm=run.truth(options.get("confirm")),
        ensure_complete=rows.require_gathered,
        read_only_attribute=options.get("read only"),
    )
    return shown


def _cells(run: Run, block: Block, rows: Rows, index: object, item: object) -> list[str]:
    run.namespace["row_item"] = item
    run.namespace["row_index"] = index
    cells = []
    for cell in block.options.get("cells", ()):
        try:
            cells.append(_flat(run.evaluate(cell)))
        except MISSING:
            if not rows.show_incomplete:
                raise
            label = block.options.get("not available label")
            cells.append(run.render(label).strip() if label is not None else word("n/a"))
    return cells


def _flat(value: object) -> str:
    return str(value).replace("\n", " ")


def _width(run: Run) -> int:
    try:
        return int(run.interview.features.get("table width", WIDTH))
    except (TypeError, ValueError):
        return WIDTH


def write(header: list[str], rows: list[list[str]], width: int = WIDTH) -> str:
    """Header, rule and rows; the rule's parts are as wide as the columns' contents, in all at most `width`."""
    count = max([len(header), *(len(row) for row in rows)], default=0)
    lengths = [
        max([len(line[column]) for line in (header, *rows) if column < len(line)] or [0]) for column in range(count)
    ]
    total = sum(lengths) or 1
    scale = min(1.0, width / total)
    rule = ["-" * max(_LEAST, round(length * scale)) for length in lengths]
    lines = (header, rule, *rows)
    return "\n" + "\n".join("|" + "|".join(line) + "|" for line in lines) + "\n\n"


def values(run: Run, table: DALazyTableTemplate) -> tuple[list[str], list[list[object]]]:
    """Header and rows as values, for exports."""
    block = block_of(run, table)
    with Names(run, table.names), Names(run, {"row_item": None, "row_index": None}):
        header = [run.render(text).strip() for text in block.options.get("header", ())]
        rows = []
        for index, item in Rows(run, block):
            run.namespace["row_item"], run.namespace["row_index"] = item, index
            rows.append([run.evaluate(cell) for cell in block.options.get("cells", ())])
    return header, rows


__all__ = ["Rows", "block_of", "has_actions", "markdown", "values", "write"]
