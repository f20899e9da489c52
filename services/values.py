"""Checks of single settings: each takes what was written and gives the value, or says what it expects.

The text of the `ValueError` completes "expected …". Not for: which settings there are (`services.settings`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from services.installation import DERIVED, parsed, roots
from shared.contract.tasks import is_queue

#: 32 characters of URL-safe base64 are 192 bits: beyond guessing, and short enough to paste.
SECRET_LENGTH = 32


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            number = int(value) if not isinstance(value, bool | float) else None
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return parse


def seconds(low: float, high: float) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        try:
            number = float(value) if not isinstance(value, bool) else None
        except (TypeError, ValueError):
            number = None
        if number is None or not low <= number <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g}")
        return number

    return parse


def uri(*schemes: str) -> Callable[[Any], str | None]:
    def parse(value: Any) -> str | None:
        if value is None or value == "":
            return None
        expected = ValueError("an address like " + " or ".join(f"{scheme}://host" for scheme in schemes))
        if not isinstance(value, str):
            raise expected
        try:
            parts = urlsplit(value)
        except ValueError:
            raise expected from None
        if parts.scheme not in schemes or not (parts.netloc or (parts.scheme == "sqlite" and parts.path)):
            raise expected
        return value

    return parse


def paths(value: Any) -> tuple[Path, ...]:
    parts = value.split(":") if isinstance(value, str) else value
    if isinstance(parts, list | tuple) and parts and all(isinstance(part, str | Path) and str(part) for part in parts):
        return tuple(Path(part).expanduser() for part in parts)
    raise ValueError("folders, separated by ':' (or a list of folders in the file)")


def _listed(value: Any) -> tuple[str, ...] | None:
    """Words, from a list or a text with ``,`` or ``:`` between them; None for anything else."""
    parts = re.split(r"[,:]", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        return None
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def packages(value: Any) -> tuple[str, ...]:
    """Names of packages; ``all`` (or true, as it once was) stands for every one, false for none."""
    if isinstance(value, bool):
        return ("all",) if value else ()
    found = _listed(value)
    if found is None or not all(re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*", name) for name in found):
        raise ValueError("all, or names of packages, separated by ',' (or a list of them in the file)")
    if len(found) == 1 and found[0].lower() in ("true", "yes", "false", "no"):
        return packages(flag(found[0]))
    return found


def some_of(known: tuple[str, ...]) -> Callable[[Any], tuple[str, ...]]:
    def parse(value: Any) -> tuple[str, ...]:
        found = _listed(value)
        if found is None or not set(found) <= set(known):
            raise ValueError(f"some of {', '.join(known)}, separated by ','")
        return found

    return parse


def path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError("a folder")
    return Path(value).expanduser()


def zone(value: Any) -> str:
    try:
        return str(ZoneInfo(text(value)))
    except (ValueError, OSError, LookupError):
        raise ValueError("a time zone like Europe/Berlin or UTC") from None


def flag(value: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}
    wanted = value.lower() if isinstance(value, str) else value
    if not isinstance(wanted, bool | str) or wanted not in known:
        raise ValueError("true or false")
    return known[wanted]


def level(value: Any) -> str:
    if isinstance(value, str) and value.upper() in ("DEBUG", "INFO", "WARNING", "ERROR"):
        return value.upper()
    raise ValueError("DEBUG, INFO, WARNING or ERROR")


def secret(value: Any) -> str:
    if isinstance(value, str) and value.startswith(DERIVED):
        parsed(value)
        return value
    if not isinstance(value, str) or len(value) < SECRET_LENGTH or len(set(value)) < 8:
        raise ValueError(f"at least {SECRET_LENGTH} random characters (openssl rand -base64 33)")
    return value


def words(*known: str) -> Callable[[Any], str]:
    """Some of `known`, in their order, from a list or a text with commas; "none" for none."""

    def parse(value: Any) -> str:
        given = value if isinstance(value, list | tuple) else str(value).split(",")
        found = {str(one).strip() for one in given} - {""}
        if not found or found - {*known, "none"} or ("none" in found and len(found) > 1):
            raise ValueError(f"some of {', '.join(known)}, or none")
        return ", ".join(one for one in (*known, "none") if one in found)

    return parse


def keys(value: Any) -> str:
    """The text of keys (`services.installation.roots`), one after the other."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else value
    if not isinstance(text, str):
        raise ValueError("id:key, several separated by commas (parley keys new)")
    roots(text)
    return text


