"""Whether nobody wrote a message: out-of-office notes, lists, delivery reports. An answer to these makes a loop.

Source: RFC 3834 (Auto-Submitted, section 2), RFC 3464 (delivery reports), RFC 2919 and 2369 (List-*).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from shared.mail.headers import Header

#: Servers that a message may have come through. RFC 5321, 6.3 says a hundred for refusing it; nobody's own mail takes thirty.
HOPS: Final = 30

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,300}@([^<>\s@]{1,255})>")


def reason(header: Header, *, sender: str, domains: Iterable[str] = ()) -> str | None:
    """Why the message with this header is automatic, or None. `domains` are our own, `sender` is the envelope's."""
    submitted = header.text("Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return "Auto-Submitted"
    if header.text("Content-Type").lower().startswith("multipart/report"):
        return "delivery report"
    for name in ("List-Id", "List-Unsubscribe", "List-Post", "List-Help"):
        if header.first(name) is not None:
            return name
    if header.text("Precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "Precedence"
    if header.first("X-Auto-Response-Suppress") is not None:
        return "X-Auto-Response-Suppress"
    if header.first("X-Autoreply") is not None or header.first("X-Autorespond") is not None:
        return "X-Autoreply"
    if not sender or header.text("Return-Path").strip() == "<>":
        return "empty return path"
    own = {domain.lower() for domain in domains}
    found = _MESSAGE_ID.search(header.text("Message-ID"))
    if found is not None and found[1].lower() in own:
        return "our own Message-ID"
    if sum(1 for _ in header.all("Received")) > HOPS:
        return f"more than {HOPS} hops"
    return None


def references(header: Header) -> list[str]:
    """Message-IDs that a message says it answers, without their brackets, the nearest last."""
    text = f"{header.text('References')} {header.text('In-Reply-To')}"
    return [found[0].strip("<>") for found in _MESSAGE_ID.finditer(text)]
