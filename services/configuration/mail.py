"""What stands below ``mail`` (config.md, "E-mail configuration"): one configuration, or a list of several with names.

Gives plain values, which `services.outgoing.servers_of` makes into servers. Not for sending.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from services.configuration.document import Entry, Listing, Node, Table, plain
from services.configuration.keys import Mistakes, normal

_TEXTS: Final = {
    "name": "a text",
    "default sender": "an address, like '\"Office\" <office@example.com>'",
    "server": "the name of a host, like smtp.example.com",
    "username": "a text",
    "password": "a text (in quotes if it is a number)",
    "mailgun api key": "a text",
    "mailgun domain": "a domain, like mg.example.com",
    "mailgun api url": "an address with %s for the domain",
    "sendgrid api key": "a text",
    "sendgrid api url": "an address like https://api.sendgrid.com/v3/mail/send",
}
#: One of these says by what mail leaves.
_KINDS: Final = ("server", "mailgun api key", "sendgrid api key")
_FLAGS: Final = ("use ssl", "use tls")
_NUMBERS: Final = {"port": (1, 65535), "mail per minute": (0, 1_000_000), "largest mail": (1, 100)}
#: These may stand in a file (``password file``) or a variable of the environment (``password variable``) of their own.
_SECRETS: Final = ("password", "mailgun api key", "sendgrid api key")
_ELSEWHERE: Final = {f"{secret} {where}": secret for secret in _SECRETS for where in ("file", "variable")}
_KNOWN: Final = (*_TEXTS, *_FLAGS, *_NUMBERS, *_ELSEWHERE)


def mail_servers(node: Node) -> list[dict[str, Any]]:
    """The configurations, the one that is used by default first. Raises `Mistakes`."""
    tables = node.items if isinstance(node, Listing) else (node,)
    found: list[tuple[int, str]] = []
    made: list[dict[str, Any]] = []
    for table in tables:
        if isinstance(table, Table):
            made.append(_server(table, found, several=isinstance(node, Listing)))
        elif plain(table) is not None:
            found.append((table.line, "mail: expected a mapping with keys like server, or a list of such"))
    names: dict[str, int] = {}
    for server, table in zip(made, tables, strict=False):
        if server["name"] in names:
            found.append(
                (
                    table.line,
                    f"mail: name: {server['name']!r} is the name of the one in line {names[server['name']]}, too",
                )
            )
        names.setdefault(server["name"], table.line)
    if found:
        raise Mistakes(found)
    return sorted((one for one in made if len(one) > 1), key=lambda one: one["name"] != "default")


def _server(table: Table, found: list[tuple[int, str]], *, several: bool) -> dict[str, Any]:
    given = _given(table.entries, found)
    made: dict[str, Any] = {"name": "default"}
    for key, (value, line) in given.items():
        if key in _ELSEWHERE:
            made[_ELSEWHERE[key]] = _secret(key, value, line, found)
        elif (taken := _taken(key, value, line, found)) is not None:
            made[key] = taken
    if several and "name" not in given:
        found.append((table.line, "mail: expected a name for each of several configurations"))
    _together(made, {key: line for key, (_, line) in given.items()}, table.line, found)
    return made


def _given(entries: Iterable[Entry], found: list[tuple[int, str]]) -> dict[str, tuple[Any, int]]:
    given: dict[str, tuple[Any, int]] = {}
    for entry in entries:
        key = normal(entry.key)
        if key in given:
            found.append((entry.line, f"mail: {key}: is in line {given[key][1]} already"))
        elif key.startswith("azure"):
            found.append(
                (entry.line, f"mail: {key}: Microsoft Graph is not supported; use server, mailgun or sendgrid")
            )
        elif key not in _KNOWN:
            near = get_close_matches(key, _KNOWN, 1, 0.75)
            found.append(
                (entry.line, f"mail: {key}: there is no such key" + (f"; did you mean {near[0]!r}?" if near else ""))
            )
        else:
            given[key] = (plain(entry.value), entry.line)
    return given


def _taken(key: str, value: Any, line: int, found: list[tuple[int, str]]) -> Any:
    """The value if it is of the right kind; None, and a mistake, if not."""
    if value is None:
        return None
    if key in _NUMBERS:
        low, high = _NUMBERS[key]
        good, expected = (
            isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
            f"a whole number from {low} to {high}",
        )
    elif key in _FLAGS:
        good, expected = isinstance(value, bool), "true or false"
    else:
        good, expected = isinstance(value, str) and value.strip() != "" and "\n" not in value, _TEXTS[key]
        if key == "server":
            good = good and " " not in value
        elif key == "mailgun api url":
            good = good and "%s" in value
    if not good:
        found.append((line, f"mail: {key}: expected {expected}"))
        return None
    return value


def _secret(key: str, value: Any, line: int, found: list[tuple[int, str]]) -> str | None:
    """The secret that stands in the file or variable named."""
    if not isinstance(value, str):
        found.append((line, f"mail: {key}: expected a text"))
    elif key.endswith(" file"):
        try:
            return Path(value).expanduser().read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            found.append((line, f"mail: {key}: cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"))
    elif value in os.environ:
        return os.environ[value]
    else:
        found.append((line, f"mail: {key}: there is no variable {value} in the environment"))
    return None


def _together(made: Mapping[str, Any], lines: Mapping[str, int], line: int, found: list[tuple[int, str]]) -> None:
    """What does not go together."""
    kinds = [key for key in _KINDS if made.get(key)]
    if len(kinds) > 1:
        found.append((lines.get(kinds[1], line), f"mail: {kinds[1]}: expected only one of {' and '.join(kinds)}"))
    if made.get("use ssl") and made.get("use tls"):
        found.append((lines["use tls"], "mail: use tls: expected only one of `use ssl` and `use tls` to be true"))
    said = [text for _, text in found if text.startswith(tuple(f"mail: {kind}:" for kind in _KINDS))]
    if not kinds and not said and set(lines) - {"name", "default sender", *_KINDS}:
        found.append((line, "mail: server: expected the name of a host, like smtp.example.com"))
    if made.get("mailgun api key") and not made.get("mailgun domain"):
        found.append(
            (
                lines.get("mailgun api key", line),
                "mail: mailgun domain: expected with an api key",
            )
        )
