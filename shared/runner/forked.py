"""The service's side of one child: a process that serves one session, and the socket to it.

A child is not believed: each of its messages must carry the random number of the step that it is at, and whatever else it says, or
leaves running when a step is over, ends it. Only plain sockets are used, so that eventlet and gevent may patch them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Callable
from typing import Protocol

from shared.contract.errors import ChildDied, ChildKilled
from shared.runner.wire import Message, Wire, WireError

#: Seconds for what takes milliseconds: getting ready. Whoever is not by then is broken.
_PATIENCE = 20.0

#: Signals that come from outside: an operator, a stop of the machine, the kernel that is out of memory. (A process can send them to
#: itself, too; who counts runs should count those as well, only less strictly.) Without a status its template went as well.
_BY_OTHERS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

#: How much a child's folder may hold: bytes, and files.
MOST_BYTES, MOST_FILES = 256 * 1024 * 1024, 10_000


class Parent(Protocol):
    """What a child knows of its template."""

    interview: str
    digest: str
    stale: bool
    uses: int
    used: float

    def end(self, pid: int, *, gone: bool = False) -> tuple[int | None, bool]: ...


class Child:
    """A process that runs at most one step at a time, all of them of one session (`session`, once it has one)."""

    def __init__(self, template: Parent, pid: int, wire: Wire, *, memory: int, folder: str = "") -> None:
        self.template = template
        self.pid = pid
        self.memory = memory
        self.folder = folder
        self.session: str | None = None
        self.busy = True
        self.rehearsed = False  #: it shows the dry screen before its first step
        self.used = time.monotonic()
        self.since = self.used  #: when its step began, while it is at work
        self.report: dict[str, object] | None = None
        #: The state that it has live, the one it gave last, and the number of the step that made it.
        self.has: bytes | None = None
        self.made_by = 0
        self._sum: int | None = None
        self._number = 0
        self._ended = False
        self._status: tuple[int | None, bool] = None, False
        self._wire = wire

    def settle(self, look: Callable[[], None]) -> None:
        """Wait until it is ready for its first step: forking must not count as the author's time. Raises `WireError`."""
        if self.report is None:
            first = self._wire.receive(until=time.monotonic() + _PATIENCE, look=look)
            if "ready" not in first:
                raise WireError(f"it could not be set apart from the rest: {first.get('broken')}")
            self.report = first["ready"] if isinstance(first["ready"], dict) else {}

    def exchange(
        self,
        message: Message,
        *,
        until: float,
        look: Callable[[], None],
        answer: Callable[[Message], Message],
        quick: bool = False,
    ) -> Message:
        """Send a step and return its reply, answering what the child asks meanwhile. `quick` as `wire.pack` has it. Raises `WireError`."""
        number = self._number = secrets.randbits(62) + 1
        self._wire.send({**message, "step": number}, until=until, quick=quick)
        while True:
            reply = self._wire.receive(until=until, look=look)
            if reply.pop("step", None) != number:
                raise WireError("it spoke out of turn")
            if "ask" not in reply:
                return reply
            self._wire.send({**answer(reply), "step": number}, until=until)

    def made(self, state: bytes | None, sum_: int | None = None) -> None:
        """What its last step ended with, if it may go on with it, and the sum of that, if it is known."""
        self.has, self.made_by, self._sum = state, self._number, sum_

    def sum_of(self, state: bytes | None) -> int | None:
        """If `state` is what its last step ended with."""
        return self._sum if state is self.has else None

    def there(self) -> bool:
        """Whether it waits for a step. False if it died, or wrote something that nobody asked for."""
        return self.report is None or self._wire.quiet()

    def tidy(self) -> bool:
        """Whether it left nothing behind: no thread that goes on, no word that nobody asked for."""
        place = f"/proc/{self.pid}/task"
        try:
            # Its links are one for each thread and two more; a system that says otherwise is asked for their names.
            threads = 1 if os.stat(place).st_nlink == 3 else len(os.listdir(place))
        except OSError:  # no /proc here, or not for us: the child's own word is all there is
            threads = 1
        return threads == 1 and self.there()

    def overflows(self) -> bool:
        """Whether its folder holds more than it may."""
        try:
            if not self.folder or not os.listdir(self.folder):
                return False  # as after nearly every step
        except OSError:  # something tidied it up
            return False
        size = count = 0
        for place, folders, names in os.walk(self.folder):
            count += len(folders) + len(names)
            for name in names:
                with contextlib.suppress(OSError):
                    size += os.lstat(os.path.join(place, name)).st_blocks * 512
            if size > MOST_BYTES or count > MOST_FILES:
                return True
        return False

    def end(self, *, gone: bool = False) -> tuple[int | None, bool]:
        """Kill it; its exit status if known, and whether it was alive until then. May be called again."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(OSError):
                self._wire.close()
            self._status = self.template.end(self.pid, gone=gone)
        return self._status

    def died(self, error: Exception) -> ChildDied | ChildKilled:
        """The error for a step whose child is gone or lies; kills what may be left of it."""
        status, ours = self.end(gone=True)
        if ours:
            how = "broke off"
        elif status is None or status == 0:
            how = "ended"
        elif status < 0:
            how = f"was ended by signal {-status}"
        else:
            how = f"ended with status {status}"
        text = f"the process that ran the interview's code {how} before it answered ({error}); nothing of this step is kept"
        by_others = not ours and (status is None or -status in _BY_OTHERS)
        return ChildKilled(text) if by_others else ChildDied(text)