def name(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", value):
        return value
    raise ValueError("a short name of small letters, digits and hyphens")


def domain(value: Any) -> str:
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if isinstance(value, str) and len(value) <= 253 and re.fullmatch(rf"{label}(\.{label})*", value):
        return value.lower()
    raise ValueError("a domain name like mail.example.org")


def domains(value: Any) -> tuple[str, ...]:
    """One or several, separated by commas (or a list in the file)."""
    parts = [part.strip() for part in re.split("[,:]", value)] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError("a domain name like mail.example.org, or several separated by commas")
    return tuple(dict.fromkeys(domain(part) for part in parts if part != ""))


def networks(value: Any) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, separated by commas or blanks (or a list in the file)."""
    parts = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
    try:
        return tuple(ip_network(str(part)) for part in parts if str(part))
    except (TypeError, ValueError):
        raise ValueError("addresses or networks like 192.0.2.7, 10.0.0.0/8, separated by commas") from None


def nameservers(value: Any) -> tuple[tuple[str, int], ...]:
    """Addresses with or without a port, separated by commas or blanks (or a list in the file): ``192.0.2.53, [2001:db8::1]:5353``."""
    parts = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
    found = []
    try:
        for part in parts:
            address, port = _with_port(str(part)) if part else ("", "")
            if address and 0 < int(port) < 65536:
                found.append((str(ip_address(address)), int(port)))
            elif part:
                raise ValueError
    except (TypeError, ValueError):
        raise ValueError("addresses of name servers like 192.0.2.53 or 192.0.2.53:5353, separated by commas") from None
    return tuple(found)


def _with_port(text: str) -> tuple[str, str]:
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", text)
    if bracketed:
        return bracketed[1], bracketed[2] or "53"
    address, colon, port = text.partition(":")
    return (text, "53") if ":" in port or not colon else (address, port)


def file(value: Any) -> Path | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str | Path):
        raise ValueError("the path of a file")
    return Path(value).expanduser()


def addresses(value: Any) -> tuple[str, ...]:
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(
        isinstance(part, str) and re.fullmatch(r"[^@\s]+@[^@\s]+", part) for part in parts
    ):
        raise ValueError("an e-mail address, or several separated by commas")
    return tuple(parts)


def mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("a mapping with texts as keys")
    return MappingProxyType(dict(value))


def hosts(value: Any) -> tuple[str, ...]:
    """Names of hosts, small; ``.example.org`` stands for all below it, ``*`` for any."""
    parts = re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value
    known = r"\*|\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
    if isinstance(parts, list | tuple) and all(
        isinstance(one, str) and re.fullmatch(known, one.lower()) for one in parts
    ):
        return tuple(one.lower() for one in parts)
    raise ValueError("names of hosts without ports, separated by commas")


def queues(value: Any) -> tuple[str, ...]:
    """Names of queues of background actions: small letters, digits and ``-``; none is ``default``."""
    parts = value.replace(",", " ").split() if isinstance(value, str) else value
    if isinstance(parts, list | tuple) and all(
        isinstance(one, str) and is_queue(one) and one != "default" for one in parts
    ):
        return tuple(dict.fromkeys(parts))
    raise ValueError("names of queues, of small letters, digits and -, separated by commas; default is the one of all")


def secrets(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError("secrets, separated by commas (or a list of them in the file)")
    return tuple(secret(one.strip() if isinstance(one, str) else one) for one in parts)


def one_of(*known: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in known:
            raise ValueError(" or ".join(known))
        return str(value)

    return parse


def days_by_name(value: Any) -> Mapping[str, int]:
    """Days by the names of interviews, which may be written with or without ``data/questions/``."""
    expected = ValueError("names of interviews, each with a whole number of days from 0 (never)")
    if not isinstance(value, Mapping):
        raise expected
    found = {}
    for name, days in value.items():
        package, colon, path = str(name).rpartition(":")
        if not colon or isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 36500:
            raise expected
        found[f"{package}:{path.removeprefix('data/questions/')}"] = days
    return MappingProxyType(found)


def anything(value: Any) -> Any:
    """For what a reader of nested values has checked."""
    return value


def texts(value: Any) -> tuple[str, ...]:
    """One text or a list of them."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) and one.strip() for one in given):
        raise ValueError("a text or a list of texts")
    return tuple(one.strip() for one in given)


def names_of_languages(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(
        isinstance(code, str) and isinstance(name, str) and name.replace("-", "").replace("_", "").isalpha()
        for code, name in value.items()
    ):
        raise ValueError("codes of languages, each with Tesseract's name of the language, such as `zh: chi-sim`")
    return MappingProxyType({code.lower(): name for code, name in value.items()})


def names_of_classes(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(
        str(name).isidentifier() and isinstance(path, str) and "." in path for name, path in value.items()
    ):
        raise ValueError("names of arguments, each with package.module.Class")
    return MappingProxyType({str(name): path for name, path in value.items()})
