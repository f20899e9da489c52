"""No module needs itself: the import graph of `shared` and `services` has no circle, imports inside functions counted."""

from __future__ import annotations

from collections.abc import Iterator

import grimp
import pytest


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("shared", "services", cache_dir=None)


def test_no_module_needs_itself(graph: grimp.ImportGraph) -> None:
    assert [sorted(circle) for circle in _circles(graph)] == []


def test_a_circle_would_be_found(graph: grimp.ImportGraph) -> None:
    made = grimp.build_graph("shared", cache_dir=None)
    made.add_import(importer="shared.authoring.errors", imported="shared.authoring.memory")
    made.add_import(importer="shared.authoring.context", imported="shared.authoring.errors")
    assert list(_circles(made)) == [
        {"shared.authoring.errors", "shared.authoring.memory", "shared.authoring.context"},
    ]


def _circles(graph: grimp.ImportGraph) -> Iterator[set[str]]:
    """Groups of modules each of which needs all others: what is left when leaves are taken off from both ends."""
    needs = {module: set(graph.find_modules_directly_imported_by(module)) & graph.modules for module in graph.modules}
    while leaves := [module for module, needed in needs.items() if not needed & needs.keys()]:
        for module in leaves:
            del needs[module]
    while needs:
        start = next(iter(needs))
        circle = _reached(start, needs) & {module for module in needs if start in _reached(module, needs)}
        if circle:
            yield circle
        for module in circle or {start}:
            del needs[module]


def _reached(start: str, needs: dict[str, set[str]]) -> set[str]:
    """The modules that `start` needs, itself only if it is among them."""
    found: set[str] = set()
    waiting = list(needs[start] & needs.keys())
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting.extend(needs[module] & needs.keys())
    return found
