"""Delivery reports (RFC 3464): which message of ours could not be delivered, and why. Of the bytes as they came; bounded, and linear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: Reports are small; what is beyond is the message that came back.
_LOOKED_AT: Final = 256 * 1024
_ACTION: Final = re.compile(rb"^action[ \t]*:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(rb"^status[ \t]*:[ \t]*([245])\.(\d{1,3})\.(\d{1,3})", re.IGNORECASE | re.MULTILINE)
_DIAGNOSTIC: Final = re.compile(
    rb"^diagnostic-code[ \t]*:[ \t]*(?:[\w-]+[ \t]*;)?[ \t]*([^\r\n]{1,300}(?:\r?\n[ \t][^\r\n]{0,300}){0,5})",
    re.IGNORECASE | re.MULTILINE,
)
_CODE: Final = re.compile(r"\b([45]\d\d)\b")
_MESSAGE_ID: Final = re.compile(rb"<([0-9A-Za-z._-]{8,120})@([0-9A-Za-z.-]{1,253})>")
_ADDRESS: Final = re.compile(r"[^\s<>@,;:\"']+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`mails` are the ids of our messages that it names; `code` is 0 if it gives none; `text` has no address."""

    mails: tuple[str, ...]
    code: int
    text: str


def failed_delivery(raw: bytes, *, domains: Iterable[str]) -> Report | None:
    """What a report of failure says; None for other messages, for delays and for deliveries."""
    looked_at = raw[:_LOOKED_AT]
    action = _ACTION.search(looked_at)
    if action is None or action[1].lower() != b"failed":
        return None
    ours = {domain.lower().encode() for domain in domains}
    found = [one[1].decode() for one in _MESSAGE_ID.finditer(looked_at) if one[2].lower() in ours]
    if not found:
        return None
    status, said = _STATUS.search(looked_at), _DIAGNOSTIC.search(looked_at)
    text = " ".join(said[1].decode("utf-8", "replace").split()) if said else ""
    code = _CODE.search(text)
    enhanced = ".".join(part.decode() for part in status.groups()) if status else ""
    return Report(
        mails=tuple(dict.fromkeys(found))[:20],
        code=int(code[1]) if code else (int(enhanced[0]) * 100 + 50 if enhanced else 0),
        text=_ADDRESS.sub("…@", text or enhanced)[:500],
    )
