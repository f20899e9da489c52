"""What a User-Agent header tells about a device.

``ua-parser`` names browser, system and model; the classes (phone, tablet, PC, bot) are drawn from those. The attributes are
those that the documentation of device() refers to.

Source: functions.md, device().
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_PHONE_SYSTEMS = ("iOS", "Android", "Windows Phone", "BlackBerry OS", "Symbian OS", "Firefox OS", "Bada", "KaiOS")
_PC_SYSTEMS = ("Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS", "FreeBSD", "OpenBSD")
_TABLETS = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Nexus (?:7|9|10)|SM-[TX]\d", re.IGNORECASE)
_EMAIL_CLIENTS = (
    "Outlook",
    "Windows Live Mail",
    "Apple Mail",
    "Thunderbird",
    "Lotus Notes",
    "Postbox",
    "Sparrow",
    "PocoMail",
)


@dataclass(frozen=True)
class Product:
    """A browser or system: name and version."""

    family: str
    version: tuple[int, ...]

    @property
    def version_string(self) -> str:
        return ".".join(str(number) for number in self.version)


@dataclass(frozen=True)
class Hardware:
    """The machine, as far as the header names it."""

    family: str
    brand: str | None
    model: str | None


@dataclass(frozen=True)
class Device:
    """The attributes of ``device()``. Reduced to text: machine, system and browser."""

    ua_string: str
    browser: Product
    os: Product
    device: Hardware

    @property
    def is_bot(self) -> bool:
        return self.device.family == "Spider"

    @property
    def is_tablet(self) -> bool:
        if _TABLETS.search(self.ua_string):
            return True
        return self.os.family == "Android" and "Mobile" not in self.ua_string and not self.is_bot

    @property
    def is_mobile(self) -> bool:
        if self.is_tablet or self.is_bot:
            return False
        return self.os.family in _PHONE_SYSTEMS or "Mobile" in self.browser.family or "Mobi" in self.ua_string

    @property
    def is_pc(self) -> bool:
        return not (self.is_mobile or self.is_tablet or self.is_bot) and self.os.family in _PC_SYSTEMS

    @property
    def is_touch_capable(self) -> bool:
        touch_windows = self.os.family == "Windows" and "Touch" in self.ua_string
        return self.is_mobile or self.is_tablet or touch_windows

    @property
    def is_email_client(self) -> bool:
        return self.browser.family in _EMAIL_CLIENTS

    def __str__(self) -> str:
        machine = "PC" if self.is_pc else self.device.family
        system = f"{self.os.family} {self.os.version_string}".strip()
        browser = f"{self.browser.family} {self.browser.version_string}".strip()
        return f"{machine} / {system} / {browser}"


@lru_cache(maxsize=256)
def device_of(agent: str) -> Device:
    """The device that sends this header."""
    import ua_parser  # noqa: PLC0415  heavy: 100 ms, its patterns

    found: Any = ua_parser.parse(agent)
    browser, system, machine = found.user_agent, found.os, found.device
    return Device(
        ua_string=agent,
        browser=_part(browser, ("major", "minor", "patch")),
        os=_part(system, ("major", "minor", "patch")),
        device=Hardware(machine.family, machine.brand, machine.model) if machine else Hardware("Other", None, None),
    )


def _part(found: Any, fields: tuple[str, ...]) -> Product:
    if found is None:
        return Product("Other", ())
    numbers: list[int] = []
    for name in fields:
        text = getattr(found, name, None)
        if text is None or not str(text).isdigit():
            break
        numbers.append(int(text))
    return Product(str(found.family), tuple(numbers))
