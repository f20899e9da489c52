"""What a configuration declares of schedules: every mistake at once, with its line, and the rest as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.configuration.document import Node, Table, read
from services.schedules import jobs, words
from services.schedules.core import CatchUp, upcoming
from services.schedules.words import Overlap
from tests.helpers.scheduler import SEED

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def node(tmp_path: Path, text: str) -> Node:
    path = tmp_path / "parley.yml"
    path.write_text(f"top:\n{text}")
    table = read(path)
    assert isinstance(table, Table)
    return table.entries[0].value


def mistakes(found: words.Declarations | jobs.Jobs) -> list[tuple[int, str]]:
    return [(one.line, one.what) for one in found.mistakes]


def test_other_times_and_other_names(tmp_path: Path) -> None:
    found = words.events(
        node(
            tmp_path,
            """
  cron_daily: {type: cron, hour: 5, minute: 30}
  cron_every_five_minutes: {type: interval, minutes: 5}
  cron_payday: {type: cron, day: last, hour: 9, timezone: Europe/Berlin, catch up: all, catch up within: 2 days}
""",
        )
    )
    assert found.mistakes == ()
    daily, often, payday = (one.schedule(UTC_ZONE) for one in found.declared)
    assert upcoming(daily, now=NOW, count=1) == [datetime(2026, 1, 16, 5, 30, tzinfo=UTC)]
    assert upcoming(often, now=NOW, count=2) == [NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)]
    assert upcoming(payday, now=NOW, count=1) == [datetime(2026, 1, 31, 8, tzinfo=UTC)]
    assert (payday.catch_up, payday.within) == (CatchUp.ALL, timedelta(days=2))


def test_a_beginning_an_end_and_a_jitter_that_all_clocks_share(tmp_path: Path) -> None:
    (one,) = words.events(
        node(
            tmp_path,
            "  x: {type: interval, hours: 1, start_date: '2026-01-15 12:20', end_date: '2026-01-15 15:00', jitter: 600}\n",
        )
    ).declared
    moments = upcoming(one.schedule(UTC_ZONE), now=NOW, count=9)
    assert moments == upcoming(one.schedule(UTC_ZONE), now=NOW, count=9)
    whole = [datetime(2026, 1, 15, hour, 20, tzinfo=UTC) for hour in (12, 13, 14)]
    assert len(moments) == 3
    assert all(timedelta(0) <= at - exact <= timedelta(seconds=600) for at, exact in zip(moments, whole, strict=True))


def test_a_jitter_longer_than_the_interval_leaves_none_out(tmp_path: Path) -> None:
    (one,) = words.events(node(tmp_path, "  x: {type: interval, minutes: 1, jitter: 600}\n")).declared
    found = upcoming(one.schedule(UTC_ZONE), now=NOW, count=300)
    assert found == sorted(set(found))
    # Of those that lie within, each is the shift of a minute of its own, but for those that fell on the same second.
    hour = [at for at in found if NOW + timedelta(hours=1) <= at < NOW + timedelta(hours=4)]
    assert 150 <= len(hour) <= 200
    again, at = [], NOW
    while len(again) < 50:
        at = at + timedelta(seconds=1)
        following = one.schedule(UTC_ZONE).trigger.next(at)
        assert following is not None
        if following not in again:
            again.append(following)
    assert again == found[:50], "whatever is asked between them"


def test_every_mistake_is_told_with_its_line_and_takes_away_its_own_schedule_alone(tmp_path: Path) -> None:
    found = words.events(
        node(
            tmp_path,
            """
  cron_good: {type: interval, minutes: 5}
  cron_guess: {type: interval, minuts: 5}
  cron_late: {type: cron, hour: 25}
  cron_never: {type: cron, month: 2, day: 31}
  cron_zero: {type: interval, minutes: 0}
  cron_mixed: {type: interval, minutes: 5, hour: 4}
  cron_zone: {type: cron, hour: 4, timezone: Europe/Berlim}
  cron-name: {type: interval, minutes: 5}
  cron_text: daily
  cron_catch: {type: interval, minutes: 5, catch up: never, catch up within: 5}
  cron_date: {type: interval, minutes: 5, start_date: soon, jitter: -1, overlap: no}
""",
        )
    )
    assert [one.name for one in found.declared] == ["cron_good"]
    told = mistakes(found)
    assert [line for line, _ in told] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 13, 13, 13]
    for (_, what), expected in zip(
        told,
        [
            "minutes",
            "hour",
            "no such day",
            "minutes",
            "other type",
            "timezone",
            "Python",
            "type: interval",
            "catch up",
            "at least a minute",
            "start date",
            "jitter",
            "overlap",
        ],
        strict=True,
    ):
        assert expected in what, what


@pytest.mark.parametrize("text", ["  soon\n", "  [a, b]\n"])
def test_what_is_no_table_of_schedules(tmp_path: Path, text: str) -> None:
    assert len(words.events(node(tmp_path, text)).mistakes) == 1
    assert len(jobs.read(node(tmp_path, text)).mistakes) == 1


# ------------------------------------------------------------------ the document of docassemble.Scheduler


def test_the_documents_first_example_names_a_job_twice_and_both_run(tmp_path: Path) -> None:
    found = jobs.read(node(tmp_path, SEED.removeprefix("scheduler:\n")))
    assert found.mistakes == ()
    assert found.level == "debug"
    assert [one.name for one in found.declared] == [
        "test.heartbeat",
        "test.heartbeat (2)",
        "test.test_arbitrary_params",
    ]
    monthly = found.declared[1].schedule(UTC_ZONE)
    assert upcoming(monthly, now=NOW, count=1) == [datetime(2026, 2, 1, 0, 1, tzinfo=UTC)]
    assert found.declared[2].more == {
        "args": ["positional_value_1", "positional_value_2"],
        "kwargs": {"optional_param": "optional_value"},
    }
    assert all(one.overlap is Overlap.SKIP for one in found.declared)


@pytest.mark.parametrize(
    ("name", "module", "function"),
    [
        ("test.heartbeat", "docassemble.Scheduler.tasks.test", "heartbeat"),
        ("docassemble.demo.gettime.get_time", "docassemble.demo.gettime", "get_time"),
        ("postgres_db_backup.run 1", "docassemble.Scheduler.tasks.postgres_db_backup", "run"),
        ("test.heartbeat (2)", "docassemble.Scheduler.tasks.test", "heartbeat"),
    ],
)
def test_which_function_a_name_means(name: str, module: str, function: str) -> None:
    assert jobs.function_of(name) == (module, function)


def test_mistakes_of_jobs(tmp_path: Path) -> None:
    found = jobs.read(
        node(
            tmp_path,
            """
    log level: loud
    error handler: on_error
    test.good: {type: interval, minutes: 1, contextmanager: test_context.SchedulerContext, retry: 2}
    test.once: {type: date, run_date: 2026-01-15}
    heartbeat: {type: interval, minutes: 1}
    test.args: {type: interval, minutes: 1, args: text, kwargs: [a], contextmanager: here, retry: often}
""",
        )
    )
    assert [one.name for one in found.declared] == ["test.good"]
    told = mistakes(found)
    assert [line for line, _ in told] == [3, 4, 6, 7, 8, 8, 8, 8]
    assert told[1][1] == "scheduler: error handler: expected file.function or package.module.function"
    assert "`date` is not supported" in told[2][1]
    assert found.level == "info"
