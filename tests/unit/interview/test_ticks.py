"""Scheduled events of one session, and who was here: a tick is one however often it comes, and what fails is tried less and less."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.session_host import SessionHost
from shared.contract.effects import LogMessage
from shared.contract.errors import Busy, ChildDied, ChildKilled, TimeLimit
from shared.contract.ticks import TickError
from shared.engine.outcome import Failure, Outcome
from shared.engine.request import Request
from shared.store.ports import StoreUnavailable
from shared.store.records import TickMark
from tests.unit.interview.house import WHO, House, log_screen

# ------------------------------------------------------------------ ticks


def test_a_tick_that_comes_again_long_after_is_still_one(house: House) -> None:
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "ran"
    house.now += timedelta(hours=2)  # longer than a session remembers requests
    house.answer("one")
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z", process=1).outcome == "already"
    assert house.log().count("cron") == 1
    assert house.tick("cron_daily", "2026-01-16T06:00:00Z", process=1).outcome == "ran"
    assert house.log().count("cron") == 2


def test_a_tick_that_changed_nothing_is_one_as_well(house: House) -> None:
    house.on_tick = lambda state, request: Outcome(save="ignore", screen=log_screen(state))
    before = house.stored().version
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "ran"
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z", process=1).outcome == "already"
    assert house.stored().version == before


def test_a_crash_between_the_write_and_the_mark_beside_it_is_no_second_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(mark: TickMark) -> None:
        raise StoreUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(house.store.ticks, "put", crash)
        with pytest.raises(StoreUnavailable):
            house.tick("cron_daily", "2026-01-15T06:00:00Z")
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z", process=1).outcome == "already"
    assert house.log().count("cron") == 1


def fails(state: dict[str, Any], request: Request) -> Outcome:
    failure = Failure(type="ZeroDivisionError", message="secret answer", block="ID sums", line=7, trail=("total",))
    return Outcome(save="ignore", failure=failure)


def test_an_event_that_raises_leaves_a_trace_without_what_it_said(house: House) -> None:
    house.on_tick = fails
    ticked = house.tick("cron_hourly_inline", "2026-01-15T10:00:00Z")
    assert ticked.outcome == "failed"
    assert ticked.error == TickError(type="ZeroDivisionError", block="ID sums", line=7, trail=("total",))
    (mark,) = house.store.ticks.failing("cron_hourly_inline")
    assert (mark.failures, mark.error["block"], mark.error["line"]) == (1, "ID sums", 7)
    assert "secret" not in str(mark)
    (run,) = house.store.runs.page("cron").lines
    assert (run.what, run.name, run.failure["type"]) == ("tick", "cron_hourly_inline", "ZeroDivisionError")
    assert house.tick("cron_hourly_inline", "2026-01-15T10:00:00Z").outcome == "already", "not again in this tick"


def hours(house: House, count: int, event: str = "cron_hourly_inline", *, step: float = 3600) -> list[str]:
    """What became of the next `count` hourly ticks."""
    found = []
    for _ in range(count):
        house.now += timedelta(seconds=step)
        found.append(house.tick(event, f"{house.now:%Y-%m-%dT%H:%M:%SZ}", step=step).outcome)
    return found


def test_an_event_that_fails_again_and_again_is_tried_less_and_less_often(house: House) -> None:
    house.on_tick = fails
    assert hours(house, 3) == ["failed"] * 3
    assert hours(house, 2) == ["waits", "failed"]
    assert hours(house, 4) == ["waits"] * 3 + ["failed"]
    assert hours(house, 8) == ["waits"] * 7 + ["failed"]
    assert hours(house, 16) == ["waits"] * 15 + ["failed"]
    assert hours(house, 24) == ["waits"] * 23 + ["failed"], "never more than a day apart"
    house.on_tick = lambda state, request: Outcome(save="overwrite", screen=log_screen(state))
    assert hours(house, 25) == ["waits"] * 23 + ["ran"] * 2


def test_a_visit_or_a_new_version_has_it_tried_at_once(house: House) -> None:
    house.on_tick = fails
    hours(house, 3)
    house.desks[0].screen(session=house.session, caller=WHO)
    assert hours(house, 2) == ["failed", "waits"]
    house.runner.digest = "another"
    assert hours(house, 2) == ["failed", "waits"]
    assert house.tick("cron_hourly_inline", "by hand", again=True).outcome == "failed"


def test_schedules_of_a_day_are_never_thinned(house: House) -> None:
    house.on_tick = fails
    assert hours(house, 6, "cron_daily", step=86400) == ["failed"] * 6


def test_an_event_that_asks_is_listed_with_its_place(house: House) -> None:
    asked = Failure(type="AskedForAnswer", message="It asks for colour", block="Question_3", line=9, trail=("colour",))
    house.on_tick = lambda state, request: Outcome(save="overwrite", screen=log_screen(state), asked=asked)
    ticked = house.tick("cron_daily", "2026-01-15T06:00:00Z")
    assert (ticked.outcome, ticked.changed) == ("asked", True)
    assert ticked.error is not None
    assert (ticked.error.line, ticked.error.trail) == (9, ("colour",))


@pytest.mark.parametrize("error", [ChildKilled("killed"), ChildDied("died"), TimeLimit("too long")])
def test_what_ends_its_process_or_takes_too_long_is_listed_with_its_event(house: House, error: Exception) -> None:
    def ends(state: dict[str, Any], request: Request) -> Outcome:
        raise error

    house.on_tick = ends
    ticked = house.tick("cron_daily", "2026-01-15T06:00:00Z")
    assert ticked.outcome == "failed"
    assert ticked.error == TickError(type=type(error).__name__, file="demos:house.yml", block="ID cron_daily", line=1)
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "already"


def test_what_passes_by_itself_is_tried_again_in_the_same_tick(house: House) -> None:
    def busy(state: dict[str, Any], request: Request) -> Outcome:
        raise Busy("all processes are busy")

    house.on_tick = busy
    with pytest.raises(Busy):
        house.tick("cron_daily", "2026-01-15T06:00:00Z")
    house.on_tick = lambda state, request: Outcome(save="overwrite", screen=log_screen(state))
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "ran"


@pytest.mark.parametrize(("name", "value"), [("allow_cron", False), ("multi_user", False)])
def test_a_session_that_takes_no_part_is_left_alone(house: House, name: str, value: bool) -> None:
    house.flags[name] = value
    house.answer("one")
    assert not house.stored().scheduled
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "nothing"


def test_ticks_of_what_is_not_there(house: House) -> None:
    assert house.tick("cron_weekly", "2026-01-15T06:00:00Z").outcome == "nothing"
    house.session = "another"
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").outcome == "gone"


def test_what_a_scheduled_event_says_is_kept_and_told(house: House) -> None:
    said = LogMessage(message="all is well", priority="response")
    house.on_tick = lambda state, request: Outcome(save="ignore", screen=log_screen(state), effects=(said,))
    assert house.tick("cron_daily", "2026-01-15T06:00:00Z").said == "all is well"
    (run,) = house.store.runs.page("cron").lines
    assert (run.name, run.session, run.lines) == ("cron_daily", house.session, ("all is well",))


# ------------------------------------------------------------------ visits


def visited(house: House) -> dict[str, datetime]:
    return {visit.who: visit.at for visit in house.store.sessions.visits(house.session)}


def test_who_opens_a_page_was_here(house: House) -> None:
    opened = house.now
    assert visited(house) == {"-1": opened}
    before = house.stored()
    house.now += timedelta(days=3)
    house.desks[1].screen(session=house.session, caller=WHO)
    assert visited(house) == {"-1": house.now}
    found = house.stored()
    assert (found.version, found.modified, found.state) == (before.version, before.modified, before.state)
    house.now += timedelta(days=3)
    house.answer("one")
    assert visited(house) == {"-1": house.now}


def test_an_open_tab_and_what_runs_by_itself_are_no_visits(house: House) -> None:
    house.answer("one")
    last = visited(house)
    house.now += timedelta(days=3)
    house.desks[0].check_in(session=house.session, caller=WHO, action="look", values={}, request_id="c1")
    house.tick("cron_daily", "2026-01-18T06:00:00Z")
    house.worker().handle(house.task(ui="flash"))
    assert visited(house) == last
    host = SessionHost(house.store, house.session, clock=house.clock)
    assert [one["who"] for one in host.visits()] == ["-1", "cron"]
    assert host.visits()[1] == {"who": "cron", "at": house.now, "privileges": ["cron"]}


def test_each_user_is_remembered_with_his_privileges(house: House) -> None:
    developer = {**WHO, "user": {"id": 7, "privileges": ["developer", "user"], "is_anonymous": False}}
    house.desks[0].screen(session=house.session, caller=developer)
    assert {one.who: one.privileges for one in house.store.sessions.visits(house.session)} == {
        "-1": ("user",),
        "7": ("developer", "user"),
    }
