"""When two deliveries are the same mail: the id of a kept mail.

The same sender, Message-ID and content apart from the fields that servers on the way write is the same mail: a sender that got no answer sends
it again, perhaps by another way. Without a Message-ID it is the same bytes within an hour. Ids stand in the clear, so they are made with a
key of the installation: who has the database cannot find out by trying what a mail says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

#: Fields that servers put in on the way (RFC 5321, 4.4; RFC 8601; RFC 8617), and those of filters.
_TRACE: Final = re.compile(
    rb"(?:received|x-received|return-path|delivered-to|envelope-to|x-original-to|x-envelope-[a-z-]+|delivery-date|x-delivered-to"
    rb"|received-spf|authentication-results|x-authentication-results|arc-[a-z-]+|x-spam[a-z-]*|x-virus[a-z-]*|x-sieve|x-forwarded-[a-z-]+"
    rb"|x-mailer-daemon|x-rspamd[a-z-]*|x-ms-exchange-[a-z-]+|x-google-[a-z-]+)[ \t]*:",
    re.IGNORECASE,
)
_MESSAGE_ID: Final = re.compile(rb"^message-id[ \t]*:[ \t]*\S", re.IGNORECASE | re.MULTILINE)

WINDOW: Final = timedelta(hours=1)


def mail_ids(*, address: str, sender: str, raw: bytes, at: datetime, keys: Sequence[bytes]) -> list[str]:
    """The id that the mail gets, by the first of `keys`, and then those under which it may have been kept within the last hour."""
    header, end, body = parted(raw)
    if _MESSAGE_ID.search(header):
        content = _without_trace(header) + end + body
        return [_digest(key, address, sender, "", content) for key in keys]
    hour = int(at.timestamp() // WINDOW.total_seconds())
    return [_digest(key, address, sender, str(number), raw) for number in (hour, hour - 1) for key in keys]


def parted(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, the empty line between, and body. Lines may end with a bare LF."""
    ends = [(place, mark) for mark in (b"\r\n\r\n", b"\n\n") if (place := raw.find(mark)) >= 0]
    if not ends:
        return raw, b"", b""
    place, mark = min(ends)
    return raw[:place], mark, raw[place + len(mark) :]


def _without_trace(header: bytes) -> bytes:
    kept: list[bytes] = []
    trace = False
    for line in header.splitlines(keepends=True):
        if line[:1] not in (b" ", b"\t"):
            trace = _TRACE.match(line) is not None
        if not trace:
            kept.append(line)
    return b"".join(kept)


def _digest(key: bytes, address: str, sender: str, when: str, content: bytes) -> str:
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in (address.encode(), sender.encode(), when.encode(), content):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:40]
