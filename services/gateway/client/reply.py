"""`Reply`: where a session is now, its screen taken apart only for whoever looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from shared.contract import reply as contract
from shared.contract import typed
from shared.contract.jsonvalue import JsonMap
from shared.contract.outcome import Failure, Rejection


@dataclass(frozen=True)
class Reply:
    told: contract.Reply  #: as the interview service said it

    @classmethod
    def of(cls, *, session: str, interview: str, screen: Mapping[str, object], **more: Any) -> Reply:
        """One that the gateway makes itself, as the interview service would."""
        given = {"version": 0, "step": 0, **more}
        raw = msgspec.Raw(msgspec.json.encode(screen))
        return cls(contract.Reply(session=session, interview=interview, screen=raw, **given))

    @property
    def session(self) -> str:
        return self.told.session

    @property
    def interview(self) -> str:
        return self.told.interview

    @property
    def version(self) -> int:
        return self.told.version

    @property
    def step(self) -> int:
        return self.told.step

    @property
    def rejected(self) -> Rejection | None:
        return self.told.rejected

    @property
    def failure(self) -> Failure | None:
        return self.told.failure

    @property
    def notices(self) -> tuple[contract.Notice, ...]:
        return self.told.notices

    @property
    def replaced(self) -> bool:
        """The answer took the place of a newer one, which its sender may not know of."""
        return any(notice.kind == "replaced" for notice in self.notices)

    @property
    def messages(self) -> tuple[contract.Notice, ...]:
        """What the interview says by log(), once."""
        return tuple(notice for notice in self.notices if notice.kind == "log")

    def saying(self, notices: tuple[contract.Notice, ...]) -> Reply:
        """This reply, with what was said on the way to it."""
        return self if self.notices == notices else Reply(msgspec.structs.replace(self.told, notices=notices))

    @cached_property
    def screen(self) -> JsonMap:
        """A SCREEN; empty if there is none."""
        return typed.from_json(self.told.screen) or {}

    @property
    def kind(self) -> str:
        """The kind of the screen; empty if there is none."""
        return str(self.screen.get("kind") or "")

    @property
    def command(self) -> str:
        """What a command screen wants done; empty for other screens."""
        return str(self.screen.get("command") or "") if self.kind == "command" else ""

    @property
    def is_waiting(self) -> bool:
        """The page is to look again: a background task has not ended, or the author says so (functions.md, ``command('wait')``)."""
        return self.kind == "wait" or self.command == "wait"

    @property
    def is_page(self) -> bool:
        """Something to look at, rather than a command or what response() sends."""
        return self.kind not in {"", "command", "response"} or self.is_waiting
