"""Screen tokens: which screen an answer is for, signed with the session's own secret.

A token lets the service rebuild the screen's fields whatever happened since, and proves that this session did show
it: without it a client could set any variable that some block of the interview can set.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from shared.engine.request import Shown

#: 16 bytes of HMAC-SHA256: out of reach of guessing, and short in every form.
_MAC = 16
_LIMIT = 8192


class BadToken(ValueError):
    """The token was not made by this session, or is damaged."""


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"screen\0" + body, hashlib.sha256).digest()[:_MAC]


def sign(secret: bytes, body: bytes, *, version: int) -> str:
    """The token for a screen; `body` is JSON of a `Shown` (`DrawnScreen.shown`), `version` that of the session which shows it."""
    comma = b"," if len(body) > 2 else b""  # into the object that `body` is
    body = body[:-1] + comma + b'"version":%d}' % version
    return base64.urlsafe_b64encode(_mac(secret, body) + body).rstrip(b"=").decode("ascii")


def verify(secret: bytes, token: object) -> Shown:
    """What `token` says. Raises `BadToken`."""
    if not isinstance(token, str) or not token or len(token) > _LIMIT:
        raise BadToken("the screen token is missing or damaged")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        body = raw[_MAC:]
        if not hmac.compare_digest(raw[:_MAC], _mac(secret, body)):
            raise BadToken("the screen token was not made for this session")
        shown = json.loads(body)
        return Shown(**shown)
    except BadToken:
        raise
    except (ValueError, TypeError) as error:
        raise BadToken("the screen token is missing or damaged") from error
