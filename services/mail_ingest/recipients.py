"""Which of our addresses the argument of RCPT means. Not for whether a session has it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

#: Addresses of sessions are letters (functions.md, "interview_email()"); digits, dots and hyphens for what others may open.
_LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
#: What stands after the plus sign: for the sender to tell mails apart.
_TAG = re.compile(r"[A-Za-z0-9._=-]{1,64}")

#: Names that every domain has (RFC 5321, 4.5.1; RFC 2142). The operator reads what comes to them.
OPERATORS = ("postmaster", "abuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """`name` in lower case, `tag` as it was written; `operator`: it is one of `OPERATORS`."""

    name: str
    tag: str = ""
    operator: bool = False


def recipient(written: str, *, domains: Collection[str]) -> Recipient | None:
    """Whom `written` means, or None: another domain, or not the form of an address of ours. `domains` are in lower case.

    Routes (``@a:b@c``), percent signs and other ways of old to have mail passed on are no addresses of ours.
    """
    name, at, host = written.rpartition("@")
    if not at and written.lower() == "postmaster":
        return Recipient(name="postmaster", operator=True)
    if not at or host.rstrip(".").lower() not in domains:
        return None
    base, plus, tag = name.partition("+")
    base = base.lower()
    if not _LOCAL_PART.fullmatch(base) or (plus and not _TAG.fullmatch(tag)):
        return None
    return Recipient(name=base, tag=tag, operator=base in OPERATORS)
