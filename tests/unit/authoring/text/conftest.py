"""The tables of words and language functions, which belong to the process."""

from __future__ import annotations

import pytest

from shared.authoring.text import words


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    """Tables of the process are put back, so that no test speaks for the next."""
    monkeypatch.setattr(words, "_phrases", {key: dict(value) for key, value in words._phrases.items()})
    kept = {name: dict(table) for name, table in words._functions.items()}
    yield
    for name, table in words._functions.items():
        table.clear()
        table.update(kept.get(name, {}))
