"""The cookie of versions before 0.2: signed, with a token and the list of the browser's sessions. Only ever made shorter.

It lets its browser into the sessions it lists; each then gets a slot for the browser's new secret. It ends by itself 90
days after it was last set, and this module with it.
"""

from __future__ import annotations

from flask import Flask, Request, Response
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from shared.contract.entry import Entered

NAME = "parley"
DAYS = 90


class WhereThere(SecureCookieSessionInterface):
    """Flask's own, without looking for the key of a cookie that is not there, as with nearly every request."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if NAME in request.cookies:
            return super().open_session(app, request)
        return SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            response.vary.add("Cookie")


def sessions(interview: str | None = None) -> list[Entered]:
    """Those listed (of `interview`), the one used last first."""
    found: object = cookie.get("s")
    pairs = [pair for pair in found if _is_pair(pair)] if isinstance(found, list) else []
    return [Entered(session=session, interview=name) for name, session in pairs if interview in (None, name)]


def lists(session: str) -> bool:
    return any(one.session == session for one in sessions())


def forget(session: str) -> None:
    """The browser has done with the session."""
    if lists(session):
        cookie["s"] = [[one.interview, one.session] for one in sessions() if one.session != session]


def token() -> str | None:
    """The token that pages made before the upgrade still hold."""
    found = cookie.get("k")
    return found if isinstance(found, str) else None


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
