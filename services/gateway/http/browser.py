"""The browser that makes a request, as its cookie tells: an `Asker` whose secret only that browser has.

The cookie holds one random secret and the day on which it was set, and nothing of any session: answers that cross, two tabs that
begin at once, cannot undo each other (docs/adr/0021-browser-cookie.md). Its name ends with the secret's own: two tabs opened
at once in a new browser get two cookies, and neither takes the other's place. All are tried; the first in the order of names
is the lasting one, to which sessions move when they are next used.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence

from flask import Response, abort, current_app, g

from services.gateway.client.interview import Opened
from services.gateway.client.secret import BadSecret, BrowserSecret
from services.gateway.http import legacy
from services.gateway.http.current import asked, kept
from services.gateway.http.security import from_another_site
from services.gateway.options import Options
from shared.contract.entry import MOST, Entered, Entry
from shared.runner.kept import Kept

_NAME = "parley-key-"
#: Browsers take such a cookie only over https, for the whole of this host and from nobody else
#: (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis section 4.1.3).
_HOST = "__Host-"
_DAY = 86400


class Browser:
    """Made once for a request (`browser`). A secret is made when something needs it, and sent with the response (`save`)."""

    def __init__(self) -> None:
        self._kept = dict(_read())  # the lasting one first
        self._made: BrowserSecret | None = None
        self._forgotten = False

    # ------------------------------------------------------------------ Asker

    @property
    def client(self) -> str:
        return self._lasting().browser

    @property
    def csrf(self) -> str:
        return self._lasting().csrf

    @property
    def browsers(self) -> Sequence[str]:
        return [secret.browser for secret in self._secrets()]

    def check_post(self, token: str | None) -> None:
        if from_another_site():
            abort(403, "This form was sent from another site.")
        if not self.holds(token):
            abort(403, "csrf")

    def settle(self) -> None:
        self._lasting()

    def at(self, session: str) -> Opened:
        secrets = self._secrets()
        entry = Entry(
            browsers=tuple(secret.browser for secret in secrets),
            keys=tuple(secret.key(session) for secret in secrets),
            vouched=not self._forgotten and legacy.lists(session),
        )
        return Opened(session, entry, self._keys)

    def _keys(self, session: str) -> tuple[str, ...]:
        return tuple(secret.key(session) for secret in self._secrets())

    def beginning(self, interview: str, request_id: str) -> Opened:
        secret = self._lasting()
        session = secret.new_session(interview, request_id)
        entry = Entry(browsers=(secret.browser,), keys=(secret.key(session),), session=session)
        return Opened(session, entry, lambda other: (secret.key(other),))

    def of_before(self, interview: str | None = None) -> Sequence[Entered]:
        return [] if self._forgotten else legacy.sessions(interview)

    def done_with(self, session: str) -> None:
        legacy.forget(session)

    # ------------------------------------------------------------------ the cookie

    def holds(self, token: str | None) -> bool:
        """Whether `token` is one that a page of this browser holds."""
        if not isinstance(token, str):
            return False
        given = token.encode("utf-8", "surrogatepass")
        ours = [secret.csrf for secret in self._secrets()] + [legacy.token()]
        return any(hmac.compare_digest(one.encode(), given) for one in ours if one)

    def forget(self) -> None:
        """The browser's sessions cannot be entered any more: a logout."""
        self._forgotten = True
        self._made = None

    def save(self, response: Response, options: Options) -> None:
        """Put what changed into `response`: a secret that was made, one that has not been sent again today, or their end."""
        if self._forgotten:
            names = [_name(secret) for secret in self._kept]
            for name in [*names, *({legacy.NAME} & asked().cookies.keys())]:
                response.delete_cookie(name, path="/", secure=_is_https(), httponly=True)
        today = int(time.time() // _DAY)
        lasting = self._made or (next(iter(self._kept), None) if not self._forgotten else None)
        if lasting is None or (lasting is not self._made and self._kept[lasting] == today):
            return
        response.set_cookie(
            _name(lasting),
            f"{today}.{lasting.text}",
            max_age=options.cookie_days * _DAY,
            path="/",
            httponly=True,
            secure=_is_https(),
            samesite="Lax" if options.frame_ancestors == "'self'" else "None",
        )
        response.vary.add("Cookie")

    def _secrets(self) -> list[BrowserSecret]:
        if self._made is not None:
            return [self._made]
        return [] if self._forgotten else list(self._kept)

    def _lasting(self) -> BrowserSecret:
        secrets = self._secrets()
        if not secrets:
            self._made = BrowserSecret.random()
            return self._made
        return secrets[0]


def browser() -> Browser:
    """Who makes the current request."""
    here = kept()
    made: Browser | None = here.get("browser")
    if made is None:
        made = here.browser = Browser()
    return made


def save(response: Response, options: Options) -> Response:
    here = kept()
    if "browser" in here and not here.get("keep_cookie", False):
        here.browser.save(response, options)
    return response


def keep_cookie() -> None:
    """This request may come from a page of another site: whatever happens, it changes no cookie."""
    g.keep_cookie = True


#: Secrets by how a cookie says them, with what was derived of them, which is most of what reading a cookie takes.
_secrets: Kept[str, BrowserSecret] = Kept(lambda _: 1, most_bytes=5_000)


def _is_https() -> bool:
    return asked().is_secure or current_app.config["PREFERRED_URL_SCHEME"] == "https"


def _name(secret: BrowserSecret) -> str:
    return f"{_HOST if _is_https() else ''}{_NAME}{secret.name}"


def _secret(text: str) -> BrowserSecret:
    """Raises `BadSecret`."""
    known = _secrets.get(text)
    if known is None:
        known = BrowserSecret.parse(text)
        _secrets.put(text, known)
    return known


def _read() -> list[tuple[BrowserSecret, int]]:
    """The secrets that the request brings, and on which day each was set, in the order of their names."""
    found = []
    # Over https only names that no other host can have set; elsewhere those are not kept by browsers.
    beginning = (_HOST if _is_https() else "") + _NAME
    for name, value in asked().cookies.items(multi=True):
        if not name.startswith(beginning):
            continue
        day, _, text = value.partition(".")
        try:
            secret = _secret(text)
        except BadSecret:
            continue
        if name.endswith("-" + secret.name):
            found.append((secret, int(day) if day.isdecimal() and len(day) < 10 else 0))
    return sorted(found, key=lambda pair: pair[0].name)[:MOST]
