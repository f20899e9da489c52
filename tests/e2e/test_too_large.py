"""Answers that are more than a session can keep, and code that needs more memory than it may have: told as that, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.browser import Client
from bench.system import Running, distributed, embedded
from tests.helpers.packs import write_pack

INTERVIEW = """
mandatory: True
question: Megabytes to keep?
fields:
  - size: size
    datatype: integer
---
mandatory: True
code: |
  kept = 'x' * (size * 1024 * 1024)
---
mandatory: True
question: Kept ${ len(kept) }
"""
MEMORY = "600"


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("mongodb", marks=[pytest.mark.rabbitmq, pytest.mark.mongodb])]
)
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("large")
    write_pack(root, "large", {"keep": INTERVIEW})
    start = embedded if request.param == "sqlite" else distributed
    with start(root, PARLEY_MEMORY_MB=MEMORY) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "status", "kind", "error", "words"),
    [
        (70, 413, "TooLarge", "StateTooLarge", "too much to keep"),
        (5000, 500, "Failure", "MemoryError", "too much at once"),
    ],
)
def test_what_is_too_large_is_told_as_that(
    system: Running, size: int, status: int, kind: str, error: str, words: str
) -> None:
    client = Client(system.url, "large:keep.yml")
    with pytest.raises(RuntimeError) as told:
        client.answer({"size": size})
    assert str(told.value).startswith(f"{status}: ")
    assert f'"kind":"{kind}"' in str(told.value)
    assert words in str(told.value)
    assert [line["error"] for line in logged(system) if line["event"] == "interview_failed"][-1] == error
    client.get()
    assert client.screen["question"].strip() == "Megabytes to keep?"
    client.answer({"size": 2})
    assert client.screen["question"].strip() == f"Kept {2 * 1024 * 1024}"


def logged(system: Running) -> list[dict[str, Any]]:
    lines = [line for line in system.logs().splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]
