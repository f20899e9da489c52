"""Cron ticks: scheduled actions of one session (background.md, "Scheduled tasks").

Runs as the cron user, on sessions with multi_user and allow_cron, over the current step. ``cron_daily`` runs here;
``cron_daily_background`` as a background task.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.effects import outbox_entries
from services.interview import ledger
from services.interview.steps import Steps
from services.interview.who import CRON, Who
from shared.authoring.effects import StartTask
from shared.bus.messages import CallFailed, Job
from shared.engine.request import Action, Request
from shared.state.codec import encode_value
from shared.store.records import Commit, Session

BACKGROUND = "_background"


class Ticks:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def handle(self, job: Job) -> None:
        """One ``tick`` job: ``{"session", "event", "period"}``. Twice is once: the session keeps how far its schedules came."""
        event, session_id, period = (str(job.body[name]) for name in ("event", "session", "period"))
        request_id = f"tick.{event}.{period}"
        who = Who(client="cron", user=CRON)
        with self._steps.turn(session_id):
            try:
                found = self._steps.load(session_id, fresh=True)
            except CallFailed as error:
                if error.kind == "NoSession":
                    return
                raise
            if not (found.multi_user and found.allow_cron):
                return
            if event in found.events:
                found = self._run(found, who, event, period, request_id)
            background = event + BACKGROUND
            if background in found.events:
                self._start(found, who, background, request_id + BACKGROUND)

    def _run(self, found: Session, who: Who, event: str, period: str, request_id: str) -> Session:
        def already(now_found: Session) -> bool:
            return ledger.marks(now_found).get(event, "") >= period  # periods ascend as text

        def request(now_found: Session, now: datetime) -> Request:
            return self._steps.request(who, now_found, now=now, action=Action(name=event), mode="cron")

        session, _ = self._steps.save(
            found,
            request,
            who,
            request_id=request_id,
            already=already,
            marks={event: period},
            origin="cron",
            accessed=False,
        )
        return session

    def _start(self, found: Session, who: Who, action: str, request_id: str) -> None:
        """Put the task into the outbox under an id that follows from the tick."""
        effect = StartTask(task_id=f"{found.id}.{request_id}", action=action, arguments=encode_value({}))
        while request_id not in found.seen:
            commit = Commit(
                now=self._steps.clock(), outbox=outbox_entries((effect,), prefix=request_id), request_id=request_id
            )
            if self._steps.commit(found, commit, who, origin="cron") is not None:
                return
            found = self._steps.load(found.id, fresh=True)


def tick_body(session: str, event: str, period: str) -> dict[str, Any]:
    return {"session": session, "event": event, "period": period}
