"""Pages of ids by a time and then by id, in SQLite. Not for pages with more of a record: ``overview``."""

# ruff: noqa: S608 - statements are put together from constants of this package; values are always bound
from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.store import checks, paging
from shared.store.overview import Page
from shared.store.packing import from_ms, to_ms
from shared.store.sqlite.database import Database


def page_of_ids(
    database: Database,
    table: str,
    field: str,
    condition: str,
    arguments: tuple[Any, ...],
    *,
    before: datetime,
    after: str,
    limit: int,
) -> Page[str]:
    """Ids of those in `table` that fit `condition` and whose `field` is earlier than `before`. An index begins with `field`, then id."""
    checks.check_limit(limit)
    begin = paging.cursor(after)
    query = f"SELECT {field} AS at, id FROM {table} WHERE {condition} AND {field} < ?"
    given = [*arguments, to_ms(before)]
    if begin is not None:
        query += f" AND ({field}, id) > (?, ?)"
        given += [to_ms(begin.at), begin.id]
    with database.read() as connection:
        rows = connection.execute(f"{query} ORDER BY {field}, id LIMIT ?", (*given, limit + 1)).fetchall()
    return paging.ids([paging.Cursor(from_ms(row["at"]), row["id"]) for row in rows], limit)
