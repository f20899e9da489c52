"""What accounts decide: who is asking, who may hold which privilege, when a sign-in ends.

Proving who somebody is (passwords, codes, other providers) is not here: whoever has proved it begins a sign-in. A browser or a program
shows a secret; only its hash is kept, so that a copy of what is kept signs nobody in.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.accounts.ports import Accounts, BadAccount, NoPerson
from services.accounts.records import ApiKey, Person, Privilege, SignIn
from shared.contract.caller import ANONYMOUS, User

#: Without a word of the person, a sign-in ends after so long.
SIGN_IN_LASTS: Final = timedelta(days=30)
#: 256 bits, as text 43 characters: beyond guessing, so that a plain hash of it is enough.
_SECRET_BYTES: Final = 32
_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_PRIVILEGE: Final = re.compile(r"[a-z][a-z0-9 _-]{0,49}")
_NAME_LENGTH: Final = 100


class Directory:
    """`clock` gives aware times in UTC."""

    def __init__(self, accounts: Accounts, *, clock: Callable[[], datetime]) -> None:
        self._accounts = accounts
        self._clock = clock

    # -- who is asking

    def who(self, *, sign_in: str | None = None, key: str | None = None) -> User:
        """The user of a request that shows the secret of a sign-in or a key of the API; without either, or with one that has ended, nobody.

        Nothing tells a wrong secret from one that has ended.
        """
        person_id = self._of_sign_in(sign_in) if sign_in else self._of_key(key) if key else None
        person = None if person_id is None else self._accounts.person(person_id)
        return ANONYMOUS if person is None or not person.active else user_of(person)

    def _of_sign_in(self, secret: str) -> str | None:
        found = self._accounts.sign_in(hashed(secret))
        return None if found is None or found.expires <= self._clock() else found.person

    def _of_key(self, secret: str) -> str | None:
        found = self._accounts.key(hashed(secret))
        return None if found is None else found.person

    # -- people

    def add(self, *, email: str, first_name: str = "", last_name: str = "") -> Person:
        """A new person with the privilege of a user. Raises `BadAccount`, `AddressTaken`."""
        person = Person(
            id=secrets.token_hex(16),
            email=_address(email),
            first_name=_name("first name", first_name),
            last_name=_name("last name", last_name),
            created=self._clock(),
        )
        self._accounts.add(person)
        return person

    def grant(self, person_id: str, privileges: Iterable[str]) -> Person:
        """Give a person exactly these privileges; nobody is without that of a user. Raises `BadAccount`, `NoPerson`, `Changed`."""
        wanted = frozenset(privileges) | {Privilege.USER.value}
        for privilege in wanted:
            if privilege == Privilege.CRON or not _PRIVILEGE.fullmatch(privilege):
                raise BadAccount(f"privilege: nobody can be given {str(privilege)[:50]!r}")
        return self._change(person_id, privileges=frozenset(str(one) for one in wanted))

    def deactivate(self, person_id: str) -> Person:
        """The person can no longer sign in, and is signed out everywhere. Keys stay, and open nothing."""
        person = self._change(person_id, active=False)
        self._accounts.end_all(person_id)
        return person

    def reactivate(self, person_id: str) -> Person:
        return self._change(person_id, active=True)

    def _change(self, person_id: str, **values: object) -> Person:
        known = self._known(person_id)
        changed: Person = replace(known, version=known.version + 1, **values)  # type: ignore[arg-type]
        self._accounts.replace(changed, version=known.version)
        return changed

    def _known(self, person_id: str) -> Person:
        known = self._accounts.person(person_id)
        if known is None:
            raise NoPerson("there is no such person")
        return known

    # -- sign-ins and keys

    def begin(self, person_id: str) -> str:
        """Sign a person in who has proved to be that person; the secret for the browser. Raises `NoPerson` (also one that is not active)."""
        if not self._known(person_id).active:
            raise NoPerson("this account is not active")
        secret, now = secrets.token_urlsafe(_SECRET_BYTES), self._clock()
        self._accounts.begin(SignIn(id=hashed(secret), person=person_id, begun=now, expires=now + SIGN_IN_LASTS))
        return secret

    def end(self, secret: str) -> bool:
        """Sign out this browser. False if it was not signed in."""
        return self._accounts.end(hashed(secret))

    def end_all(self, person_id: str) -> int:
        """Sign a person out everywhere; how many sign-ins ended."""
        return self._accounts.end_all(person_id)

    def make_key(self, person_id: str, *, name: str) -> str:
        """A new key of the API: told once, here. Raises `NoPerson`, `BadAccount`."""
        secret, person = secrets.token_urlsafe(_SECRET_BYTES), self._known(person_id)
        if not name.strip():
            raise BadAccount("name of the key: expected a text that is not empty")
        self._accounts.add_key(
            ApiKey(id=hashed(secret), person=person.id, name=_name("name of the key", name), created=self._clock())
        )
        return secret


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def user_of(person: Person) -> User:
    """The person as calls carry it and authors see it."""
    return User(
        id=person.id,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        privileges=tuple(sorted(person.privileges)),
        is_anonymous=False,
        is_authenticated=True,
    )


def _address(email: str) -> str:
    if not isinstance(email, str) or not email.isprintable() or not _ADDRESS.fullmatch(email.strip()):
        raise BadAccount("email: expected an address like ada@example.com")
    return email.strip().lower()


def _name(what: str, value: str) -> str:
    if not isinstance(value, str) or len(value) > _NAME_LENGTH or not (value == "" or value.isprintable()):
        raise BadAccount(f"{what}: expected a text of at most {_NAME_LENGTH} printable characters")
    return value.strip()
