"""What is kept of accounts: frozen records. Times are aware and in UTC; secrets are kept as hashes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Privilege(StrEnum):
    """The privileges that there are from the beginning (users.md); an administrator may name more."""

    USER = "user"
    ADMIN = "admin"
    CRON = "cron"  #: of scheduled tasks alone: never given to anybody
    CUSTOMER = "customer"
    DEVELOPER = "developer"
    ADVOCATE = "advocate"
    TRAINER = "trainer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account. `version` rises by one with every change; nothing is written without naming it."""

    id: str
    email: str  #: in small letters: an address names one person
    created: datetime
    version: int = 0
    first_name: str = ""
    last_name: str = ""
    privileges: frozenset[str] = field(default_factory=lambda: frozenset({Privilege.USER.value}))
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One person signed in with one browser. `id` is the hash of the secret that the browser holds."""

    id: str
    person: str
    begun: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of the API. `id` is the hash of the key, `name` what its owner calls it."""

    id: str
    person: str
    name: str
    created: datetime
    last_used: datetime | None = None
