"""Puts the interview service together from settings and ports; the same for the nameko shell and the embedded system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.authorconfig import author_config
from services.interview.callbacks import Callbacks
from services.interview.desk import Desk
from services.interview.post import Post
from services.interview.steps import Steps
from services.interview.ticks import Ticks
from services.interview.uploads import Uploads
from services.settings import Settings
from shared.bus.messages import Bus, Job
from shared.runner.ports import Limits, Runner
from shared.store.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewService:
    """`methods` are answered as calls to ``interview``; `jobs` are handled from the queues of their names."""

    methods: Mapping[str, Callable[..., Any]]
    jobs: Mapping[str, Callable[[Job], None]]


def build(
    settings: Settings, *, store: Store, bus: Bus, runner: Runner, clock: Callable[[], datetime]
) -> InterviewService:
    steps = Steps(
        store=store,
        bus=bus,
        runner=runner,
        clock=clock,
        limits=Limits(seconds=settings.foreground_seconds, memory=settings.memory_bytes),
        config=author_config(settings),
    )
    desk = Desk(steps, secret=settings.secret.encode())
    uploads = Uploads(store, clock=clock)
    calls = (
        *(desk.open, desk.screen, desk.answer, desk.action, desk.back),
        *(desk.check_in, desk.restart, desk.delete, desk.publish, desk.variables),
        *(uploads.upload, uploads.download),
        Callbacks(steps).respond,
    )
    return InterviewService(
        methods={call.__name__: call for call in calls},
        jobs={"tick": Ticks(steps).handle, "mail": Post(steps).handle},
    )
