"""Who is asking, and what an account may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.accounts.directory import SIGN_IN_LASTS, Directory, hashed
from services.accounts.memory import MemoryAccounts
from services.accounts.ports import AddressTaken, BadAccount, NoPerson
from services.accounts.records import Privilege
from shared.contract.caller import ANONYMOUS
from tests.helpers.hands import Hands


@pytest.fixture
def clock() -> Hands:
    return Hands(datetime(2026, 1, 15, tzinfo=UTC))


@pytest.fixture
def accounts() -> MemoryAccounts:
    return MemoryAccounts()


@pytest.fixture
def directory(accounts: MemoryAccounts, clock: Hands) -> Directory:
    return Directory(accounts, clock=clock)


@pytest.mark.parametrize("shown", [{}, {"sign_in": ""}, {"sign_in": "wrong"}, {"key": "wrong"}, {"key": "\ud800"}])
def test_without_a_sign_in_nobody_is_asking(directory: Directory, shown: dict[str, str]) -> None:
    assert directory.who(**shown) == ANONYMOUS


def test_a_browser_that_signed_in_is_its_person(directory: Directory) -> None:
    ada = directory.add(email=" Ada@Example.com ", first_name="Ada", last_name="Lovelace")
    user = directory.who(sign_in=directory.begin(ada.id))
    assert (user.id, user.email, user.first_name, user.privileges) == (ada.id, "ada@example.com", "Ada", ("user",))
    assert (user.is_authenticated, user.is_anonymous) == (True, False)


def test_a_sign_in_ends_by_word_by_time_and_everywhere(directory: Directory, clock: Hands) -> None:
    ada = directory.add(email="ada@example.com")
    first, second, third = (directory.begin(ada.id) for _ in range(3))
    assert directory.end(first) is True
    assert directory.end(first) is False
    assert [directory.who(sign_in=one) == ANONYMOUS for one in (first, second, third)] == [True, False, False]
    assert directory.end_all(ada.id) == 2
    fourth = directory.begin(ada.id)
    clock.now += SIGN_IN_LASTS - timedelta(seconds=1)
    assert directory.who(sign_in=fourth).id == ada.id
    clock.now += timedelta(seconds=1)
    assert directory.who(sign_in=fourth) == ANONYMOUS


def test_a_key_is_its_persons(directory: Directory, accounts: MemoryAccounts) -> None:
    ada = directory.add(email="ada@example.com")
    key = directory.make_key(ada.id, name="reports")
    assert directory.who(key=key).id == ada.id
    assert directory.who(sign_in=key) == ANONYMOUS
    assert accounts.remove_key(hashed(key))
    assert directory.who(key=key) == ANONYMOUS


def test_what_is_kept_signs_nobody_in(directory: Directory, accounts: MemoryAccounts) -> None:
    ada = directory.add(email="ada@example.com")
    secret, key = directory.begin(ada.id), directory.make_key(ada.id, name="x")
    kept = repr((accounts._sign_ins, accounts._keys))
    assert secret not in kept
    assert key not in kept
    assert directory.who(sign_in=hashed(secret)) == ANONYMOUS
    assert directory.who(key=hashed(key)) == ANONYMOUS


def test_who_is_deactivated_is_out_everywhere(directory: Directory) -> None:
    ada = directory.add(email="ada@example.com")
    sign_in, key = directory.begin(ada.id), directory.make_key(ada.id, name="x")
    directory.deactivate(ada.id)
    assert directory.who(sign_in=sign_in) == directory.who(key=key) == ANONYMOUS
    with pytest.raises(NoPerson, match="not active"):
        directory.begin(ada.id)
    directory.reactivate(ada.id)
    assert directory.who(sign_in=sign_in) == ANONYMOUS
    assert directory.who(key=key).id == ada.id


def test_privileges(directory: Directory) -> None:
    ada = directory.add(email="ada@example.com")
    directory.grant(ada.id, ["admin", "tax advisor"])
    assert directory.who(sign_in=directory.begin(ada.id)).privileges == ("admin", "tax advisor", "user")
    directory.grant(ada.id, [])
    assert directory.who(sign_in=directory.begin(ada.id)).privileges == ("user",)


@pytest.mark.parametrize("privilege", [Privilege.CRON, "cron", "", "Admin", "a" * 60, "a\nb"])
def test_privileges_that_nobody_can_be_given(directory: Directory, privilege: str) -> None:
    ada = directory.add(email="ada@example.com")
    with pytest.raises(BadAccount):
        directory.grant(ada.id, [privilege])
    assert directory.who(sign_in=directory.begin(ada.id)).privileges == ("user",)


@pytest.mark.parametrize("email", ["", "ada", "a@b@c", "a b@c", "@c", "a@", "a@b\nBcc: x@y", "a" * 65 + "@b", None, 5])
def test_addresses_that_are_none(directory: Directory, email: Any) -> None:
    with pytest.raises(BadAccount, match="email"):
        directory.add(email=email)


@pytest.mark.parametrize("name", ["x" * 101, "a\nb", "\x00", None])
def test_names_that_are_none(directory: Directory, name: Any) -> None:
    with pytest.raises(BadAccount, match="first name"):
        directory.add(email="ada@example.com", first_name=name)


def test_one_account_for_an_address_in_any_letters(directory: Directory) -> None:
    directory.add(email="ada@example.com")
    with pytest.raises(AddressTaken):
        directory.add(email="ADA@EXAMPLE.COM")


@pytest.mark.parametrize("act", ["grant", "deactivate", "begin", "make_key"])
def test_a_person_who_is_not_there(directory: Directory, act: str) -> None:
    attempts = {
        "grant": lambda: directory.grant("x", ["admin"]),
        "deactivate": lambda: directory.deactivate("x"),
        "begin": lambda: directory.begin("x"),
        "make_key": lambda: directory.make_key("x", name="n"),
    }
    with pytest.raises(NoPerson):
        attempts[act]()


def test_a_key_has_a_name(directory: Directory) -> None:
    ada = directory.add(email="ada@example.com")
    with pytest.raises(BadAccount, match="name of the key"):
        directory.make_key(ada.id, name=" ")
