"""Which period a moment is in, over zones, summer time and years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock.periods import EVENTS, period

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = [UTC, BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia"), ZoneInfo("Australia/Lord_Howe")]
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("event", "moment", "zone", "expected"),
    [
        ("cron_hourly", "2026-01-15T13:59:59+00:00", BERLIN, "2026-01-15T13Z"),
        ("cron_hourly", "2026-01-15T14:00:00+00:00", BERLIN, "2026-01-15T14Z"),
        ("cron_daily", "2026-01-15T04:59:59+00:00", BERLIN, "2026-01-14"),
        ("cron_daily", "2026-01-15T05:00:00+00:00", BERLIN, "2026-01-15"),
        ("cron_daily", "2026-07-15T03:59:59+00:00", BERLIN, "2026-07-14"),
        ("cron_daily", "2026-07-15T04:00:00+00:00", BERLIN, "2026-07-15"),
        ("cron_daily", "2026-01-15T10:59:59+00:00", NEW_YORK, "2026-01-14"),
        ("cron_daily", "2026-01-15T11:00:00+00:00", NEW_YORK, "2026-01-15"),
        ("cron_weekly", "2026-01-05T05:59:59+00:00", UTC, "2026-W01"),
        ("cron_weekly", "2026-01-05T06:00:00+00:00", UTC, "2026-W02"),
        ("cron_weekly", "2027-01-03T12:00:00+00:00", UTC, "2026-W53"),
        ("cron_monthly", "2026-03-01T05:59:59+00:00", UTC, "2026-02"),
        ("cron_monthly", "2026-03-01T06:00:00+00:00", UTC, "2026-03"),
        ("cron_monthly", "2027-01-01T05:59:59+00:00", UTC, "2026-12"),
    ],
)
def test_periods(event: str, moment: str, zone: ZoneInfo, expected: str) -> None:
    assert period(event, datetime.fromisoformat(moment), zone) == expected


def test_both_hours_of_the_end_of_summer_time_are_hours() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Berlin, and an hour later again
    assert first.astimezone(BERLIN).hour == (first + timedelta(hours=1)).astimezone(BERLIN).hour == 2
    assert period("cron_hourly", first, BERLIN) < period("cron_hourly", first + timedelta(hours=1), BERLIN)


@given(
    MOMENTS,
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)),
    st.sampled_from(ZONES),
    st.sampled_from(EVENTS),
)
def test_periods_ascend_with_time(moment: datetime, later: timedelta, zone: ZoneInfo, event: str) -> None:
    assert period(event, moment, zone) <= period(event, moment + later, zone)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize(
    ("event", "count"), [("cron_hourly", 365 * 24), ("cron_daily", 365), ("cron_weekly", 52), ("cron_monthly", 12)]
)
def test_a_year_has_as_many_periods_as_it_should(event: str, count: int, zone: ZoneInfo) -> None:
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = {period(event, begin + timedelta(minutes=30) * half, zone) for half in range(365 * 48)}
    assert count <= len(found) <= count + 1
