"""Who is there and with what: browser, language, place, times of access."""

from __future__ import annotations

import datetime

import pytest

from shared.authoring.functions.access import (
    last_access_days,
    last_access_delta,
    last_access_hours,
    last_access_minutes,
    last_access_time,
    returning_user,
    start_time,
)
from shared.authoring.functions.browser import (
    device,
    language_from_browser,
    location_known,
    location_returned,
    referring_url,
    user_lat_lon,
)
from shared.authoring.memory import (
    ACCESS,
    LOCATION,
    REFERER,
    STARTED,
)

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"


TABLET = "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1"


BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("agent", "kind"), [(DESKTOP, "is_pc"), (PHONE, "is_mobile"), (TABLET, "is_tablet"), (BOT, "is_bot")]
)
def test_device(step, agent, kind):
    step.request = {**step.request, "user_agent": agent}
    kinds = {name for name in ("is_pc", "is_mobile", "is_tablet", "is_bot") if getattr(device(), name)}
    assert kinds == {kind}
    assert device().is_touch_capable is (kind in ("is_mobile", "is_tablet"))


def test_device_parts(step):
    step.request = {**step.request, "user_agent": DESKTOP}
    assert str(device()) == "PC / Linux / Chrome 120.0.0"
    assert (device().browser.family, device().browser.version[0], device().os.family) == ("Chrome", 120, "Linux")
    assert device(ip=True) == "127.0.0.1"
    step.request = {}
    assert device() is None
    assert device(ip=True) is None


@pytest.mark.parametrize(
    ("header", "wanted", "found"),
    [
        ("en-US,en;q=0.9,es;q=0.8", (), "en"),
        ("en-US,en;q=0.9,es;q=0.8", ("es", "fr"), "es"),
        ("de", ("es", "fr"), None),
        ("xx-bad, ;q=x, fr;q=0.3, de;q=0.7", (), "de"),
        ("en;q=0", (), None),
        (["pt-BR", "en"], ("pt-br", "en"), "pt-br"),
        (None, (), None),
    ],
)
def test_language_from_browser(step, header, wanted, found):
    step.request = {**step.request, "languages": header}
    assert language_from_browser(*wanted) == found


def test_referring_url(step):
    assert referring_url(default=False) is False
    assert referring_url() == "http://localhost"
    step.config = {"exitpage": "https://example.com/bye"}
    assert referring_url() == "https://example.com/bye"
    step.internal[REFERER] = "https://first.example"
    step.request = {**step.request, "referer": "https://now.example"}
    assert referring_url() == "https://first.example"
    assert referring_url(current=True) == "https://now.example"


def test_location(step):
    assert (location_known(), location_returned(), user_lat_lon()) == (False, False, (None, None))
    step.internal[LOCATION] = {"returned": True, "known": False, "error": "denied"}
    assert (location_known(), location_returned(), user_lat_lon()) == (False, True, ("denied", "denied"))
    step.internal[LOCATION] = {"returned": True, "known": True, "latitude": 1.5, "longitude": 2.5}
    assert user_lat_lon() == (1.5, 2.5)


def ago(step, **units):
    return (step.now - datetime.timedelta(**units)).isoformat()


def test_access_times(step):
    step.internal[STARTED] = ago(step, days=9)
    step.internal[ACCESS] = {
        "-1": {"time": ago(step, hours=30), "privileges": ["user"]},
        "7": {"time": ago(step, hours=12), "privileges": ["user", "advocate"]},
        "8": {"time": ago(step, hours=1), "privileges": ["developer", "advocate"]},
        "cron": {"time": ago(step, minutes=5), "privileges": ["cron"]},
    }
    assert last_access_hours() == 1
    assert last_access_minutes() == 60
    assert last_access_days() == pytest.approx(1 / 24)
    assert last_access_delta(include_cron=True) == datetime.timedelta(minutes=5)
    assert last_access_hours("user") == 12
    assert last_access_hours(["advocate", "admin"]) == 1
    assert last_access_hours(include_privileges="advocate", exclude_privileges=["developer"]) == 12
    assert last_access_time("admin") is None
    assert last_access_hours("admin") == 0
    assert last_access_time().utcoffset() == datetime.timedelta(0)
    assert last_access_time(timezone="America/New_York").hour == 9
    assert start_time() == step.now - datetime.timedelta(days=9)
    assert start_time(timezone="Europe/Paris").utcoffset() == datetime.timedelta(hours=1)


def test_access_times_written_as_plain_stamps(step):
    step.internal[ACCESS] = {"-1": ago(step, hours=2)}
    assert last_access_hours() == 2
    assert start_time() == step.now


@pytest.mark.parametrize(
    ("hours", "options", "returning"),
    [(7, {}, True), (5, {}, False), (5, {"hours": 1}, True), (7, {"days": 1}, False), (0.01, {"minutes": 0.5}, True)],
)
def test_returning_user(step, hours, options, returning):
    step.internal[ACCESS] = {"-1": ago(step, hours=hours)}
    assert returning_user(**options) is returning
    step.request = {**step.request, "method": "POST"}
    assert returning_user(**options) is False
