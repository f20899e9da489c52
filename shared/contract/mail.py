"""What a received mail is made of: the files that its parts became, as the store keeps it and the interview's side reads it.

The contents are files of the mail's session. Kept as JSON; a field that comes new has a default.
"""

from __future__ import annotations

import msgspec

from shared.contract import typed


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One attachment. `email` is what an attached message is made of, if it was taken apart."""

    number: int
    filename: str
    mimetype: str
    email: MailParts | None = None


class MailParts(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of files; None is a body that the mail does not have. `problems` are sentences about what could not be read as it was meant."""

    headers: int
    body_text: int | None = None
    body_html: int | None = None
    attachments: tuple[AttachedFile, ...] = ()
    problems: tuple[str, ...] = ()


def to_json(parts: MailParts) -> bytes:
    return msgspec.json.encode(parts)


def from_json(data: bytes) -> MailParts:
    """Raises `msgspec.ValidationError`."""
    parts: MailParts = typed.from_json(data, MailParts)
    return parts
