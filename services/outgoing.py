"""The servers by which mail leaves, as the settings hold them. Not for how it leaves (``services.worker``)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

MIB = 1024 * 1024
#: Where a system without a server puts its mails.
FOLDER = "folder"

_MAILGUN = "https://api.mailgun.net/v3/%s/messages.mime"
_SENDGRID = "https://api.sendgrid.com/v3/mail/send"


class Kind(StrEnum):
    SMTP = "smtp"
    MAILGUN = "mailgun"
    SENDGRID = "sendgrid"
    FOLDER = FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingServer:
    """`tls`: ``starttls``, ``implicit`` or empty (in the clear). `url` and `key` are those of an API; `largest` is in MB."""

    name: str = "default"
    kind: Kind = Kind.SMTP
    sender: str | None = None
    host: str = ""
    port: int = 25
    username: str | None = None
    password: str | None = None
    tls: str = ""
    url: str = ""
    key: str = ""
    per_minute: int = 0
    largest: int = 25

    def __repr__(self) -> str:
        return f"OutgoingServer({self.name!r}, {self.kind})"  # nothing secret

    @property
    def largest_bytes(self) -> int:
        return self.largest * MIB


def servers_of(value: Any) -> tuple[OutgoingServer, ...]:
    """From what `services.configuration.mail` gave, or the JSON of `as_text`. Raises ValueError that completes "expected …"."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
            return tuple(OutgoingServer(**{**one, "kind": Kind(one["kind"])}) for one in value)
        except (ValueError, TypeError, KeyError):
            raise ValueError("a JSON list of servers, as a service gives it to its children") from None
    if not isinstance(value, list | tuple) or not all(isinstance(one, Mapping) and "name" in one for one in value):
        raise ValueError("a mapping with keys like server, or a list of such, below `mail`")
    return tuple(_server(one) for one in value)


def as_text(servers: tuple[OutgoingServer, ...]) -> str:
    return json.dumps([asdict(one) for one in servers])


def from_address(address: str) -> OutgoingServer:
    """Of ``smtp://user:password@host:587`` or ``smtps://…``; with a user never in the clear."""
    parts = urlsplit(address)
    implicit = parts.scheme == "smtps"
    user = unquote(parts.username) if parts.username else None
    return OutgoingServer(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if implicit else 25),
        username=user,
        password=unquote(parts.password) if parts.password else None,
        tls="implicit" if implicit else ("starttls" if user else ""),
    )


def _server(given: Mapping[str, Any]) -> OutgoingServer:
    common = {
        "name": given["name"],
        "sender": given.get("default sender"),
        "per_minute": given.get("mail per minute", 0),
        "largest": given.get("largest mail", 25),
    }
    if given.get("mailgun api key"):
        url = (given.get("mailgun api url") or _MAILGUN).replace("%s", given["mailgun domain"])
        return OutgoingServer(**common, kind=Kind.MAILGUN, url=url, key=given["mailgun api key"])
    if given.get("sendgrid api key"):
        url = given.get("sendgrid api url") or _SENDGRID
        return OutgoingServer(**common, kind=Kind.SENDGRID, url=url, key=given["sendgrid api key"])
    if not given.get("server"):
        return OutgoingServer(**common, kind=Kind.FOLDER)
    implicit = bool(given.get("use ssl"))
    # Upstream encrypts unless told not to; a password never goes in the clear, whatever is told.
    starttls = not implicit and (bool(given.get("use tls")) or bool(given.get("username")))
    return OutgoingServer(
        **common,
        host=given["server"],
        port=given.get("port") or (465 if implicit else 25),
        username=given.get("username"),
        password=given.get("password"),
        tls="implicit" if implicit else ("starttls" if starttls else ""),
    )
