"""The reports of a service, from its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.runs.files import RunFiles
from services.runs.reports import RunReports
from services.settings import Settings
from shared.store.ports import Store


def reports_of(settings: Settings, store: Store, *, clock: Callable[[], datetime]) -> RunReports:
    files = None if settings.log is None else RunFiles(settings.log)
    return RunReports(store.runs, clock=clock, files=files)
