"""Two calls in one, for pages: each call costs the way to this service and back twice over.

`find`: which sessions a browser has, and the screen of the one that its gateway expects to be the first. `resume`: a session that
an address names is the one to go on with, and its screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.interview.access import Access
from shared.contract.entry import Entered, Found, Show
from shared.contract.errors import KeysWanted, NoSession
from shared.contract.reply import Reply


class Resuming:
    def __init__(self, access: Access, screen: Callable[..., object]) -> None:
        """`screen` is `InterviewApi.screen_at`, guarded."""
        self._access = access
        self._go_on: Any = access.within(access.go_on)
        self._screen = screen

    def find(
        self,
        *,
        browsers: list[str],
        interview: str | None = None,
        show: Mapping[str, object] | None = None,
        caller: Mapping[str, object] | None = None,
    ) -> Found:
        """The sessions (of `interview`) in which a browser has been, the one changed last first; at most `access.LISTED`.

        With `show` (a `contract.entry.Show`) and `caller` as for `screen`, the screen of the first, if it is that one.
        """
        wanted = None if show is None else Show.parse(show)
        named = self._access.named(browsers, interview)
        shown = None
        if wanted is not None and named and named[0].id == wanted.session:
            try:
                shown = self._screen(
                    session=wanted.session, entry=(show or {})["entry"], caller=caller or {}, stored=named[0].version
                )
            except (KeysWanted, NoSession):  # whoever asks for it by itself is told so
                shown = None
        assert shown is None or isinstance(shown, Reply)
        return Found(sessions=tuple(Entered(session=one.id, interview=one.interview) for one in named), shown=shown)

    def resume(self, *, session: str, caller: Mapping[str, object], entry: Mapping[str, object]) -> Reply:
        """The screen of `session`, which is from now on the one of its interview that `find` gives first."""
        shown = self._screen(
            session=session, entry=entry, caller=caller, stored=self._go_on(session=session, entry=entry)
        )
        assert isinstance(shown, Reply)
        return shown
