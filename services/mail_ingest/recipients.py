"""Which of our addresses the argument of RCPT means. Not for whether a session has it."""

from __future__ import annotations

import re

#: Addresses of sessions are letters (functions.md, "interview_email()"); digits, dots and hyphens for what others may open.
_LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def local_part(recipient: str, *, domain: str) -> str | None:
    """The local part in lower case, or None: another domain, or not the form of an address of ours.

    Routes (``@a:b@c``), percent signs and other ways of old to have mail passed on are no addresses of ours.
    """
    name, at, host = recipient.rpartition("@")
    if not at or host.rstrip(".").lower() != domain.rstrip(".").lower():
        return None
    name = name.lower()
    return name if _LOCAL_PART.fullmatch(name) else None
