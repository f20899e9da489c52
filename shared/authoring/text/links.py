"""Addresses that expire: ``/goto?c=…`` leads to another address for a while, once or as often as one likes.

What the letters stand for is kept under their hash beyond the session (`Keep` in the area ``links``), so whoever reads the database
cannot follow one. Source: functions.md, interview_url() (`temporary`, `once_temporary`), url_of() (``temp_url``).
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from shared.authoring.context import Context, current
from shared.authoring.errors import NotAvailable
from shared.authoring.memory import kept
from shared.contract.effects import Keep
from shared.contract.links import AREA, Link, key_of

#: Hours that a link counts where the author does not say (functions.md, interview_url()).
HOURS: Final = 24.0
#: Seconds that ``url_of('temp_url')`` counts (functions.md, url_of()): 90 days.
SECONDS: Final = 7_776_000.0
#: Longer than this none counts: everything that is kept has an end.
_MOST: Final = 10 * 365 * 86400.0
#: A page that is shown again shows the link that it has, as long as so much of its time is left.
_FRESH: Final = 0.9
#: In `internal`: links of this session that are shown again, ``{what for: [letters, until]}``; so many.
_LINKS, _KNOWN = "temporary links", 20


def hours(given: object) -> float:
    """The seconds of `temporary`: 0 and what is no number stand for a day."""
    number = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    return (float(given) if number and given > 0 else HOURS) * 3600  # type: ignore[arg-type,operator]  # a number by then


def temporary(address: str, *, seconds: float, once: bool = False) -> str:
    """The path of a link that leads to `address` for so long. Raises `NotAvailable` where nothing is kept beyond the answers."""
    context = current()
    if context.storage is None:
        raise NotAvailable("an address that expires", "a store", "Leave `temporary` out to share the address itself.")
    seconds = min(seconds, _MOST)
    whole = hashlib.blake2b(f"{once}\n{seconds}\n{address}".encode(), digest_size=12).hexdigest()
    made: dict[str, str] = context.step.setdefault(_LINKS, {})
    if whole not in made:
        made[whole] = (None if once else _known(context, whole, seconds)) or _made(
            context, whole, address, seconds=seconds, once=once
        )
    return f"/goto?c={made[whole]}"


def _known(context: Context, whole: str, seconds: float) -> str | None:
    """The letters of a link for the same that this session has, if it is new enough."""
    known: Any = context.internal.get(_LINKS, {}).get(whole)
    if known is None:
        return None
    code, until = known
    left = (datetime.fromisoformat(until) - context.now).total_seconds()
    return str(code) if left >= _FRESH * seconds else None


def _made(context: Context, whole: str, address: str, *, seconds: float, once: bool) -> str:
    code = context.new_id("link")
    value = msgspec.json.encode(Link(url=address, once=once))
    context.effects.append(Keep(area=AREA, key=key_of(code), value=value, seconds=seconds))
    if not once:
        links = kept(_LINKS)
        links.pop(whole, None)
        links[whole] = [code, (context.now + timedelta(seconds=seconds)).isoformat()]
        for old in list(links)[:-_KNOWN]:
            del links[old]
    return code
