"""Who sits at the browser: a signed cookie with a random client id, the sessions it has open, and its CSRF token.

The cookie is the whole of it, so that any gateway can answer any request. Knowing a session's id is what lets a
browser into it (interviews.md, `session` parameter); the cookie only remembers the ids it was given.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any

from flask import session as cookie

#: Sessions remembered per browser, and the letters of their names and ids; the oldest are forgotten first. A cookie holds 4096.
REMEMBERED = 24
LETTERS = 2200
#: The cookie is signed and sent again once a day, not with every answer; so it lasts 90 days from the last visit.
DAY = 86400


def client() -> str:
    """The random id of this browser."""
    found = cookie.get("c")
    if not isinstance(found, str):
        found = cookie["c"] = secrets.token_urlsafe(18)
        cookie.permanent = True
    if cookie.get("d") != (today := int(time.time() // DAY)):
        cookie["d"] = today
    return found


def csrf_token() -> str:
    client()
    found = cookie.get("k")
    if not isinstance(found, str):
        found = cookie["k"] = secrets.token_urlsafe(18)
    return found


def csrf_matches(given: str | None) -> bool:
    expected = cookie.get("k")
    return isinstance(expected, str) and isinstance(given, str) and hmac.compare_digest(expected, given)


def _open() -> list[list[str]]:
    found: Any = cookie.get("s")
    return [list(pair) for pair in found] if isinstance(found, list) else []


def session_of(interview: str) -> str | None:
    """The session this browser used last for `interview`."""
    return next((session for name, session in _open() if name == interview), None)


def knows(session: str) -> bool:
    return any(known == session for _, known in _open())


def interview_of(session: str) -> str | None:
    return next((name for name, known in _open() if known == session), None)


def last_interview() -> str | None:
    return next((name for name, _ in _open()), None)


def sessions() -> list[tuple[str, str]]:
    """(interview, session), latest first."""
    return [(name, session) for name, session in _open()]


def remember(interview: str, session: str) -> None:
    kept = _open()
    if kept[:1] == [[interview, session]]:
        return
    client()
    kept = [[interview, session], *(pair for pair in kept if pair[1] != session)][:REMEMBERED]
    while len(kept) > 1 and sum(len(name) + len(one) for name, one in kept) > LETTERS:
        kept.pop()
    cookie["s"] = kept


def forget(session: str) -> None:
    kept = _open()
    left = [pair for pair in kept if pair[1] != session]
    if left != kept:
        cookie["s"] = left


def forget_all() -> None:
    cookie.clear()
