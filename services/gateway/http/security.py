"""Response headers, and checks of where a request comes from.

The content security policy, and what it means for authors (written down in docs/http.md "What is trusted"):

- Scripts run only with this response's nonce: the gateway's own, the author's `script` and `javascript` (which get
  the nonce when they are printed), and what those load ('strict-dynamic'). Nothing is evaluated from strings: `js show
  if` expressions and the `javascript` command become script elements with the nonce. Event attributes (onclick=…) do
  not run: no documented feature needs them, and they are how injected HTML would run code.
- Styles may be inline: authors' HTML and `css` use them.
- Pictures, media and frames may come from anywhere over HTTPS, as authors' HTML does; forms go home only.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, abort, g, request

from services.gateway.http.current import asked
from services.gateway.options import Options

_POLICY = (
    "default-src 'self'; "
    "script-src 'nonce-{nonce}' 'strict-dynamic' 'self' https:; script-src-attr 'none'; "
    "style-src 'self' 'unsafe-inline' https:; "
    "img-src 'self' data: blob: https:; font-src 'self' data: https:; media-src 'self' blob: https:; "
    "frame-src 'self' https:; connect-src 'self' https:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)
#: What a response has unless it says otherwise.
_FIXED = tuple(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), browsing-topics=()",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Cache-Control": "no-store",
    }.items()
)
_FIXED_NAMES = frozenset(name.lower() for name, _ in _FIXED)


def nonce() -> str:
    """The nonce of this response."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def add_policy(response: Response, options: Options) -> Response:
    """What a page may do, if this is one."""
    if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
        policy = _POLICY.format(nonce=nonce(), ancestors=options.frame_ancestors)
        response.headers.add("Content-Security-Policy", policy)
    return response


class FixedHeaders:
    """Gives each response of `app` what it does not say otherwise. Behind Flask, which would check and copy each of them anew."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            said = _FIXED_NAMES.intersection([name.lower() for name, _ in headers])
            more = [one for one in _FIXED if one[0].lower() not in said] if said else _FIXED
            return start_response(status, [*headers, *more], exc_info)

        return self._app(environ, start)


#: For files that came from users: even opened on their own they can run nothing here.
INERT_POLICY = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def from_another_site() -> bool:
    """The request was caused by a page of another site (https://www.w3.org/TR/fetch-metadata/), as far as the browser says.

    A neighbour below the same domain is another site: what users publish there is not ours.
    """
    return asked().headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}


def from_elsewhere() -> bool:
    """No page of ours leads here, as far as the browser says: another site, a mail, a bookmark. Programs say nothing, and are believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site != "same-origin"
    return bool(request.referrer) and not followed_here()


def from_our_page() -> bool:
    """The request was caused by a page of ours, as the browser says; programs say nothing."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and origin == request.host_url.rstrip("/")


def followed_here() -> bool:
    """The request follows a link of a page of ours, or comes from its script. Whoever says nothing of that is taken for elsewhere."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return (request.referrer or "").startswith(request.host_url)


def is_page_view() -> bool:
    """Somebody goes to the address, rather than that some page shows it as a picture or in a hidden frame."""
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


def is_part_of_a_page() -> bool:
    """A page shows what is there as a picture, a frame, a sound: perhaps of ours, in a text that somebody else wrote."""
    return request.headers.get("Sec-Fetch-Dest", "document") not in {"document", "empty"}


#: What browsers drop from addresses, or take for a slash: with it ``/\\host`` and ``/<tab>/host`` are addresses elsewhere.
_TRICK_RE = re.compile(r"[\\\x00-\x20\x7f]")
_SCHEME_RE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def stays_on(address: str, host: str) -> bool:
    """Whether a browser that goes to `address` from a page of `host` stays there."""
    if _TRICK_RE.search(address) or address.startswith("//"):
        return False
    return _SCHEME_RE.match(address) is None or address.lower().startswith((f"http://{host}/", f"https://{host}/"))


#: Parameters of an address that change something when it is opened; and those of which no part of a page may make use.
_CHANGING = frozenset({"action", "command", "reset", "new_session"})
_NEVER_WITHIN = frozenset({"command", "reset"})
_FRAMES = frozenset({"iframe", "frame"})


def check_view() -> None:
    """Refuse to open an address that nobody goes to: 503 for a browser guessing ahead, 403 for what a page hides in itself.

    In a frame of an author's own page an interview may begin. Actions are looked at by whoever does them: the session may have made
    the address.
    """
    request = asked()
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        abort(503)
    if from_another_site() and not is_page_view() and not _CHANGING.isdisjoint(request.args):
        abort(403)
    framed = request.headers.get("Sec-Fetch-Dest") in _FRAMES
    refused = _NEVER_WITHIN if framed else _NEVER_WITHIN | {"new_session"}
    if is_part_of_a_page() and not refused.isdisjoint(request.args):
        abort(403)
