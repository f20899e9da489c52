from __future__ import annotations

import resource

import pytest

from services import dumps


def test_no_core_dumps_whatever_was_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: set_to.append((what, limits)))
    dumps.forbid()
    assert set_to == [(resource.RLIMIT_CORE, (0, 0))]
