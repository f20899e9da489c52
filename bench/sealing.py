"""What sealing costs of an answer: the same interview answered in turns over a store as it is and over one behind the vault, in one run.

Both by the interview service's own classes, with real children, over SQLite files of their own. On the sealed side arguments and replies
also pass the cover of the bus, as they do between services. Printed are milliseconds of an answer and the ratio; the goal is 1.05 at most.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil

from bench.answer import SCREENS, write_interview
from services.gateway.client.secret import BrowserSecret
from services.installation import Secrets
from services.interview.build import build
from services.running import children
from services.settings import Settings
from services.vaults import sealed
from shared.bus import wire
from shared.bus.inprocess import InProcessBus
from shared.contract.entry import Entry
from shared.store.open import open_store

GOAL = 1.05


class Side:
    """One way to keep sessions, and a browser that answers."""

    def __init__(self, folder: Path, packages: Path, *, seal: bool) -> None:
        folder.mkdir()
        settings = Settings(secret="a secret of this bench alone, not of any system", var=folder, packages=(packages,))
        clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
        inner = open_store(settings.database)
        self._cover = Secrets.of(settings).cover() if seal else None
        store: Any = sealed(settings, inner, clock=clock) if seal else inner
        more = {"vault": store.vault} if seal else {}
        before = {one.pid for one in psutil.Process().children()}
        self._runner = children(settings, at_once=1)
        self._runner.ready(60)
        self._family = [one for one in psutil.Process().children() if one.pid not in before]
        self._methods = build(
            settings, store=store, bus=InProcessBus(), runner=self._runner, clock=clock, **more
        ).methods
        self._browser = BrowserSecret.random()
        self._caller = {"client": self._browser.browser}

    def close(self) -> None:
        self._runner.close()

    def worked_by_children(self) -> float:
        """Seconds of processor time of the processes of author code until now, those that ended as well."""
        members = [member for one in self._family for member in (one, *one.children(recursive=True))]
        return sum(sum(member.cpu_times()[:4]) for member in members)

    def call(self, method: str, **arguments: Any) -> Any:
        text = wire.encode(arguments, method)
        if self._cover is not None:
            body = self._cover.close(text, "call", method)
            text = self._cover.open(body, "call", method).decode()
        answer = wire.answer(self._methods[method](**wire.decode(text, method)), method)
        if self._cover is not None:
            answer = self._cover.open(self._cover.close(answer, "reply"), "reply").decode()
        return wire.result(answer, Any, method)

    def begin(self, name: str) -> None:
        request = uuid.uuid4().hex
        self._session = self._browser.new_session(name, request)
        key = self._browser.key(self._session)
        entry = Entry(browsers=(self._browser.browser,), keys=(key,), session=self._session)
        self._entry: dict[str, Any] = msgspec.to_builtins(entry)
        self.reply = self.call("open", interview=name, request_id=request, caller=self._caller, entry=self._entry)
        del self._entry["session"]

    def answer(self, number: int) -> tuple[float, float]:
        """Seconds that the answer took, and that the service worked for it (without its child)."""
        begun, worked = time.perf_counter(), time.process_time()
        self.reply = self.call(
            "answer",
            session=self._session,
            request_id=uuid.uuid4().hex,
            token=self.reply["screen"]["token"],
            values={f"first_{number}": "Sample text", f"second_{number}": number},
            caller=self._caller,
            entry=self._entry,
        )
        return time.perf_counter() - begun, time.process_time() - worked


def main(rounds: int = 20) -> float:
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder, "packages")
        name = write_interview(packages)
        sides = {"as it is": False, "sealed": True}
        made = {label: Side(Path(folder, label), packages, seal=seal) for label, seal in sides.items()}
        times: dict[str, list[tuple[float, float]]] = {label: [] for label in made}
        children_worked: dict[str, float] = {}
        for round_ in range(rounds + 1):
            if round_ == 1:
                children_worked = {label: -side.worked_by_children() for label, side in made.items()}
            for side in made.values():
                side.begin(name)
            for number in range(SCREENS):
                # In turns, each first as often as the other: whatever else the machine does meets both.
                for label in sorted(made, reverse=number % 2 == 0):
                    taken = made[label].answer(number)
                    if round_:  # the first warms up
                        times[label].append(taken)
        for label, side in made.items():
            children_worked[label] += side.worked_by_children()
            assert side.reply["screen"]["question"].strip() == "Sample text and 49", side.reply
            side.close()
    medians = {
        label: tuple(statistics.median(one) * 1000 for one in zip(*taken, strict=True))
        for label, taken in times.items()
    }
    work = {}
    for label, (took, worked) in medians.items():
        child = children_worked[label] * 1000 / len(times[label])
        work[label] = worked + child
        print(f"{label}: {took:.2f} ms; processor time {worked:.2f} ms of the service, {child:.2f} ms of its child")
    more = medians["sealed"][1] - medians["as it is"][1]
    ratio = 1 + more / work["as it is"]
    print(
        f"sealing: {more:.3f} ms of processor time, {ratio:.3f} times that of an answer as it is, gateway not counted (goal: {GOAL})"
    )
    return ratio


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > GOAL)
