"""The in-process bus with jobs that outlive the process, where they stand nowhere else.

Tasks and received mails are rows of the store, which the sweeps find again. A mail to be sent and a tick on its way are nothing but
a job: they are kept as notes in the store from before they are sent until they are handled, and sent again at the next start.
A job whose attempts are used up stays a note, too, and has another chance after the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusError, Job
from shared.store.ports import BadRecord, Schedule, TooLarge

log = logging.getLogger(__name__)

KEPT = ("send", "tick")
_PREFIX = "job/"


class KeepingBus(InProcessBus):
    def __init__(self, schedule: Schedule, **given: Any) -> None:
        super().__init__(**given)
        self._schedule = schedule

    def send(self, job: Job) -> None:
        if job.queue not in KEPT:
            super().send(job)
            return
        try:
            self._schedule.note(_note(job), {"queue": job.queue, "id": job.id, "body": dict(job.body)})
        except (TooLarge, BadRecord) as error:
            # Better sent from memory alone than not at all.
            log.warning("job_not_kept", extra={"queue": job.queue, "job": job.id, "error": type(error).__name__})
        try:
            super().send(job)
        except BusError:
            self._schedule.forget(_note(job))
            raise

    def consume(self, queue: str, handle: Callable[[Job], None], *, workers: int = 1) -> None:
        def handle_and_forget(job: Job) -> None:
            handle(job)
            self._schedule.forget(_note(job))

        super().consume(queue, handle_and_forget if queue in KEPT else handle, workers=workers)

    def send_kept(self) -> int:
        """Send what an earlier process left, once somebody consumes it; returns how many jobs that were."""
        kept = self._schedule.notes(_PREFIX)
        for note in kept.values():
            super().send(Job(queue=note["queue"], id=note["id"], body=note["body"]))
        return len(kept)


def _note(job: Job) -> str:
    return f"{_PREFIX}{job.queue}/{job.id}"
