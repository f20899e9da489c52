"""What sealing costs of an answer: the same interview answered in turns over a store as it is and over one behind the vault, in one run.

Both by the gateway's and the interview service's own classes, with real children, over SQLite files of their own. On the sealed side arguments
and replies also pass the cover of the bus, as they do between services. Printed are milliseconds of an answer and the ratio, of all of it (a form
that is sent, the next screen as HTML) and without the gateway; the goal is 1.05 at most, of all of it.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bench.answer import SCREENS, write_interview
from services.gateway.app import create_app
from services.installation import Secrets
from services.interview.build import build
from services.pools import children
from services.settings import Settings
from services.vaults import sealed
from shared.bus import wire
from shared.bus.inprocess import InProcessBus
from shared.store.open import open_store
from shared.vault.covers import SealedCover

GOAL = 1.05
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Took(NamedTuple):
    """Seconds of an answer: by the clock, that this process worked, that it worked in calls."""

    seconds: float
    worked: float
    called: float


class Calls(InProcessBus):
    """A bus that calls in the caller's thread, through the cover if there is one; `worked` are seconds that the called worked."""

    def __init__(self, methods: Mapping[str, Callable[..., object]], cover: SealedCover | None) -> None:
        super().__init__()
        self._methods = methods
        self._cover = cover
        self.worked = 0.0

    def call(
        self, service: str, method: str, /, *, timeout: float = 40.0, returns: object = Any, **arguments: object
    ) -> Any:
        begun = time.process_time()
        text = wire.encode(arguments, method)
        if self._cover is not None:
            body = self._cover.close(text, "call", method)
            text = self._cover.open(body, "call", method).decode()
        answer = wire.answer(self._methods[method](**wire.decode(text, method)), method)
        if self._cover is not None:
            answer = self._cover.open(self._cover.close(answer, "reply"), "reply").decode()
        made = wire.result(answer, returns, method)
        self.worked += time.process_time() - begun
        return made


class Side:
    """One way to keep sessions, and a browser that answers."""

    def __init__(self, folder: Path, packages: Path, *, seal: bool) -> None:
        folder.mkdir()
        settings = Settings(secret="a secret of this bench alone, not of any system", var=folder, packages=(packages,))
        clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
        inner = open_store(settings.database)
        store: Any = sealed(settings, inner, clock=clock) if seal else inner
        more = {"vault": store.vault} if seal else {}
        before = {one.pid for one in psutil.Process().children()}
        self._runner = children(settings, at_once=1)
        self._runner.ready(60)
        self._family = [one for one in psutil.Process().children() if one.pid not in before]
        methods = build(
            settings,
            store=store,
            bus=InProcessBus(),
            runner=self._runner,
            clock=clock,
            dissect=lambda raw: {},  # no mail comes
            **more,
        ).methods
        self._bus = Calls(methods, Secrets.of(settings).cover() if seal else None)
        self._gateway = create_app(self._bus, settings)
        self._browser = self._gateway.test_client()

    def close(self) -> None:
        self._runner.close()

    def worked_by_children(self) -> float:
        """Seconds of processor time of the processes of author code until now, those that ended as well."""
        members = [member for one in self._family for member in (one, *one.children(recursive=True))]
        return sum(sum(member.cpu_times()[:4]) for member in members)

    def begin(self, name: str) -> None:
        self._address = f"/interview?i={name}"
        self._browser.get(f"{self._address}&new_session=1")
        self.page = self._browser.get(self._address).text

    def answer(self, number: int) -> Took:
        begun, worked, called = time.perf_counter(), time.process_time(), self._bus.worked
        values = {f"first_{number}": "Sample text", f"second_{number}": str(number)}
        sent = {**dict(HIDDEN.findall(self.page)), **values}
        reply = self._browser.post(self._address, data=sent, headers={"X-Parley": "1"})
        took = Took(time.perf_counter() - begun, time.process_time() - worked, self._bus.worked - called)
        self.page = json.loads(reply.data)["html"]
        return took


def main(rounds: int = 20) -> float:
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder, "packages")
        name = write_interview(packages)
        sides = {"as it is": False, "sealed": True}
        made = {label: Side(Path(folder, label), packages, seal=seal) for label, seal in sides.items()}
        times: dict[str, list[Took]] = {label: [] for label in made}
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
            assert "Sample text and 49" in side.page, side.page
            side.close()
    return told(times, {label: worked * 1000 / len(times[label]) for label, worked in children_worked.items()})


def told(times: Mapping[str, list[Took]], children: Mapping[str, float]) -> float:
    """The ratio of all of it; printed with its parts."""
    medians = {
        label: Took(*(statistics.median(one) * 1000 for one in zip(*taken, strict=True)))
        for label, taken in times.items()
    }
    for label, one in medians.items():
        print(
            f"{label}: {one.seconds:.2f} ms; processor time {one.worked:.2f} ms, {one.called:.2f} ms of it the interview service's, "
            f"and {children[label]:.2f} ms of its child"
        )
    plain, sealed_ = medians["as it is"], medians["sealed"]
    more = sealed_.worked - plain.worked
    ratio = 1 + more / (plain.worked + children["as it is"])
    alone = 1 + (sealed_.called - plain.called) / (plain.called + children["as it is"])
    print(
        f"sealing: {more:.3f} ms of processor time, {ratio:.3f} times that of an answer as it is (goal: {GOAL}); "
        f"{alone:.3f} times without the gateway"
    )
    return ratio


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > GOAL)
