"""Files of tables: ``table.export()``.

Rules: docs initial.md ("Exporting tables to Excel and other formats").
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping

from shared.authoring.objects.lazytexts import DALazyTableTemplate
from shared.engine.documents import spreadsheet, tables, uploads
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run

_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(run: Run, table: DALazyTableTemplate, filename: str | None, options: Mapping[str, object]) -> object:
    """A DAFile of the table: xlsx, csv or json, by the ending of `filename` or by ``file_format``."""
    stated = options.get("file_format")
    ending = str(stated or (filename.rpartition(".")[2] if filename and "." in filename else "xlsx")).lower()
    if ending not in _TYPES:
        raise BadAuthorValue(f"A table cannot be exported as {ending!r}; use xlsx, csv or json.")
    header, rows = tables.values(run, table)
    title = str(options.get("title") or "Sheet1")
    freeze = bool(options.get("freeze_panes", True))
    name = filename or "file"
    if not name.lower().endswith("." + ending):
        name += "." + ending

    def make() -> int:
        content = _WRITERS[ending](header, rows, title, freeze)
        return int(run.context.files.write(filename=name, mimetype=_TYPES[ending], content=content))

    number = run.context.once("table_file", (name, title, freeze, header, rows), make)
    return uploads.one_file(run, f"{table.instanceName}_export", number)


def _csv(header: list[str], rows: list[list[object]], title: str, freeze: bool) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def _json(header: list[str], rows: list[list[object]], title: str, freeze: bool) -> bytes:
    return json.dumps([dict(zip(header, row, strict=False)) for row in rows], default=str).encode()


def _xlsx(header: list[str], rows: list[list[object]], title: str, freeze: bool) -> bytes:
    return spreadsheet.write(header, rows, title=title, freeze=freeze)


_WRITERS = {"csv": _csv, "json": _json, "xlsx": _xlsx}
