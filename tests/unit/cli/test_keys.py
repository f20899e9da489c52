"""``parley keys``: made, derived, listed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from services.cli.keys import keys
from services.clock.sweeps import REWRAPPING
from services.installation import USES
from services.settings import load
from shared.store.open import open_store
from tests.contract.store.make import at

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_KEYS", "PARLEY_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARLEY_SECRET", SECRET)
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path))


def said(what: str, service: str | None = None) -> tuple[int, list[str]]:
    out = io.StringIO()
    return keys(what, service, out=out), out.getvalue().splitlines()


def test_a_new_key_has_a_name_and_is_never_the_same() -> None:
    [(_, [first]), (_, [second])] = said("new"), said("new")
    assert first != second
    assert first.count(":") == 1


def test_each_service_gets_a_secret_of_its_own_and_no_other() -> None:
    _, lines = said("env")
    assert [line.partition("=")[0] for line in lines] == [f"PARLEY_SECRET_{name.upper()}" for name in USES]
    assert len({line.partition("=")[2] for line in lines}) == len(USES)
    name = next(iter(USES))
    assert said("derive", name) == (0, [lines[0].partition("=")[2]])
    assert SECRET not in "".join(lines)


@pytest.mark.parametrize(("what", "service"), [("derive", None), ("list", "worker"), ("new", "worker")])
def test_a_name_is_for_deriving_only(what: str, service: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(what, service) == (2, [])
    assert "keys derive takes the name of a service" in capsys.readouterr().err


def test_settings_that_are_wrong_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PARLEY_SECRET", "short")
    assert said("env") == (2, [])
    assert capsys.readouterr().err.startswith("parley: PARLEY_SECRET: expected ")


def test_the_list_says_which_can_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("list") == (0, ["0  wraps and opens"])
    _, [new] = said("new")
    monkeypatch.setenv("PARLEY_KEYS", new)
    name = new.partition(":")[0]
    store = open_store(load().database)
    store.prepare()
    try:
        status, lines = said("list")
        assert status == 0
        assert lines[:2] == [f"{name}  wraps and opens", "0  opens"]
        assert "need an older key still" in lines[2]
        store.schedule.note(REWRAPPING, {"keys": f"{name},0", "done": at(0)})
        assert said("list")[1][2].startswith(
            f"Nothing that is kept needs an older key since {at(0):%Y-%m-%d %H:%M} UTC"
        )
    finally:
        store.close()
