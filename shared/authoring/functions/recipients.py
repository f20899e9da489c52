"""Whom a mail is for: addresses of persons, recipients and texts.

Source: functions.md, send_email(): "to", "cc", "bcc", "sender", "reply_to".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import formataddr, getaddresses
from typing import Any, Final

from shared.authoring.context import current_or_none
from shared.contract.effects import LogMessage

#: A name under which a block defines ``email`` of more than one object: ``x.email``, ``clients[i].email``.
_OF_ANY: Final = re.compile(r"(x|.*\[[i-n]\].*)\.email\Z")


def one_line(text: object) -> str:
    """Without line breaks: in a header they would begin another one."""
    return " ".join(str(text or "").split())


def items(value: object) -> list[object]:
    """One or many: the things of a list, set or list object, or the thing itself; nothing for None and empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    # A file has a `number`, and so has a list of people: how many they are.
    one = isinstance(value, str | bytes) or (hasattr(value, "number") and not hasattr(value, "elements"))
    if isinstance(value, Iterable) and not one:
        return list(value)
    return [value]


def addresses(who: object) -> list[str]:
    """RFC 5322 addresses of persons, recipients or texts; missing ``email`` attributes are asked for.

    A text may hold several, separated by commas. Raises ValueError that names what is no address.
    """
    found = [address for one in items(who) for address in address_of(one) if address]
    return list(dict.fromkeys(found))


def copies(who: object) -> list[str]:
    """The addresses of those who get a copy. Who has no ``email`` that a block could ask for is left out, which is said in the log."""
    context = current_or_none()
    people = []
    for one in items(who):
        if (
            isinstance(one, str)
            or isinstance(getattr(one, "address", None), str)
            or hasattr(one, "email")
            or _can_be_asked(one)
        ):
            people.append(one)
        elif context is not None:
            name = getattr(one, "instanceName", "somebody")
            context.effects.append(LogMessage(message=f"send_email(): {name} has no email, and gets no copy"))
    return addresses(people)


def _can_be_asked(one: object) -> bool:
    """Whether a block may define ``email`` of the object: under its name, or of any object of a kind."""
    name, context = getattr(one, "instanceName", None), current_or_none()
    index = getattr(getattr(context, "interview", None), "index", None)
    if name is None or index is None:
        return True
    return any(known == f"{name}.email" or _OF_ANY.match(known) for known in index)


def address_of(one: Any) -> list[str]:
    """``Name <address>`` of a person or a recipient; of a text each of its addresses."""
    if isinstance(one, str):
        return _of_text(one)
    if hasattr(one, "address") and isinstance(one.address, str):  # DAEmailRecipient
        return [_formatted(str(getattr(one, "name", None) or ""), one.address, one.address)]
    return [_formatted(str(one), one_line(one.email), one.email)]


def _of_text(text: str) -> list[str]:
    line = one_line(text)
    try:
        pairs = getaddresses([line], strict=False)
    except TypeError:  # Python before the releases of 2024 is never strict
        pairs = getaddresses([line])
    # What the parser did not understand it leaves out, or gives without an address: then somebody would hear nothing.
    if not pairs or any("@" not in address for _, address in pairs) or line.count("@") > _ats(pairs):
        raise ValueError(_cannot(text))
    return [_formatted(name, address, text) for name, address in pairs]


def _ats(pairs: list[tuple[str, str]]) -> int:
    return sum(name.count("@") + address.count("@") for name, address in pairs)


def _formatted(name: str, address: str, said: object) -> str:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or not address.isprintable() or any(sign in address for sign in ' ,;<>"'):
        raise ValueError(_cannot(said))
    name = one_line(name)
    return formataddr((name, address)) if name and name != address else address


def _cannot(said: object) -> str:
    return f"send_email() cannot write to {str(said)!r}: it is not an e-mail address, or several separated by commas"
