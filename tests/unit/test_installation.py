"""The installation's keys: by purpose, by root, and no more of them than a service uses."""

from __future__ import annotations

import pytest

from services.installation import PURPOSES, USES, NotGiven, Secrets, new_root
from services.settings import SettingsError, load

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"


def test_each_purpose_has_a_key_of_its_own() -> None:
    secrets = Secrets(SECRET)
    assert len({secrets.keys(purpose)["0"] for purpose in PURPOSES}) == len(PURPOSES)
    assert SECRET.encode() not in secrets.keys("slots")["0"].exposed()


def test_the_newest_root_is_the_first_and_the_secret_the_last() -> None:
    one, two = new_root(), new_root()
    keys = Secrets(SECRET, f"{two},{one}").keys("slots")
    assert list(keys) == [two.partition(":")[0], one.partition(":")[0], "0"]
    assert Secrets(SECRET, one).keys("slots").items() <= keys.items()
    assert list(Secrets(SECRET, f"0,{one}").keys("slots")) == ["0", one.partition(":")[0]]
    assert Secrets("", f"0,{one}").cookies
    assert Secrets("", one).keys("runs").keys() == {one.partition(":")[0]}


@pytest.mark.parametrize(
    "text",
    ["xyz!", "a:short", f"0:{'A' * 43}", f"a:{'A' * 43},a:{'A' * 43}", f"a:{'!' * 43}", "abcd", f"A b:{'A' * 43}"],
)
def test_what_are_no_keys_is_said_without_them(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"PARLEY_SECRET": SECRET, "PARLEY_KEYS": text, "PARLEY_VAR": "/nowhere"})
    assert "PARLEY_KEYS: expected" in str(caught.value)
    assert text not in str(caught.value)


def test_with_keys_a_distributed_system_needs_no_secret_any_more() -> None:
    one = new_root()
    assert load({"AMQP_URI": "amqp://broker", "PARLEY_KEYS": one}).keys == one
    with pytest.raises(SettingsError, match="PARLEY_SECRET"):
        load({"AMQP_URI": "amqp://broker"})


@pytest.mark.parametrize("service", USES)
def test_a_service_has_what_it_uses_and_no_more(service: str) -> None:
    whole = Secrets(SECRET, new_root())
    mine = Secrets(whole.derived_for(service))
    mine.check([service])
    for purpose in PURPOSES:
        assert mine.has(purpose) == (purpose in USES[service])
        if mine.has(purpose):
            assert mine.keys(purpose) == whole.keys(purpose)
            assert list(mine.keys(purpose)) == list(whole.keys(purpose))
        else:
            with pytest.raises(NotGiven, match="derive"):
                mine.keys(purpose)
    assert SECRET not in whole.derived_for(service)


def test_keys_of_another_service_are_refused_at_the_start() -> None:
    mine = Secrets(Secrets(SECRET).derived_for("mail_ingest"))
    with pytest.raises(NotGiven):
        mine.check(["interview"])


@pytest.mark.parametrize("cut", [20, 40, -3])
def test_keys_that_were_cut_short_are_refused(cut: int) -> None:
    text = Secrets(SECRET).derived_for("worker")[:cut]
    with pytest.raises(SettingsError, match="whole"):
        load({"PARLEY_SECRET": text, "PARLEY_VAR": "/nowhere"})
