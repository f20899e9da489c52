"""Tables: the rows of a group, rendered in Markdown, with links to edit, delete and reorder its items.

Rules: docs initial.md ("table"), groups.md ("Editing an already-gathered list").
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.authoring.functions.words import word
from shared.engine.datablocks import Names
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run
from shared.engine.templates import LazyTable
from shared.language.model import Block

#: The columns of the rule below the header are at least this wide, so that Markdown takes it for a table.
_RULE = 5


def block_of(run: Run, table: LazyTable) -> Block:
    block = run.interview.by_name.get(table.block_name)
    if block is None:
        raise BadAuthorValue(f"The table block {table.block_name} is not in the interview any more.")
    return block


def rows_of(run: Run, block: Block) -> list[tuple[Any, Any]]:
    """(index, item) of each row: the position, or the key of a dictionary."""
    group = run.evaluate(block.options["rows"])
    elements = getattr(group, "elements", group)
    if isinstance(elements, dict):
        items = group.items() if hasattr(group, "items") else elements.items()
        return list(items)
    if isinstance(group, Iterable):
        return list(enumerate(group))
    raise BadAuthorValue("The rows of a table must be a list, a dictionary or a set.", place=block.place)


def markdown(run: Run, table: LazyTable) -> str:
    """The table as Markdown; empty text where ``show if empty`` hides it."""
    block = block_of(run, table)
    options = block.options
    with Names(run, table.names), Names(run, {"row_item": None, "row_index": None}):
        rows = [_cells(run, block, index, item) for index, item in rows_of(run, block)]
        if not rows and "show if empty" in options:
            shown = run.value(options["show if empty"])
            if shown is False or (isinstance(shown, str) and shown.strip().lower() == "false"):
                return "\n"
            if isinstance(shown, str) and shown.strip().lower() != "true":
                return shown
        header = [run.render(text) for text in options.get("header", ())]
        return _write(header, rows)


def _cells(run: Run, block: Block, index: Any, item: Any) -> list[str]:
    run.namespace["row_item"] = item
    run.namespace["row_index"] = index
    return [_flat(run.evaluate(cell)) for cell in block.options.get("cells", ())]


def _flat(value: Any) -> str:
    return str(value).replace("\n", " ").strip()


def _write(header: list[str], rows: list[list[str]]) -> str:
    heads = [_flat(text) for text in header]
    count = max([len(heads), *(len(row) for row in rows)], default=0)
    widths = [
        max(_RULE, len(heads[column]) if column < len(heads) else 0, *(len(row[column]) for row in rows), _RULE)
        for column in range(count)
    ]
    lines = [" | ".join(heads), " | ".join("-" * width for width in widths)]
    lines.extend(" | ".join(row) for row in rows)
    return "\n" + "\n".join(f"|{line}|" if count == 1 else line for line in lines) + "\n\n"


def values(run: Run, table: LazyTable) -> tuple[list[str], list[list[Any]]]:
    """Header and rows as values, for exports."""
    block = block_of(run, table)
    with Names(run, table.names), Names(run, {"row_item": None, "row_index": None}):
        header = [run.render(text) for text in block.options.get("header", ())]
        rows = []
        for index, item in rows_of(run, block):
            run.namespace["row_item"], run.namespace["row_index"] = item, index
            rows.append([run.evaluate(cell) for cell in block.options.get("cells", ())])
    return header, rows


def export(run: Run, table: LazyTable, filename: str | None, options: dict[str, Any]) -> Any:
    """A comma-separated file of the table."""
    import csv
    import io

    from shared.engine import uploads

    header, rows = values(run, table)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    name = filename or str(options.get("title") or word("file"))
    if "." not in name:
        name += ".csv"
    number = run.context.files.write(filename=name, mimetype="text/csv", content=out.getvalue().encode())
    return uploads.one_file(run, f"{table.instanceName}_export", number)
