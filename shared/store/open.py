"""From an address to a store: ``sqlite:///path`` (relative) or ``sqlite:////path``, ``mongodb://…`` or ``mongodb+srv://…``."""

from __future__ import annotations

import logging
from urllib.parse import unquote, urlsplit

from shared.store.ports import BadRecord, Store

log = logging.getLogger(__name__)


def open_store(uri: str, *, prepare: bool = True) -> Store:
    """Open the store at `uri` and, with `prepare`, create its tables or indexes where they are missing.

    A MongoDB address may name the database (``mongodb://host/parley``, the default) and any option of pymongo.
    Open it after a fork, and after eventlet or gevent has patched the process. Raises `BadRecord` for an address that
    is none, `StoreUnavailable` if `prepare` finds nothing there.
    """
    store: Store
    scheme = urlsplit(uri).scheme
    if scheme == "sqlite":
        if not uri.startswith("sqlite:///"):
            raise BadRecord(f"{uri!r}: a SQLite address is sqlite:///path/to/file")
        from shared.store.sqlite import SqliteStore  # noqa: PLC0415  one of the two is never used

        store = SqliteStore(unquote(uri.removeprefix("sqlite:///")))
    elif scheme in ("mongodb", "mongodb+srv"):
        from shared.store.mongodb import MongoStore  # noqa: PLC0415  heavy: pymongo costs a quarter of a second

        store = MongoStore(uri)
    else:
        raise BadRecord(f"a store's address begins with sqlite:/// or mongodb://, not {scheme or 'nothing'}")
    if prepare:
        if not store.prepared():
            # The first start; or somebody emptied it, or the address is another than yesterday. Nobody but an operator can tell.
            log.warning("database_empty")
        store.prepare()
    return store
