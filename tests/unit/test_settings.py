from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.settings import Settings, SettingsError, load, variables

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


def test_defaults_are_an_embedded_system_below_var(tmp_path):
    settings = load({"PARLEY_VAR": str(tmp_path)})
    assert not settings.distributed
    assert settings.database == f"sqlite:///{tmp_path}/parley.sqlite"
    assert (settings.foreground_seconds, settings.background_seconds) == (30, 3600)
    assert (settings.interview_delete_days, settings.checkin_interval) == (90, 6)


def test_the_secret_of_an_embedded_system_is_made_once_and_readable_by_nobody_else(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: load({"PARLEY_VAR": str(tmp_path)}).secret, range(16)))
    assert len(made) == 1
    assert len(made.pop()) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/mia"}, "/state/parley"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/mia"}, "/home/mia/.local/state/parley"),
        ({"HOME": "/home/mia"}, "/home/mia/.local/state/parley"),
        ({"HOME": "/home/mia", "PARLEY_VAR": "/srv/parley"}, "/srv/parley"),
    ],
)
def test_answers_are_kept_outside_of_the_program(environ, expected):
    assert str(load(environ, need_secret=False).var) == expected


def test_the_folder_for_answers_is_for_nobody_else(tmp_path):
    load({"XDG_STATE_HOME": str(tmp_path / "state")})
    assert stat.S_IMODE((tmp_path / "state/parley").stat().st_mode) == 0o700


def test_a_broken_secret_file_is_an_error_and_is_not_replaced(tmp_path):
    (tmp_path / "secret").write_text("short")
    with pytest.raises(SettingsError, match="secret"):
        load({"PARLEY_VAR": str(tmp_path)})
    assert (tmp_path / "secret").read_text() == "short"


def test_a_distributed_system_must_be_given_its_secret():
    with pytest.raises(SettingsError, match="PARLEY_SECRET"):
        load({"AMQP_URI": "amqp://broker"})
    assert load({"AMQP_URI": "amqp://broker", "PARLEY_SECRET": SECRET}).secret == SECRET
    assert load({"AMQP_URI": "amqp://broker"}, need_secret=False).distributed


