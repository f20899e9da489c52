"""To which queue a background action goes: its author names one, and the operator says which there are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.interview.publishers import Context, publish
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import Job
from shared.bus.queues import with_task_queues
from shared.contract.effects import StartTask, kind_of, to_body
from shared.contract.tasks import TaskOptions
from shared.store.records import OutboxEntry, Session
from tests.helpers.memory import memory_store

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class NotingBus(InProcessBus):
    def __init__(self) -> None:
        super().__init__(policies=with_task_queues(["slow"]))
        self.sent: list[Job] = []

    def send(self, job: Job) -> None:
        super().send(job)  # raises for a queue that there is not
        self.sent.append(job)


@pytest.mark.parametrize(
    ("options", "queue"),
    [
        (TaskOptions(), "task"),
        (TaskOptions(queue="default"), "task"),
        (TaskOptions(queue="slow", priority=-1), "task.slow"),
        (TaskOptions(queue="nobodys"), "task"),
    ],
)
def test_a_queue_that_the_operator_does_not_know_is_that_of_all_and_that_is_said(
    options: TaskOptions, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = Session(
        id="s", version=1, interview="a:b.yml", state=b"", step=0, created=NOW, modified=NOW, accessed=NOW
    )
    effect = StartTask(task_id="t", action="work", arguments=b"", options=options)
    entry = OutboxEntry(id="e", kind=kind_of(effect), body=to_body(effect))
    store, bus = memory_store(), NotingBus()
    publish(entry, Context(store=store, bus=bus, session=session, now=NOW, queues=frozenset({"slow"})))
    task, (job,) = store.tasks.get("t"), bus.sent
    assert task is not None
    assert (task.queue, task.priority, job.queue) == (queue, options.priority, queue)
    assert job.body.get("priority", 0) == options.priority
    said = [(record.message, getattr(record, "queue", None)) for record in caplog.records]
    assert said == ([("queue_unknown", "nobodys")] if options.queue == "nobodys" else [])
