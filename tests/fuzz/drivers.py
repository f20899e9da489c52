"""The drivers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tests.fuzz import bus, codec, http, mail, smtp, yaml
from tests.fuzz.driver import Report


class Driver(Protocol):
    def __call__(self, *, count: int, seed: int, first: int = 0) -> Report: ...


DRIVERS: Mapping[str, Driver] = {
    "http": http.run,
    "yaml": yaml.run,
    "codec": codec.run,
    "mail": mail.run,
    "smtp": smtp.run,
    "bus": bus.run,
}
