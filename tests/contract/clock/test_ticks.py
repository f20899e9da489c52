"""Every tick is accounted for, and every session that takes part is told of it once, by however many clocks, through crashes and cuts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.clock.executor import LEAD, Executor
from services.clock.noting import Noter, Scheduled
from services.clock.ticks import InterviewTicks
from services.schedules import interviews
from services.schedules.core import CatchUp, Schedule
from services.schedules.triggers import Interval
from shared.contract.ticks import Ticked
from shared.store.ports import Store
from shared.store.records import LedgerEntry
from tests.contract.clock.conftest import Hands, NotingBus
from tests.contract.store.make import a_session

HOUR = timedelta(hours=1)
ALL = tuple(interviews.schedules((), ZoneInfo("UTC")))
HOURLY = ALL[:1]


class AClock:
    """One process of the clock, as far as schedules are concerned."""

    def __init__(self, store: Store, bus: NotingBus, hands: Hands, schedules: tuple[Schedule, ...] = HOURLY) -> None:
        scheduled = [Scheduled(one, "interviews") for one in schedules]
        ticks = InterviewTicks(
            sessions=store.sessions, bus=bus, seconds=5, page=3, pauses=(0.0, 0.0), sleep=lambda _: None
        )
        self.noter = Noter(scheduled, ledger=store.ledger, claims=store.schedule, clock=hands)
        self.executor = Executor({"interviews": ticks}, scheduled, ledger=store.ledger, clock=hands)

    def look(self, *, wait: bool = True) -> None:
        self.noter.run()
        self.executor.run()
        if wait:
            assert self.executor.wait(20)


def take_part(
    store: Store, bus: NotingBus, *names: str, interview: str = "a:one.yml", events: str = "cron_hourly"
) -> None:
    bus.offers[interview] = tuple(events.split())
    for name in names:
        store.sessions.create(a_session(name, interview=interview, scheduled=True))


def history(store: Store, schedule: str = "cron_hourly") -> list[LedgerEntry]:
    return list(reversed(store.ledger.page(schedule, limit=1000).lines))


def outcomes(store: Store) -> list[tuple[str, str, int]]:
    return [(one.outcome, one.reason.partition(" s after")[0].strip("0123456789"), one.count) for one in history(store)]


@pytest.fixture
def clock(store: Store, bus: NotingBus, hands: Hands) -> Iterator[AClock]:
    one = AClock(store, bus, hands)
    one.look()  # a first start begins with the next tick
    yield one
    one.executor.stop()


def test_each_session_of_an_interview_that_offers_the_event_is_told(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(8)))
    take_part(store, bus, "b1", "b2", interview="b:two.yml", events="cron_hourly_background")
    take_part(store, bus, "c1", interview="c:three.yml", events="cron_daily other")
    store.sessions.create(a_session("apart", interview="a:one.yml"))
    hands.now += HOUR
    clock.look()
    clock.look()
    names = [*(f"s{number}" for number in range(8)), "b1", "b2"]
    assert Counter(bus.ticked) == {("cron_hourly", "2026-01-15T13:00:00Z", name): 1 for name in names}
    (entry,) = history(store)
    assert (entry.outcome, entry.counts["reached"], entry.counts["left"]) == ("ran", 10, 0)


def test_once_in_each_period(store: Store, bus: NotingBus, hands: Hands) -> None:
    take_part(store, bus, "s", events="cron_hourly cron_daily cron_weekly cron_monthly")
    clock = AClock(store, bus, hands, ALL)
    for _ in range(3 * 24):  # a day in steps of twenty minutes
        clock.look()
        hands.move(minutes=20)
    for _ in range(3 * 39):  # and 39 more in steps of eight hours
        clock.look()
        hands.move(hours=8)
    counts = Counter(event for event, _, _ in bus.ticked)
    assert set(Counter(bus.ticked).values()) == {1}
    assert counts["cron_daily"] == 39
    assert (counts["cron_weekly"], counts["cron_monthly"]) == (6, 1)
    entries = [one for name in store.ledger.schedules() for one in store.ledger.page(name, limit=1000).lines]
    assert {one.outcome for one in entries} <= {"ran", "late", "skipped"}
    assert sum(one.count for one in entries if one.schedule == "cron_hourly") == 24 + 116 * 8, "each hour is there"


def test_many_clocks_tick_as_one(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(10)))
    clocks = [clock, *(AClock(store, bus, hands) for _ in range(3))]
    for _ in range(3):
        hands.now += HOUR
        with ThreadPoolExecutor(len(clocks)) as pool:
            list(pool.map(lambda one: one.look(), clocks))
    assert Counter(Counter(bus.ticked).values()) == {1: 30}
    assert [one.outcome for one in history(store)] == ["ran"] * 3


def test_of_three_ticks_that_no_clock_saw_one_runs_and_three_are_recorded(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, "s")
    hands.now += 3 * HOUR + timedelta(minutes=10)
    clock.look()
    assert [period for _, period, _ in bus.ticked] == ["2026-01-15T15:00:00Z"]
    assert outcomes(store) == [("skipped", "catch up", 2), ("late", "", 1)]


@pytest.mark.parametrize(("catch_up", "ran"), [(CatchUp.ALL, 3), (CatchUp.SKIP, 0)])
def test_other_ways_to_catch_up(store: Store, bus: NotingBus, hands: Hands, catch_up: CatchUp, ran: int) -> None:
    take_part(store, bus, "s")
    schedule = Schedule(name="cron_hourly", trigger=Interval(HOUR), catch_up=catch_up)
    clock = AClock(store, bus, hands, (schedule,))
    clock.look()
    hands.now += 3 * HOUR + timedelta(minutes=10)
    clock.look()
    assert len(bus.ticked) == ran
    assert sum(one.count for one in history(store)) == 3


def test_a_clock_set_back_makes_no_tick_twice(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    take_part(store, bus, "s")
    hands.now += HOUR
    clock.look()
    hands.now -= 5 * HOUR
    clock.look()
    AClock(store, bus, hands).look()
    hands.now += 5 * HOUR
    clock.look()
    assert len(bus.ticked) == len(history(store)) == 1


@pytest.mark.parametrize("works_for", [0, 1, 2, 5, 9, 13])
def test_a_cut_in_the_middle_is_gone_on_from(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock, works_for: int
) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(10)))
    hands.now += HOUR
    bus.works_for = works_for
    clock.look()
    bus.works_for = 10**9
    clock.look()
    assert Counter(bus.ticked) == {("cron_hourly", "2026-01-15T13:00:00Z", f"s{number}"): 1 for number in range(10)}
    (entry,) = history(store)
    assert (entry.outcome, entry.counts["left"]) == ("ran", 0)


class Stuck:
    """From the session of this name on, no answer comes until `go`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.there, self.go = threading.Event(), threading.Event()

    def __call__(self, session: str, event: str) -> Ticked:
        if session >= self.name:
            self.there.set()
            assert self.go.wait(20)
        return Ticked(outcome="ran")


