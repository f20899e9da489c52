"""The in-process bus, and what earlier versions kept of jobs that should outlive the process.

Tasks and mails, received and sent, are rows of the store, which the sweeps find again: they need no note. Versions before 0.3 kept mails
to be sent as notes from before they were sent until they were handled; such notes are sent at the next start. Their notes of ticks are
thrown away: the ledger of ticks knows what is to be made up for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.store.ports import Schedule

#: The queue of which versions before 0.3 kept notes, and which is still there.
_KEPT = "send"
_PREFIX = "job/"


class KeepingBus(InProcessBus):
    def __init__(self, schedule: Schedule, **given: Any) -> None:
        super().__init__(**given)
        self._schedule = schedule

    def consume(self, queue: str, handle: Callable[[Job], None], *, workers: int = 1) -> None:
        def handle_and_forget(job: Job) -> None:
            handle(job)
            self._schedule.forget(_note(job))

        super().consume(queue, handle_and_forget if queue == _KEPT else handle, workers=workers)

    def send_kept(self) -> int:
        """Send what an earlier process left, once somebody consumes it; returns how many jobs that were."""
        sent = 0
        for note in self._schedule.notes(_PREFIX).values():
            job = Job(queue=note["queue"], id=note["id"], body=note["body"])
            if job.queue == _KEPT:
                self.send(job)
                sent += 1
            else:
                self._schedule.forget(_note(job))
        return sent


def _note(job: Job) -> str:
    return f"{_PREFIX}{job.queue}/{job.id}"