def test_command_line_over_environment_over_file(tmp_path):
    file = tmp_path / "parley.yml"
    file.write_text("port: 1\nsmtp port: 2\nlog-level: debug\nconfig: {colour: red}\npackages: [a, b]\n")
    environ = {"PARLEY_CONFIG": str(file), "PARLEY_PORT": "3", "PARLEY_SMTP_PORT": "4", "PARLEY_SECRET": SECRET}
    settings = load(environ, port=5, host=None)
    assert (settings.port, settings.smtp_port, settings.log_level, settings.host) == (5, 4, "DEBUG", "127.0.0.1")
    assert settings.config == {"colour": "red"}
    assert [str(path) for path in settings.packages] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PARLEY_PORT", "70000", "whole number from 0 to 65535"),
        ("PARLEY_PORT", "1.5", "whole number"),
        ("PARLEY_FOREGROUND_SECONDS", "nan", "seconds"),
        ("PARLEY_FOREGROUND_SECONDS", "0", "seconds"),
        ("PARLEY_TIMEZONE", "Mars/Olympus", "time zone"),
        ("PARLEY_TIMEZONE", "../../etc/passwd", "time zone"),
        ("PARLEY_LOG_LEVEL", "loud", "DEBUG"),
        ("PARLEY_DEBUG", "perhaps", "true or false"),
        ("PARLEY_SMTP_DOMAIN", "bad domain", "domain name"),
        ("PARLEY_SMTP_DOMAIN", "a.example, bad domain, b.example", "domain name"),
        ("PARLEY_EXTERNAL_HOSTNAME", "bad domain", "domain name"),
        ("PARLEY_SMTP_PORT", "smtp", "whole number from 0 to 65535"),
        ("PARLEY_BUS_PREFIX", "UPPER", "short name"),
        ("PARLEY_URL_ROOT", "ftp://x", "http://host"),
        ("PARLEY_PACKAGES", "a::b", "folders"),
        ("MONGO_URI", "postgres://x", "mongodb://host"),
        ("AMQP_URI", "amqp:", "amqp://host"),
        ("PARLEY_SECRET", "a" * 40, "random characters"),
        ("PARLEY_SMPT_PORT", "25", "did you mean PARLEY_SMTP_PORT"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable_and_what_is_expected(tmp_path, name, value, expected):
    with pytest.raises(SettingsError, match=expected) as caught:
        load({"PARLEY_VAR": str(tmp_path), "PARLEY_SECRET": SECRET, name: value})
    assert name in str(caught.value)


def test_all_problems_are_told_at_once_with_the_file_they_are_in(tmp_path):
    file = tmp_path / "parley.yml"
    file.write_text("port: many\nsmtp port: [1]\n")
    with pytest.raises(SettingsError) as caught:
        load({"PARLEY_CONFIG": str(file), "PARLEY_DEBUG": "perhaps", "PARLEY_SECRET": SECRET})
    lines = str(caught.value).splitlines()
    assert lines == [
        f"{file}, line 1: port: expected a whole number from 0 to 65535, not 'many'",
        f"{file}, line 2: smtp port: expected a whole number from 0 to 65535, not '[1]'",
        "PARLEY_DEBUG: expected true or false, not 'perhaps'",
    ]


@pytest.mark.parametrize("content", ["- a\n", "a: [\n", "\xff"])
def test_a_file_that_is_not_settings_is_an_error(tmp_path, content):
    file = tmp_path / "parley.yml"
    file.write_text(content, "latin-1")
    with pytest.raises(SettingsError, match=r"parley\.yml"):
        load({"PARLEY_CONFIG": str(file), "PARLEY_SECRET": SECRET})
    with pytest.raises(SettingsError, match="cannot read"):
        load({"PARLEY_CONFIG": str(tmp_path / "missing.yml"), "PARLEY_SECRET": SECRET})


def test_what_others_put_into_the_environment_does_no_harm():
    assert load({"PARLEY_SECRET": SECRET, "PARLEY_RABBITMQ_SERVICE_HOST": "10.0.0.1"}).secret == SECRET


def test_secrets_and_passwords_are_not_printed():
    environ = {"AMQP_URI": "amqp://u:pw1@h", "MONGO_URI": "mongodb://u:pw2@h", "PARLEY_OUTGOING_SMTP": "smtp://u:pw3@h"}
    text = repr(load({**environ, "PARLEY_SECRET": SECRET}))
    assert not [word for word in (SECRET, "pw1", "pw2", "pw3") if word in text]
    with pytest.raises(SettingsError) as caught:
        load({"AMQP_URI": "wrong://u:pw1@h"})
    assert "pw1" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"PARLEY_PACKAGES": "a:b", "PARLEY_AUTHOR_NETWORK": "one,two", "PARLEY_AUTHOR_READS": "/a:/b"},
        {"PARLEY_DNS_SERVERS": "192.0.2.53, [2001:db8::1]:5353", "PARLEY_TRUSTED_FRONTS": "192.0.2.0/24, 2001:db8::/32"},
        {"PARLEY_OUTGOING_SMTP": "smtp://u:p@h:587", "PARLEY_MISSING_WALLS": "landlock,user", "PARLEY_HOSTS": "a.test, b.test"},
        {"PARLEY_SMTP_DOMAIN": "a.test,b.test", "PARLEY_DEBUG": "yes", "PARLEY_STOP_SECONDS": "2.5", "PARLEY_LOG": "/var/log"},
        {"PARLEY_TASK_QUEUES": "slow,fast", "PARLEY_ERROR_NOTIFICATION_EMAIL": "a@a.test,b@b.test", "PARLEY_SEALED_SESSIONS": "none"},
    ],
)  # fmt: skip
def test_settings_travel_to_a_child_process_through_its_environment(tmp_path, given):
    settings = load(
        {"AMQP_URI": "amqp://h", "MONGO_URI": "mongodb://h", "PARLEY_SECRET": SECRET, **given}, var=tmp_path
    )
    assert isinstance(settings, Settings)
    assert load(settings.environment()) == settings
    assert set(settings.environment()) <= set(variables())
