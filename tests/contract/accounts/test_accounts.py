"""The contract of `Accounts`: one person for an address, compare-and-set, sign-ins and keys that end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.accounts.memory import MemoryAccounts
from services.accounts.ports import Accounts, AddressTaken, Changed, NoPerson
from services.accounts.records import ApiKey, Person, SignIn

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ADAPTERS: dict[str, Callable[[], Accounts]] = {"memory": MemoryAccounts}


@pytest.fixture(params=ADAPTERS)
def accounts(request: pytest.FixtureRequest) -> Accounts:
    return ADAPTERS[request.param]()


def a_person(name: str = "ada", **values: object) -> Person:
    return replace(Person(id=name, email=f"{name}@example.com", created=NOW), **values)  # type: ignore[arg-type]


def test_what_is_added_is_found(accounts: Accounts) -> None:
    ada = a_person(first_name="Ada", privileges=frozenset({"user", "admin"}))
    accounts.add(ada)
    assert accounts.person("ada") == accounts.by_email("ada@example.com") == ada
    assert accounts.person("bob") is None
    assert accounts.by_email("ADA@example.com") is None


def test_an_address_names_one_person(accounts: Accounts) -> None:
    accounts.add(a_person())
    for other in (a_person("bob", email="ada@example.com"), a_person(email="new@example.com")):
        with pytest.raises(AddressTaken):
            accounts.add(other)
    accounts.add(a_person("bob"))
    with pytest.raises(AddressTaken):
        accounts.replace(a_person("bob", email="ada@example.com", version=1), version=0)
    assert accounts.by_email("bob@example.com") == a_person("bob")


def test_a_change_names_the_version_it_replaces(accounts: Accounts) -> None:
    accounts.add(a_person())
    accounts.replace(a_person(version=1, first_name="A"), version=0)
    for version, new in ((0, 1), (2, 3), (1, 1), (1, 3)):
        with pytest.raises(Changed):
            accounts.replace(a_person(version=new, first_name="B"), version=version)
    with pytest.raises(NoPerson):
        accounts.replace(a_person("bob", version=1), version=0)
    assert accounts.person("ada") == a_person(version=1, first_name="A")


def test_of_many_changes_at_once_one_is_made(accounts: Accounts) -> None:
    accounts.add(a_person())

    def change(number: int) -> bool:
        try:
            accounts.replace(a_person(version=1, first_name=str(number)), version=0)
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(change, range(32))) == 1


def test_people_by_pages(accounts: Accounts) -> None:
    for name in ("c", "a", "b"):
        accounts.add(a_person(name))
    assert [one.id for one in accounts.people(limit=2)] == ["a", "b"]
    assert [one.id for one in accounts.people(after="b@example.com")] == ["c"]


def test_sign_ins_end(accounts: Accounts) -> None:
    for name, person in (("1", "ada"), ("2", "ada"), ("3", "bob")):
        accounts.begin(SignIn(id=name, person=person, begun=NOW, expires=NOW + timedelta(days=1)))
    assert accounts.sign_in("1") is not None
    assert accounts.end("1") is True
    assert accounts.end("1") is False
    assert accounts.sign_in("1") is None
    assert accounts.end_all("ada") == 1
    assert accounts.end_all("ada") == 0
    assert accounts.sign_in("3") is not None


def test_keys(accounts: Accounts) -> None:
    for number, name in enumerate(("k2", "k1")):
        accounts.add_key(ApiKey(id=name, person="ada", name="x", created=NOW + timedelta(number)))
    assert [one.id for one in accounts.keys_of("ada")] == ["k2", "k1"]
    assert accounts.keys_of("bob") == []
    assert accounts.remove_key("k2") is True
    assert accounts.remove_key("k2") is False
    assert accounts.key("k2") is None
    assert accounts.key("k1") is not None
