"""Accounts in memory: for tests, and until an adapter over the store comes with signing in. Threads may share it."""

from __future__ import annotations

import threading

from services.accounts.ports import AddressTaken, Changed, NoPerson
from services.accounts.records import ApiKey, Person, SignIn


class MemoryAccounts:
    """Implements `ports.Accounts`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, Person] = {}
        self._sign_ins: dict[str, SignIn] = {}
        self._keys: dict[str, ApiKey] = {}

    def add(self, person: Person) -> None:
        with self._lock:
            self._check_free(person)
            if person.id in self._people:
                raise AddressTaken("a person with this id is there")
            self._people[person.id] = person

    def person(self, person_id: str) -> Person | None:
        return self._people.get(person_id)

    def by_email(self, email: str) -> Person | None:
        with self._lock:
            return next((one for one in self._people.values() if one.email == email), None)

    def replace(self, person: Person, *, version: int) -> None:
        with self._lock:
            known = self._people.get(person.id)
            if known is None:
                raise NoPerson("there is no such person")
            if known.version != version or person.version != version + 1:
                raise Changed("this person's record was changed meanwhile")
            self._check_free(person)
            self._people[person.id] = person

    def people(self, *, after: str = "", limit: int = 100) -> list[Person]:
        with self._lock:
            found = sorted((one for one in self._people.values() if one.email > after), key=lambda one: one.email)
        return found[:limit]

    def begin(self, sign_in: SignIn) -> None:
        with self._lock:
            self._sign_ins[sign_in.id] = sign_in

    def sign_in(self, sign_in_id: str) -> SignIn | None:
        return self._sign_ins.get(sign_in_id)

    def end(self, sign_in_id: str) -> bool:
        with self._lock:
            return self._sign_ins.pop(sign_in_id, None) is not None

    def end_all(self, person_id: str) -> int:
        with self._lock:
            ids = [one.id for one in self._sign_ins.values() if one.person == person_id]
            for sign_in_id in ids:
                del self._sign_ins[sign_in_id]
            return len(ids)

    def add_key(self, key: ApiKey) -> None:
        with self._lock:
            self._keys[key.id] = key

    def key(self, key_id: str) -> ApiKey | None:
        return self._keys.get(key_id)

    def keys_of(self, person_id: str) -> list[ApiKey]:
        with self._lock:
            return sorted((one for one in self._keys.values() if one.person == person_id), key=lambda one: one.created)

    def remove_key(self, key_id: str) -> bool:
        with self._lock:
            return self._keys.pop(key_id, None) is not None

    def _check_free(self, person: Person) -> None:
        if any(one.email == person.email and one.id != person.id for one in self._people.values()):
            raise AddressTaken("another person has this address")
