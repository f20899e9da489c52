"""What of schedules is counted for operators: `deploy/prometheus/alerts.yml` warns of each."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

LAG = Gauge("parley_schedule_lag_seconds", "How long after its time the last tick of a schedule began", ["schedule"])
TICKS = Counter("parley_schedule_ticks_total", "Ticks of schedules, by what became of them", ["schedule", "outcome"])
RUNNING = Gauge("parley_schedule_running", "Ticks of a schedule that run now", ["schedule"])
