"""All settings in one frozen object, and what follows from several of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType

from services.configuration.keys import Key
from services.outgoing import OutgoingServer, as_text
from services.settings.author_code import AuthorCode
from services.settings.clock import Clock
from services.settings.common import Common
from services.settings.declaring import file_key, variable
from services.settings.gateway import Gateway
from services.settings.interview import Interviews
from services.settings.mail_ingest import MailIngest
from services.settings.outgoing_mail import OutgoingMail
from shared.language.sources import Root

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Settings(Clock, AuthorCode, Interviews, OutgoingMail, MailIngest, Gateway, Common):
    """All settings, valid. Read them with `services.settings.load`; never print a field that `repr` leaves out."""

    #: Doubts about the configuration file, to be logged once there is a log; they name keys and lines, never a value.
    remarks: tuple[str, ...] = field(default=(), repr=False, compare=False)
    #: The configuration file, as it was named.
    file: str = field(default="", repr=False, compare=False)

    def announce(self) -> None:
        """Log the doubts about the configuration file."""
        for remark in self.remarks:
            log.warning("configuration_doubt", extra={"reason": remark})

    def environment(self) -> dict[str, str]:
        """Variables that make another process load the same settings (secrets included: for own children only)."""
        result = {}
        for item in FIELDS.values():
            value = getattr(self, item.name)
            if item.metadata["nested"] or value is None:
                continue
            result[variable(item)] = _text(value)
        return result


def _text(value: object) -> str:
    """A value as its variable holds it."""
    if not isinstance(value, tuple):
        return str(value)
    if any(isinstance(one, OutgoingServer) for one in value):
        return as_text(value)
    between = ":" if all(isinstance(one, Path | Root) for one in value) else ","
    return between.join(f"[{one[0]}]:{one[1]}" if isinstance(one, tuple) else str(one) for one in value)


FIELDS: Mapping[str, Field[object]] = MappingProxyType(
    {item.name: item for item in fields(Settings) if "parse" in item.metadata}
)


def variables() -> dict[str, str]:
    """Every environment variable that is read, with what it is for."""
    named = (item for item in FIELDS.values() if not item.metadata["nested"])
    return {variable(item): str(item.metadata["says"]) for item in named} | {
        "PARLEY_CONFIG": "a YAML file with settings"
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What there is to say about one setting. `variable` is empty if no environment variable can hold it."""

    key: Key
    variable: str
    default: object
    hidden: bool
    says: str


def described() -> list[Setting]:
    """All settings in the order of their declaration."""
    defaults = Settings()
    return [
        Setting(
            key=file_key(item),
            variable="" if item.metadata["nested"] else variable(item),
            default=getattr(defaults, item.name),
            hidden=not item.repr,
            says=str(item.metadata["says"]),
        )
        for item in FIELDS.values()
    ]
