"""Every period every session that offers the event is told once, by however many clocks, through crashes and cuts."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest

from services.clock.ticks import STALE, Ticker
from shared.bus.messages import BusUnavailable
from shared.store.ports import Store
from tests.contract.clock.conftest import Hands, NotingBus
from tests.contract.store.make import a_session


def a_ticker(store: Store, bus: NotingBus, hands: Hands, *, page: int = 3) -> Ticker:
    return Ticker(sessions=store.sessions, schedule=store.schedule, bus=bus, clock=hands, zone=UTC, page=page)


def offer(store: Store, name: str, *events: str) -> None:
    store.sessions.create(a_session(name, multi_user=True, allow_cron=True, events=events))


def told(bus: NotingBus) -> Counter[tuple[str, str, str]]:
    return Counter((job.body["event"], job.body["period"], job.body["session"]) for job in bus.sent)


def test_each_session_is_told_of_what_it_offers(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(8):
        offer(store, f"s{number}", "cron_daily")
    offer(store, "hours", "cron_hourly", "other")
    offer(store, "background", "cron_daily_background")
    offer(store, "both", "cron_daily", "cron_daily_background")
    a_ticker(store, bus, hands).run()
    daily = {("cron_daily", "2026-01-15", name) for name in [*(f"s{n}" for n in range(8)), "background", "both"]}
    assert told(bus) == dict.fromkeys(daily | {("cron_hourly", "2026-01-15T12Z", "hours")}, 1)
    assert {job.queue for job in bus.sent} == {"tick"}
    assert len({job.id for job in bus.sent}) == len(bus.sent)


def test_once_in_a_period_and_again_in_the_next(store: Store, bus: NotingBus, hands: Hands) -> None:
    offer(store, "s", "cron_hourly", "cron_daily", "cron_weekly", "cron_monthly")
    ticker = a_ticker(store, bus, hands)
    for _ in range(3 * 24):  # a day in steps of twenty minutes
        ticker.run()
        hands.move(minutes=20)
    for _ in range(3 * 39):  # and 39 more in steps of eight hours
        ticker.run()
        hands.move(hours=8)
    counts = Counter(event for event, _, _ in told(bus))
    assert set(told(bus).values()) == {1}
    assert counts == {"cron_hourly": 24 + 3 * 39, "cron_daily": 40, "cron_weekly": 7, "cron_monthly": 2}


def test_two_clocks_tick_as_one(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(10):
        offer(store, f"s{number}", "cron_hourly")
    clocks = [a_ticker(store, bus, hands) for _ in range(4)]
    for _ in range(3):
        with ThreadPoolExecutor(len(clocks)) as pool:
            list(pool.map(lambda clock: clock.run(), clocks))
        hands.move(hours=1)
    assert set(told(bus).values()) == {1}
    assert len(bus.sent) == 30


def test_time_without_a_clock_is_made_up_for_once(store: Store, bus: NotingBus, hands: Hands) -> None:
    offer(store, "s", "cron_daily")
    a_ticker(store, bus, hands).run()
    hands.move(days=5)
    a_ticker(store, bus, hands).run()
    assert told(bus) == {("cron_daily", "2026-01-15", "s"): 1, ("cron_daily", "2026-01-20", "s"): 1}


@pytest.mark.parametrize("works_for", range(11))
def test_a_cut_in_the_middle_is_gone_on_from(store: Store, bus: NotingBus, hands: Hands, works_for: int) -> None:
    for number in range(10):
        offer(store, f"s{number}", "cron_daily")
    bus.works_for = works_for
    first = a_ticker(store, bus, hands)
    if works_for < 10:
        with pytest.raises(BusUnavailable):
            first.run()
    else:
        first.run()
    bus.works_for = 10**9
    a_ticker(store, bus, hands).run()
    a_ticker(store, bus, hands).run()
    assert told(bus) == {("cron_daily", "2026-01-15", f"s{number}"): 1 for number in range(10)}


class Killed(BaseException):
    pass


@pytest.mark.parametrize("dies_after", [0, 1, 4, 9])
def test_a_clock_killed_in_the_middle_is_replaced(store: Store, bus: NotingBus, hands: Hands, dies_after: int) -> None:
    for number in range(10):
        offer(store, f"s{number}", "cron_daily")

    class Dying(NotingBus):
        def _use(self) -> None:
            if len(self.sent) == dies_after:
                raise Killed

    dying = Dying()
    with pytest.raises(Killed):
        a_ticker(store, dying, hands).run()
    other = a_ticker(store, bus, hands)
    other.run()
    assert bus.sent == [], "the note is fresh: somebody may be at it"
    hands.now += STALE
    other.run()
    other.run()
    dying.close()
    sent = told(dying) + told(bus)
    assert set(sent) == {("cron_daily", "2026-01-15", f"s{number}") for number in range(10)}
    doubled = {session for (_, _, session), count in sent.items() if count > 1}
    assert len(doubled) < 3, "no more than the page that was under way"
    ids = {job.body["session"]: job.id for job in dying.sent}
    assert all(ids[job.body["session"]] == job.id for job in bus.sent if job.body["session"] in ids)


def test_a_claim_without_a_note_is_not_a_lost_period(store: Store, bus: NotingBus, hands: Hands) -> None:
    offer(store, "s", "cron_daily")
    assert store.schedule.claim("cron_daily", period="2026-01-15", now=hands.now)  # and killed right after it
    a_ticker(store, bus, hands).run()
    assert told(bus) == {}
    hands.now += STALE
    for _ in range(3):
        a_ticker(store, bus, hands).run()
    assert told(bus) == {("cron_daily", "2026-01-15", "s"): 1}


def test_of_many_clocks_one_takes_over(store: Store, bus: NotingBus, hands: Hands) -> None:
    for number in range(10):
        offer(store, f"s{number}", "cron_daily")
    assert store.schedule.claim("cron_daily", period="2026-01-15", now=hands.now)
    clocks = [a_ticker(store, bus, hands) for _ in range(6)]
    for _ in range(3):
        with ThreadPoolExecutor(len(clocks)) as pool:
            list(pool.map(lambda clock: clock.run(), clocks))
        hands.now += STALE
    assert told(bus) == {("cron_daily", "2026-01-15", f"s{number}"): 1 for number in range(10)}
