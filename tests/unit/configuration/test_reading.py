"""Values find their settings; every mistake is told with its line, and nothing that is wrong stops at the first."""

from __future__ import annotations

from typing import Any

import pytest

from services.configuration import upstream
from services.configuration.document import Node, Table, parse, plain
from services.configuration.keys import Key, Mistakes
from services.configuration.reading import Configuration, interpret
from tests.helpers.scheduler import TWICE


def double(value: Any) -> Any:
    if not isinstance(value, int):
        raise ValueError("a number to double")
    return 2 * value


def jobs(node: Node) -> Any:
    """What the scheduler's reader will do: keys given twice are two jobs; mistakes name their lines."""
    if not isinstance(node, Table):
        raise Mistakes([(node.line, "scheduler: expected a mapping")])
    wrong = [
        (entry.line, f"scheduler: {entry.key}: expected a mapping") for entry in node.entries if entry.key == "bad"
    ]
    if wrong:
        raise Mistakes(wrong)
    return [(entry.key, plain(entry.value)) for entry in node.entries]


KEYS = (
    Key(setting="port", path=("http port",), also=(("port",),)),
    Key(setting="size", path=("size in halves",), also=(("size",),), parse=double),
    Key(setting="sender", path=("mail", "default sender")),
    Key(setting="server", path=("mail",), takes=("server", "user"), structure=plain),
    Key(setting="jobs", path=("scheduler",), structure=jobs),
    Key(setting="config", path=("config",)),
)


def reading(text: str) -> Configuration:
    return interpret(parse(text, "f.yml"), "f.yml", KEYS)


def values(text: str) -> dict[str, Any]:
    found = reading(text)
    assert not found.problems
    return {name: one.value for name, one in found.values.items()}


def test_values_come_with_their_place() -> None:
    found = reading("HTTP-Port: 80\nmail:\n  default_sender: a@b\n").values
    assert (found["port"].value, found["port"].place) == (80, "f.yml, line 1: http port")
    assert (found["sender"].value, found["sender"].place) == ("a@b", "f.yml, line 3: mail: default sender")


def test_a_name_of_earlier_versions_has_the_settings_own_unit() -> None:
    assert values("size in halves: 4\n") == {"size": 8}
    assert values("size: 4\n") == {"size": 4}
    assert reading("size: 4\nsize in halves: 4\n").problems == (
        "f.yml, lines 1 and 2: size in halves is given under two names",
    )


def test_null_is_as_if_the_key_were_not_there() -> None:
    assert values("port:\nmail:\nsize in halves: ~\n") == {}


def test_a_reader_of_nested_values_gets_only_its_keys_of_a_table_it_shares() -> None:
    assert values("mail:\n  server: s\n  default sender: a@b\n  user: u\n") == {
        "sender": "a@b",
        "server": {"server": "s", "user": "u"},
    }


def test_keys_given_twice_are_kept_for_who_asks_and_a_mistake_elsewhere() -> None:
    assert values(TWICE) == {
        "jobs": [
            ("log level", "debug"),
            ("test.heartbeat", {"type": "interval", "minutes": 1}),
            ("test.heartbeat", {"type": "cron", "day": 1, "hour": 0, "minute": 1}),
        ]
    }
    twice = reading("port: 1\nmail:\n  server: a\n  Server: b\nport: 2\nown: 1\nown: 2\n")
    assert twice.problems == (
        "f.yml, line 5: port: is in line 1 already",
        "f.yml, line 7: own: is in line 6 already",
        "f.yml, line 4: mail: server: is in line 3 already",
    )


def test_keys_given_twice_within_a_plain_value_are_a_mistake() -> None:
    found = reading("config:\n  a: 1\n  b: [{c: 1, c: 2}]\n  a: 2\nmine:\n  x: 1\n  x: 2\n")
    assert found.problems == (
        "f.yml, line 7: mine: x: is in line 6 already",
        "f.yml, line 4: config: a: is in line 2 already",
        "f.yml, line 3: config: c: is in line 3 already",
    )


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    assert reading("size in halves: x\nmail: 5\nscheduler:\n  good: {}\n  bad: {}\n").problems == (
        "f.yml, line 2: mail: expected a mapping with some of the keys default sender, server, user",
        "f.yml, line 1: size in halves: expected a number to double",
        "f.yml, line 5: scheduler: bad: expected a mapping",
    )


def test_of_several_mail_configurations_the_default_one_counts() -> None:
    several = reading("mail:\n  - name: a\n    server: one\n  - name: default\n    server: two\n")
    assert several.values["server"].value == {"server": "two"}
    assert several.warnings == ("f.yml, line 2: mail: of several only one is used so far, the one in line 4",)
    assert values("mail:\n  - server: one\n    name: x\n") == {"server": {"server": "one"}}
    assert values("mail: []\n") == {}
    assert "expected a mapping" in reading("mail: [5]\n").problems[0]


def test_a_key_of_upstream_is_a_warning_and_stays_from_interviews() -> None:
    found = reading("db:\n  password: hunter2\nappname: X\n")
    assert found.own == {}
    assert found.warnings == (
        "f.yml, line 1: db: Parley does not read this key: Parley keeps what it holds in MongoDB or SQLite: "
        "`store: mongodb://host/parley`; it is ignored",
        "f.yml, line 3: appname: Parley does not read this key; it is ignored",
    )
    assert not [line for line in found.warnings if "hunter2" in line]


def test_a_slip_of_the_pen_is_a_warning_with_a_guess_and_stays_from_interviews() -> None:
    found = reading("htpp port: 1\nsecretkeyy: s\nmail:\n  sever: s\n  zzzzz: 1\n")
    assert found.own == {}
    assert found.warnings == (
        "f.yml, line 1: htpp port: there is no such key; did you mean 'http port'? It is ignored",
        "f.yml, line 2: secretkeyy: there is no such key; did you mean 'secretkey'? It is ignored",
        "f.yml, line 4: mail: sever: there is no such key; did you mean 'server'? It is ignored",
        "f.yml, line 5: mail: zzzzz: there is no such key; it is ignored",
    )


def test_an_operators_own_values_are_for_interviews() -> None:
    found = reading("trello api key: abc\n")
    assert found.own == {"trello api key": "abc"}
    assert "get_config()" in found.warnings[0]
    assert "abc" not in found.warnings[0]


@pytest.mark.parametrize("name", ["db", "allow non idempotent questions", "pdf/a", "suppress error notificiations"])
def test_names_of_upstream_are_compared_as_keys_are(name: str) -> None:
    assert name in upstream.NAMES
    assert all(upstream.NAMES)