def test_a_clock_that_dies_in_the_middle_is_replaced_and_its_tick_ended_before_the_newer_one(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(10)))
    hands.now += HOUR
    stuck = bus.on_tick = Stuck("s6")
    clock.look(wait=False)
    assert stuck.there.wait(20)
    bus.on_tick = lambda session, event: Ticked(outcome="ran")
    other = AClock(store, bus, hands)
    other.look()
    assert [one.outcome for one in history(store) if one.outcome == "ran"] == [], "the first may still be at it"
    hands.now += HOUR + LEAD
    other.look()
    # By each once: the first one's other lane may have gone on with sessions that the second then asks for again, which is harmless.
    ticked = list(dict.fromkeys((period, session) for _, period, session in bus.ticked))
    assert sorted(ticked) == [(f"2026-01-15T{hour}:00:00Z", f"s{n}") for hour in (13, 14) for n in range(10)]
    assert max(ticked.index(one) for one in ticked if "T13" in one[0]) < min(
        ticked.index(one) for one in ticked if "T14" in one[0]
    )
    assert [one.outcome for one in history(store)] == ["ran", "ran"]
    stuck.go.set()
    assert clock.executor.wait(20)
    assert [one.by for one in history(store)] == [history(store)[0].by] * 2, "the first wrote nothing after its time"


