"""The keys below ``mail`` and the units of upstream become what the settings hold, or a line for each mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.configuration import units
from services.configuration.document import parse
from services.configuration.keys import Mistakes
from services.configuration.mail import mail_servers
from services.outgoing import Kind, OutgoingServer, as_text, servers_of


def servers(written: str) -> list[dict[str, Any]]:
    return mail_servers(parse(written, "f.yml").entries[0].value)


def one(**values: Any) -> OutgoingServer:
    return OutgoingServer(**{"host": "h", **values})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("server: h", one()),
        ("server: h\n  port: 2525\n  use ssl: False", one(port=2525)),
        ("server: h\n  use ssl: True", one(port=465, tls="implicit")),
        ("server: h\n  use tls: True", one(tls="starttls")),
        ("server: h\n  username: u\n  password: 'a/b:c@d'\n  use_tls: False", one(username="u", password="a/b:c@d", tls="starttls")),
        ("server: h\n  mail per minute: 6\n  largest mail: 5\n  default sender: a@b", one(per_minute=6, largest=5, sender="a@b")),
        ("mailgun api key: k\n  mailgun domain: mg.example.com",
         OutgoingServer(kind=Kind.MAILGUN, key="k", url="https://api.mailgun.net/v3/mg.example.com/messages.mime")),
        ("mailgun api key: k\n  mailgun domain: d\n  mailgun api url: http://x/%s", OutgoingServer(kind=Kind.MAILGUN, key="k", url="http://x/d")),
        ("sendgrid api key: k", OutgoingServer(kind=Kind.SENDGRID, key="k", url="https://api.sendgrid.com/v3/mail/send")),
        ("default sender: a@b", OutgoingServer(kind=Kind.FOLDER, sender="a@b")),
    ],
)  # fmt: skip
def test_one_configuration(written: str, expected: OutgoingServer) -> None:
    (found,) = servers_of(servers(f"mail:\n  {written}\n"))
    assert found == expected
    assert servers_of(as_text((found,))) == (found,), "as a service gives it to its children"


def test_several_the_one_called_default_first() -> None:
    found = servers("mail:\n- name: abc\n  server: a\n- name: default\n  server: b\n")
    assert [one["name"] for one in found] == ["default", "abc"]
    assert [one["name"] for one in servers("mail:\n- name: abc\n  server: a\n- name: def\n  server: b\n")] == [
        "abc",
        "def",
    ]


def test_secrets_from_a_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("SOME_KEY", "from the environment")
    (first,) = servers(f"mail:\n  server: h\n  username: u\n  password file: {tmp_path}/secret\n")
    (second,) = servers("mail:\n  sendgrid api key variable: SOME_KEY\n")
    assert (first["password"], second["sendgrid api key"]) == ("from a file", "from the environment")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("port: 25", [(2, "mail: server: expected the name of a host, like smtp.example.com")]),
        ("server: 5\n  port: smtp", [(2, "mail: server: expected the name of a host, like smtp.example.com"),
                                     (3, "mail: port: expected a whole number from 1 to 65535")]),
        ("server: h\n  port: smtp", [(3, "mail: port: expected a whole number from 1 to 65535")]),
        ("server: a host", [(2, "mail: server: expected the name of a host, like smtp.example.com")]),
        ("server: h\n  port: 0", [(3, "mail: port: expected a whole number from 1 to 65535")]),
        ("server: h\n  port: true", [(3, "mail: port: expected a whole number from 1 to 65535")]),
        ("server: h\n  password: 123", [(3, "mail: password: expected a text (in quotes if it is a number)")]),
        ("server: h\n  username: u\n  use ssl: yes", [(4, "mail: use ssl: expected true or false")]),
        ("server: h\n  username: u\n  use ssl: true\n  use tls: true",
         [(5, "mail: use tls: expected only one of `use ssl` and `use tls` to be true")]),
        ("server: h\n  sendgrid api key: k", [(3, "mail: sendgrid api key: expected only one of server and sendgrid api key")]),
        ("mailgun api key: k", [(2, "mail: mailgun domain: expected with an api key")]),
        ("azure client id: x", [(2, "mail: azure client id: Microsoft Graph is not supported; use server, mailgun or sendgrid")]),
        ("server: h\n  pasword: x", [(3, "mail: pasword: there is no such key; did you mean 'password'?")]),
        ("server: h\n  password file: /no/such/file", [(3, "mail: password file: cannot be read: No such file or directory")]),
        ("server: h\n  password variable: NO_SUCH_VARIABLE_HERE",
         [(3, "mail: password variable: there is no variable NO_SUCH_VARIABLE_HERE in the environment")]),
        ("server: h\n  server: i", [(3, "mail: server: is in line 2 already")]),
        ("- server: a\n  - server: b", [(2, "mail: expected a name for each of several configurations"),
                                        (3, "mail: expected a name for each of several configurations"),
                                        (3, "mail: name: 'default' is the name of the one in line 2, too")]),
        ("- {server: a, name: x}\n  - {server: b, name: x}", [(3, "mail: name: 'x' is the name of the one in line 2, too")]),
    ],
)  # fmt: skip
def test_each_mistake_has_its_line(written: str, told: list[tuple[int, str]]) -> None:
    with pytest.raises(Mistakes) as caught:
        servers(f"mail:\n  {written}\n")
    assert list(caught.value.found) == told
    assert "123" not in str(caught.value)


def test_milliseconds() -> None:
    assert [units.milliseconds(value) for value in (0, 1000, 6000, 1500.0)] == [0, 1, 6, 1.5]
    for value in (6, 999, -1000, "6000", True, None, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="milliseconds"):
            units.milliseconds(value)


def test_bytes() -> None:
    assert [units.bytes_to_megabytes(value) for value in (16 * 1024**2, 26214400, 26214401)] == [16, 25, 26]
    for value in (16, "16777216", True, None, -5, 26214400.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="bytes"):
            units.bytes_to_megabytes(value)
