"""In which order a service gets its database and its processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services import pools
from services.settings import Settings, load
from shared.store.ports import StoreUnavailable


class Pool:
    """Notes what it is asked; it lends itself."""

    def __init__(self, noted: list[str]) -> None:
        self.noted = noted

    @property
    def lender(self) -> Pool:
        return self

    def begin(self) -> None:
        self.noted.append("begin")

    def ready(self, seconds: float) -> bool:
        self.noted.append("ready")
        return True

    def close(self) -> None:
        self.noted.append("close")


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(pools, "children", lambda settings, at_once: Pool(made))
    monkeypatch.setattr(pools, "sealed_store", lambda settings: made.append("store"))
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({}, var=str(tmp_path), smtp_port=0)


def test_the_processes_get_ready_while_the_database_is_opened(noted: list[str], settings: Settings) -> None:
    pools.ports(settings, ready=True)
    assert noted == ["begin", "store", "ready"]


def test_who_needs_none_yet_starts_none(noted: list[str], settings: Settings) -> None:
    pools.ports(settings)
    assert noted == ["store"]


@pytest.mark.parametrize("ready", [True, False])
def test_without_a_database_no_process_stays(
    noted: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, ready: bool
) -> None:
    def away(settings: Settings) -> Any:
        raise StoreUnavailable("nobody answers")

    monkeypatch.setattr(pools, "sealed_store", away)
    with pytest.raises(StoreUnavailable):
        pools.ports(settings, ready=ready)
    assert noted == [*(["begin"] if ready else []), "close"]
