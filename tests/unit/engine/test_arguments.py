"""What an effect is called with: equal where it means the same, and known in time whatever holds what."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pytest

from shared.engine.keeping import arguments
from shared.engine.keeping.arguments import digest, shape


class Node:
    def __init__(self) -> None:
        self.parent: Node | None = None
        self.children: list[Node] = []


def tree(*, levels: int = 6) -> Node:
    """Every node knows its two children, and each of them its parent."""
    made = Node()
    if levels:
        made.children = [tree(levels=levels - 1), tree(levels=levels - 1)]
        for child in made.children:
            child.parent = made
    return made


def doubled(times: int) -> list[Any]:
    made: list[Any] = [1]
    for _ in range(times):
        made = [made, made]
    return made


def itself() -> list[Any]:
    made: list[Any] = []
    made += [made, made, made]
    return made


@pytest.mark.timeout(120)  # without a bound it takes years
@pytest.mark.parametrize("value", [tree(), doubled(39), itself()], ids=["tree", "doubled", "itself"])
def test_what_holds_itself_or_is_there_over_and_over_takes_no_time(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "_MOST", 5_000)
    assert digest(shape(value)) == digest(shape(value))


def test_a_copy_means_the_same_and_anything_else_does_not() -> None:
    part = (1, [2])
    value = {"a": [part, part, {"x"}], "b": date(2026, 1, 1), "tree": tree(levels=2)}
    assert shape(copy.deepcopy(value)) == shape(value)
    assert shape([part, (1, [2])]) == shape([part, part])
    other = copy.deepcopy(value)
    other["tree"].children[1].children.append(Node())  # type: ignore[attr-defined]
    assert shape(other) != shape(value)


def test_the_last_row_of_a_large_table_counts() -> None:
    rows = [[number, str(number)] for number in range(20_000)]
    assert shape(rows) != shape([*rows[:-1], [0, ""]])
