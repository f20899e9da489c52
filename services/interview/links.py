"""Links that expire (functions.md, interview_url(temporary=…)): where the letters of one lead.

Steps make them (`shared.authoring.text.links`). Not for: whether the browser may enter what it is led to (`access`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from services.interview.checks import text
from services.storage import RACES, found
from shared.contract import typed
from shared.contract.errors import Busy
from shared.contract.links import AREA, Link, key_of
from shared.contract.reply import Followed
from shared.store.ports import Storage

#: Letters that are looked up, at most: ours are 32.
_LETTERS: Final = 200


class Links:
    def __init__(self, storage: Storage, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._clock = clock

    def follow(self, *, code: str) -> Followed:
        """Where the link with these letters leads. One for a single visit leads there once: of two at a time, one is told."""
        text("code", code)
        if len(code) > _LETTERS:
            return Followed()
        key = key_of(code)
        for _ in range(RACES):
            item = found(self._storage, AREA, key, now=self._clock())
            if item is None:
                return Followed()
            try:
                link = typed.from_json(item.body["value"], Link)
            except (KeyError, TypeError, msgspec.MsgspecError):  # author code may have written what it likes
                return Followed()
            if not link.once or self._storage.remove(AREA, key, version=item.version):
                return Followed(url=link.url)
        raise Busy("too many follow this link at once")
