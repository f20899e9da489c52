"""The reference's own SQL tables, for packages that reach past the documented functions (docs/adr: raw SQL).

There are none here: sessions live in another store. What is asked of the tables finds nothing, what is written to them is not kept,
and both are said in the run's log. That is what lets packages go on which note a title beside each session on every screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.authoring.context import current_or_none
from shared.authoring.functions.screen import log

_VERB = re.compile(r"\s*(\w+)")
_TABLE = re.compile(r"\b(?:from|into|update|join)\s+([\w.\"]+)", re.IGNORECASE)


class NoRows:
    """The result of a statement: no row."""

    rowcount = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def fetchall(self) -> list[Any]:
        return []

    all = fetchall

    def fetchone(self) -> None:
        return None

    first = scalar = one_or_none = scalar_one_or_none = fetchone

    def mappings(self) -> NoRows:
        return self

    scalars = mappings

    def keys(self) -> list[str]:
        return []

    def close(self) -> None:
        return None


class NoTables:
    """A connection, a session and an engine at once: ``with session_scope() as session: session.execute(…)``."""

    def __enter__(self) -> NoTables:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def execute(self, statement: object, parameters: Mapping[str, object] | None = None, **_: object) -> NoRows:
        """No row; the kind of statement and its table go into the log, never the values."""
        text = str(statement)
        verb, table = _VERB.match(text), _TABLE.search(text)
        if current_or_none() is not None:
            where = f" of {table[1]}" if table else ""
            log(
                f"An SQL statement ({verb[1].upper() if verb else '?'}{where}) was not run: this server has no SQL tables."
            )
        return NoRows()

    scalars = execute

    def commit(self) -> None:
        return None

    rollback = close = flush = commit

    def connect(self) -> NoTables:
        return self

    begin = connect

    @property
    def session(self) -> NoTables:
        return self


def session_scope() -> NoTables:
    """``docassemble.webapp.db``"""
    return NoTables()


get_session = init_sqlalchemy = session_scope


def alchemy_url(name: str = "db") -> str:
    """Of a database of the package's own: one in the memory of this process, so that its tables can be declared. Nothing in it lasts."""
    return "sqlite://"


def connect_args(name: str = "db") -> dict[str, object]:
    """What `alchemy_url` needs besides."""
    return {}
