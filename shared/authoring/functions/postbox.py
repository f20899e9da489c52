"""Receiving mail: the addresses of this session, and what was sent to them.

Source: functions.md, interview_email(), get_emails(); background.md, "E-mailing the interview".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from shared.authoring.context import Context, current
from shared.authoring.functions.received import email_object
from shared.authoring.memory import ADDRESSES, kept, seen
from shared.contract.effects import OpenAddress

#: What an address is made of: letters that cannot be taken for another one, read aloud or in small print (no i, l, o, and no q, which
#: looks like g). The documentation shows six of 26; nothing coordinates sessions here, and nobody should find one by guessing: 15 of 22 are 66 bits.
ALPHABET = "abcdefghjkmnprstuvwxyz"
LETTERS = 15


class Postbox(SimpleNamespace):
    """One address of the session: ``address`` (before the @), ``key``, ``index``, ``emails``."""


def interview_email(key: str | None = None, index: int | None = None) -> str:
    """The mail address of this session, one for each user, `key` and `index`; the same at every call."""
    if key is None and index is not None:
        raise ValueError("interview_email() takes an index only together with a key")
    context = current()
    owner = _owner(context)
    for held in seen(ADDRESSES, ()):
        if (held["key"], held["index"], held["user"]) == (key, index, owner):
            return f"{held['address']}@{_domain(context)}"
    address = "".join(context.random.choice(ALPHABET) for _ in range(LETTERS))
    kept(ADDRESSES, list).append({"address": address, "key": key, "index": index, "user": owner})
    context.effects.append(OpenAddress(address=address, key=key, index=index))
    return f"{address}@{_domain(context)}"


def _owner(context: Context) -> str | None:
    email = context.user.get("email")
    return None if email is None else str(email)


def _domain(context: Context) -> str:
    return str(context.config.get("incoming mail domain") or context.config.get("external hostname") or "localhost")


def get_emails(key: str | None = None, index: int | None = None) -> list[Postbox]:
    """The addresses of this session (with this `key` and `index`), each with the mails it received, oldest first.

    The mails are `DAEmail` objects.
    """
    context = current()
    by_address: dict[str, list[Mapping[str, Any]]] = {}
    held_addresses = [held for held in seen(ADDRESSES, ()) if _matches(held, key, index)]
    if held_addresses:
        for mail in context.emails(key):
            by_address.setdefault(str(mail["address"]), []).append(mail)
    return [
        Postbox(
            address=held["address"],
            key=held["key"],
            index=held["index"],
            emails=[email_object(mail) for mail in by_address.get(held["address"], ())],
        )
        for held in held_addresses
    ]


def _matches(held: Mapping[str, object], key: str | None, index: int | None) -> bool:
    return (key is None or held["key"] == key) and (index is None or held["index"] == index)
