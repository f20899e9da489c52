"""How accounts are kept, and what is wrong with them.

    AccountError
    ├── AddressTaken    another person has this address
    ├── NoPerson        there is none with this id
    ├── BadAccount      a value that no account may have; the message names it
    └── Changed         somebody else changed the record meanwhile: read it again

Writes are durable when the call returns; every change is a compare-and-set on the person's version.
"""

from __future__ import annotations

from typing import Protocol

from services.accounts.records import ApiKey, Person, SignIn


class AccountError(Exception):
    """Base of this package's errors."""


class AddressTaken(AccountError):
    """An address names one person."""


class NoPerson(AccountError):
    """There is no such person (any more)."""


class BadAccount(AccountError, ValueError):
    """A value that no account may have."""


class Changed(AccountError):
    """The compare-and-set was lost."""


class Accounts(Protocol):
    def add(self, person: Person) -> None:
        """Insert. Raises `AddressTaken`, also for an id that is there."""
        ...

    def person(self, person_id: str) -> Person | None: ...
    def by_email(self, email: str) -> Person | None: ...
    def replace(self, person: Person, *, version: int) -> None:
        """Put `person` (whose version is one higher) in place of its `version`. Raises `Changed`, `NoPerson`, `AddressTaken`."""
        ...

    def people(self, *, after: str = "", limit: int = 100) -> list[Person]:
        """By address, those after the address `after`."""
        ...

    def begin(self, sign_in: SignIn) -> None: ...
    def sign_in(self, sign_in_id: str) -> SignIn | None: ...
    def end(self, sign_in_id: str) -> bool:
        """False if it had ended."""
        ...

    def end_all(self, person_id: str) -> int:
        """End every sign-in of a person; how many there were."""
        ...

    def add_key(self, key: ApiKey) -> None: ...
    def key(self, key_id: str) -> ApiKey | None: ...
    def keys_of(self, person_id: str) -> list[ApiKey]: ...
    def remove_key(self, key_id: str) -> bool: ...
