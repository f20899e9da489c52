"""Which requests have taken effect on a session lately, so that one that is repeated changes nothing more. Pure.

Remembered are digests, each with its time: for an hour, and of each browser for itself, so that what one sends does not push out another's.
The oldest go before that only where one browser makes more than some eight requests a minute that change something, all hour long.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile

from shared.store.checks import SEEN_ENTRIES
from shared.store.records import Session

#: How long a repetition is recognised. Whoever repeats a request gives up long before.
KEPT = timedelta(hours=1)

#: Requests remembered of one browser.
OF_ONE = 500

#: Characters of a key that stand for the browser, and for the request. 2 ** 30 and 2 ** 72: among the entries of one session no two meet.
_CLIENT, _REQUEST = 5, 12


def has(session: Session, client: str, request_id: str | None) -> bool:
    return request_id is not None and key(client, request_id) in session.seen


def knows_since(session: Session, client: str, since: datetime) -> bool:
    """Whether every request of `client` that took effect after `since` is remembered: no longer, once newer ones pushed it out."""
    if since < session.modified - KEPT:
        return False
    begun = int(since.timestamp())
    entries = list(session.seen.items())
    own = _digest(client)[:_CLIENT]
    mine = [at for one, at in entries if one.startswith(own)]
    if len(mine) >= OF_ONE and min(mine) >= begun:
        return False
    return len(entries) < SEEN_ENTRIES or min(at for _, at in entries) < begun


def with_request(seen: Mapping[str, int], client: str, request_id: str, now: datetime) -> dict[str, int]:
    """What is remembered after `request_id` of `client` took effect at `now`, the newest last."""
    own = key(client, request_id)
    oldest = int((now - KEPT).timestamp())
    kept = dict(seen)
    kept.pop(own, None)
    # They are in the order of their times, so the old ones are in front: most writes look at one entry, however many there are.
    for one in list(takewhile(lambda known: kept[known] < oldest, kept)):
        del kept[one]
    if len(kept) >= OF_ONE:
        mine = [one for one in kept if one.startswith(own[:_CLIENT])]
        for one in mine[: max(0, len(mine) - OF_ONE + 1)]:
            del kept[one]
    for one in list(islice(kept, max(0, len(kept) - SEEN_ENTRIES + 1))):
        del kept[one]
    kept[own] = int(now.timestamp())
    return kept


def key(client: str, request_id: str) -> str:
    """Short, whatever the length of what it stands for."""
    return _digest(client)[:_CLIENT] + _digest(f"{client}\0{request_id}")[:_REQUEST]


@lru_cache(maxsize=2048)
def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=12).digest()).decode("ascii")
