"""``parley config``: mistakes all at once, what is in force without secrets, the table of keys."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from services.cli.config import config
from services.settings import described, load, load_with_places
from tests.helpers.state import AWAY

SAMPLE = """\
rabbitmq: amqp://u:pw1@broker//
store: mongodb://u:pw2@db/parley
secretkey: k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT
timezone: America/Los_Angeles
checkin interval: 12000
maximum content length: 26214400
http port: 8080
celery processes: 15
incoming mail domain: mail.example.com
mail:
  default sender: '"Administrator" <no-reply@example.com>'
  server: smtp.example.com
  username: mailuser
  password: abc123
db:
  password: pw3
config:
  colour: pw4
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_CONFIG", "PARLEY_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "parley.yml"
    path.write_text(SAMPLE)
    return path


def run(what: str, file: Path | None = None) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = config(what, None if file is None else str(file), out=out, err=err)
    return status, out.getvalue(), err.getvalue()


def test_a_file_under_upstreams_names_gives_the_settings(sample: Path) -> None:
    settings = load({**AWAY, "PARLEY_CONFIG": str(sample)})
    assert settings.distributed
    assert settings.store_uri == "mongodb://u:pw2@db/parley"
    assert (settings.checkin_interval, settings.max_request, settings.port, settings.task_workers) == (12, 25, 8080, 15)
    (server,) = settings.servers
    assert (server.host, server.username, server.password, server.tls) == (
        "smtp.example.com",
        "mailuser",
        "abc123",
        "starttls",
    )
    assert settings.sender == '"Administrator" <no-reply@example.com>'
    assert settings.config == {"colour": "pw4"}
    assert len(settings.remarks) == 1


def test_the_example_for_operators_is_right(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "operators.md"
    example, *others = re.findall(r"^```yaml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    for other in others:
        (tmp_path / "parley.yml").write_text(other)
        assert load({**AWAY, "PARLEY_CONFIG": str(tmp_path / "parley.yml")}).remarks == ()
    (tmp_path / "parley.yml").write_text(example)
    settings = load({**AWAY, "PARLEY_CONFIG": str(tmp_path / "parley.yml")})
    assert settings.remarks == ()
    assert settings.distributed
    (server,) = settings.servers
    assert (server.host, server.username, server.password) == ("smtp.example.org", "office", "secret")
    assert settings.config == {"office address": "1 Main Street"}


def test_doubts_are_logged_without_values(sample: Path, caplog: pytest.LogCaptureFixture) -> None:
    load({**AWAY, "PARLEY_CONFIG": str(sample)}).announce()
    (record,) = caplog.records
    assert (record.msg, record.levelname) == ("configuration_doubt", "WARNING")
    assert "line 15: db" in record.reason  # type: ignore[attr-defined]
    assert "pw3" not in record.reason  # type: ignore[attr-defined]


def test_the_environment_wins(sample: Path) -> None:
    loaded = load_with_places({"PARLEY_CONFIG": str(sample), "PARLEY_PORT": "9", "PARLEY_OUTGOING_SMTP": "smtp://x"})
    assert (loaded.settings.port, loaded.settings.outgoing_smtp) == (9, "smtp://x")
    assert loaded.places["port"] == "PARLEY_PORT"
    assert loaded.places["timezone"] == f"{sample}, line 4: timezone"


def test_show_tells_each_setting_and_its_place_and_no_secret(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_PORT", "9")
    status, out, err = run("show", sample)
    assert status == 0
    lines = out.splitlines()
    assert "port: 9  # PARLEY_PORT" in lines
    assert f"timezone: America/Los_Angeles  # {sample}, line 4: timezone" in lines
    assert "memory mb: 512  # default" in lines
    assert f"amqp uri: (hidden)  # {sample}, line 1: rabbitmq" in lines
    assert len(lines) == len(described())
    assert not re.search(r"pw\d|abc123|k3-9", out + err)
    assert "line 15: db" in err


def test_check_tells_all_mistakes_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "parley.yml"
    file.write_text("http port: many\ncheckin interval: 6\nmail:\n  server: h\n  port: smtp\nsecretkey: short\n")
    status, out, err = run("check", file)
    assert (status, out) == (2, "")
    assert [re.sub(r"^parley: .*?(line \d)", r"\1", line) for line in err.splitlines()] == [
        "line 2: checkin interval: expected a number of milliseconds, 0 or at least 1000",
        "line 5: mail: port: expected a whole number from 1 to 65535",
        "line 1: http port: expected a whole number from 0 to 65535, not 'many'",
        "line 6: secretkey: expected at least 32 random characters (openssl rand -base64 33)",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["parley.yml"]


def test_check_of_a_right_file(sample: Path) -> None:
    status, out, err = run("check", sample)
    assert (status, out) == (0, "The configuration is right.\n")
    assert err.startswith("parley: warning: ")


def test_schedules_that_are_wrong_keep_nothing_from_starting_and_are_told_with_all_else(tmp_path: Path) -> None:
    file = tmp_path / "parley.yml"
    schedules = "schedules:\n  cron_x: {type: cron, hour: 25}\nscheduler:\n  test.heartbeat: {type: date}\n"
    file.write_text(schedules)
    status, out, err = run("check", file)
    assert (status, out) == (0, "The system starts with it, without the schedules named above.\n")
    assert err.count("; this schedule does not run\n") == 2
    file.write_text(f"{schedules}interview delete days: soon\n")
    status, out, err = run("check", file)
    assert (status, out) == (2, "")
    for line in ("line 5: interview delete days: expected a whole number", "line 2: schedules: cron_x: hour", "line 4"):
        assert line in err


def test_every_setting_has_a_place_of_its_own_and_a_row() -> None:
    places = [place for setting in described() for place in setting.key.places]
    assert len(places) == len(set(places))
    status, out, _ = run("keys")
    assert status == 0
    assert len(out.splitlines()) == len(described()) + 2
