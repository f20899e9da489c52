"""What every way of handing a message over has in common: what a server answers, and what that means.

A transport says of each recipient whether it was taken. What concerns all of them it raises: `Deferred` (4xx, no answer, broken off:
later perhaps) or `Rejected` (5xx: never). The server's words are kept, with the addresses in them made unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Protocol

#: Seconds for a server to answer one command. RFC 5321, 4.5.3.2 allows minutes; whoever is that slow is tried again later.
SECONDS = 30.0
ADDRESS = re.compile(r"[^\s<>@,;:\"']+@")
TEXT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; `code` is 0 if it said nothing."""

    code: int
    text: str

    @classmethod
    def of(cls, code: int, text: bytes | str) -> Answer:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return cls(code, ADDRESS.sub("…@", " ".join(said.split()))[:TEXT])

    @property
    def final(self) -> bool:
        return self.code >= 500


class NotTaken(Exception):
    """Nobody gets the message now. `refused` are the recipients that were refused one by one."""

    def __init__(self, answer: Answer, refused: Mapping[str, Answer] | None = None) -> None:
        super().__init__(f"{answer.code} {answer.text}".strip())
        self.answer = answer
        self.refused = dict(refused or {})


class Deferred(NotTaken):
    """It may be tried again."""


class Rejected(NotTaken):
    """It would be refused again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The server has the message, for all but those `refused`."""

    answer: Answer
    refused: Mapping[str, Answer] = field(default_factory=dict)


class Transport(Protocol):
    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        """Hand `message` over. `sender` and `recipients` are bare addresses. Raises `Deferred` and `Rejected`."""
        ...

    def close(self) -> None: ...


def bare(address: str) -> str:
    """The address without the name."""
    return parseaddr(address)[1]
