"""What of schedules is counted for operators: `deploy/prometheus/alerts.yml` warns of each."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

LAG = Gauge("parley_schedule_lag_seconds", "How long after its time the last tick of a schedule began", ["schedule"])
TICKS = Counter("parley_schedule_ticks_total", "Ticks of schedules, by what became of them", ["schedule", "outcome"])
OUTCOMES = ("ran", "late", "skipped", "failed")
RUNNING = Gauge("parley_schedule_running", "Ticks of a schedule that run now", ["schedule"])


def begin(schedule: str) -> None:
    """Count from nothing: what appears only with its first tick has not grown by it, and nobody is warned."""
    for outcome in OUTCOMES:
        TICKS.labels(schedule, outcome)
    LAG.labels(schedule)
    RUNNING.labels(schedule)