def test_a_begun_tick_that_is_too_old_is_recorded_with_what_it_did_not_reach(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(10)))
    hands.now += HOUR
    stuck = bus.on_tick = Stuck("s0")
    clock.look(wait=False)
    assert stuck.there.wait(20)
    bus.on_tick = lambda session, event: Ticked(outcome="ran")
    hands.now += timedelta(days=2)
    AClock(store, bus, hands).look()
    first, passed_over, newest = history(store)
    assert (first.outcome, first.counts["left"]) == ("skipped", 10)
    assert (passed_over.count, newest.outcome) == (47, "ran")
    stuck.go.set()
    assert clock.executor.wait(20)


def test_a_tick_is_noted_however_busy_the_clock_is(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(4)))
    hands.now += HOUR
    stuck = bus.on_tick = Stuck("s0")
    clock.look(wait=False)
    assert stuck.there.wait(20)
    for _ in range(2):
        hands.now += HOUR
        clock.look(wait=False)
    assert [one.outcome for one in history(store)] == ["running", "waiting", "waiting"]
    stuck.go.set()
    assert clock.executor.wait(20)
    clock.look()
    assert [one.outcome for one in history(store)] == ["ran", "skipped", "ran"]
    assert history(store)[1].reason == "catch up"


def test_of_one_interview_two_at_a_time_and_none_holds_up_the_others(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(10)))
    take_part(store, bus, *(f"t{number}" for number in range(10)), interview="b:two.yml")
    now, most, guard, go = 0, 0, threading.Lock(), threading.Event()

    def tick(session: str, event: str) -> Ticked:
        nonlocal now, most
        if session.startswith("s"):
            with guard:
                now += 1
                most = max(most, now)
            assert go.wait(20)
            with guard:
                now -= 1
        return Ticked(outcome="ran")

    bus.on_tick = tick
    hands.now += HOUR
    clock.look(wait=False)
    end = threading.Event()
    for _ in range(1000):
        if sum(session.startswith("t") for _, _, session in bus.ticked) == 10:
            break
        end.wait(0.01)
    assert {session for _, _, session in bus.ticked} == {f"t{number}" for number in range(10)}
    go.set()
    assert clock.executor.wait(20)
    assert most == 2
    assert len(bus.ticked) == 20


def test_what_came_of_sessions_is_counted(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    take_part(store, bus, *(f"s{number}" for number in range(6)))
    known = {"s0": "asked", "s1": "failed", "s2": "waits", "s3": "gone", "s4": "nothing", "s5": "ran"}
    bus.on_tick = lambda session, event: Ticked(outcome=known[session], changed=session == "s5")  # type: ignore[arg-type]
    hands.now += HOUR
    clock.look()
    (entry,) = history(store)
    assert entry.counts == {"reached": 3, "changed": 1, "failed": 2, "left": 1}
    assert entry.outcome == "ran"


def test_an_interview_that_does_not_load_is_told_and_holds_up_no_other(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, "s")
    take_part(store, bus, "t", interview="b:two.yml")
    del bus.offers["a:one.yml"]
    hands.now += HOUR
    clock.look()
    assert [session for _, _, session in bus.ticked] == ["t"]
    assert history(store)[0].detail == {"interviews": {"a:one.yml": "BadInterview"}}
    bus.offers.clear()
    hands.now += HOUR
    clock.look()
    assert [one.outcome for one in history(store)] == ["ran", "failed"]


def test_an_event_that_an_interview_gained_counts_from_the_next_tick(
    store: Store, bus: NotingBus, hands: Hands, clock: AClock
) -> None:
    take_part(store, bus, "s", events="")
    hands.now += HOUR
    clock.look()
    bus.offers["a:one.yml"] = ("cron_hourly",)
    hands.now += HOUR
    clock.look()
    bus.offers["a:one.yml"] = ()
    hands.now += HOUR
    clock.look()
    assert [period for _, period, _ in bus.ticked] == ["2026-01-15T14:00:00Z"]


def test_a_schedule_that_is_gone_leaves_no_open_tick(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    hands.now += HOUR
    clock.noter.run()
    AClock(store, bus, hands, ()).look()
    assert outcomes(store) == [("skipped", "the schedule is gone", 1)]


def test_a_clock_that_stops_hands_over_at_once(store: Store, bus: NotingBus, hands: Hands, clock: AClock) -> None:
    take_part(store, bus, "s")
    clock.executor.stop()
    hands.now += HOUR
    AClock(store, bus, hands).look()
    assert len(bus.ticked) == 1
