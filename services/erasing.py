"""The end of a session in the store: all of it goes, but for the files that its mails still enclose, which go with the last of these.

Not for: who ends a session, and who is told (`interview.unit_of_work`).
"""

from __future__ import annotations

from shared.store.ports import Store
from shared.store.readers import for_everybody


def erase(store: Store, session: str, *, ended: str = "") -> None:
    """Remove `session`, or what is left of it. `ended` is a mail that will not be sent any more. Raises `StoreError`."""
    waiting = (mail for mail in store.outgoing.waiting_of(session) if mail.id != ended)
    keep = {number for mail in waiting for number in mail.body.get("attachments") or ()}
    for file in store.files.of_session(for_everybody(session)):
        if file.number not in keep:
            store.files.delete(file.number)
    store.sessions.delete(session, keep=keep)
