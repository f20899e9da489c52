"""What runs said is kept for a while: pages by keyset, newest first; the oldest go; a session's go with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from shared.store.ports import BadRecord, Store, TooLarge
from tests.contract.store.make import a_run, a_session, at

FAILURE = {
    "type": "ZeroDivisionError",
    "message": "division by zero",
    "file": "demos:a.yml",
    "block": "block 2",
    "line": 7,
    "trail": ["n"],
    "trace": "…",
}


def names(store: Store, kind: str = "worker") -> list[str]:
    return [run.id for run in store.runs.page(kind).lines]


def test_a_run_comes_back_as_it_was_and_is_kept_once(store: Store) -> None:
    run = a_run("r", name="act", task="t", ok=False, failure=FAILURE)
    assert store.runs.append(run) is True
    assert store.runs.append(replace(run, name="other")) is False
    page = store.runs.page("worker")
    assert page.lines == (run,)
    assert page.after is None
    assert store.runs.page("cron").lines == ()


def test_pages_are_newest_first_and_runs_of_one_moment_are_told_apart(store: Store) -> None:
    for name, seconds in (("b", 5), ("a", 5), ("d", 9), ("c", 5), ("e", 1)):
        store.runs.append(a_run(name, at=at(seconds)))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = store.runs.page("worker", after=after, limit=2)
        seen += [run.id for run in page.lines]
        after = page.after
    assert seen == ["d", "c", "b", "a", "e"]


def test_what_is_old_goes_and_what_is_beyond_the_bound(store: Store) -> None:
    for number in range(6):
        store.runs.append(a_run(f"r{number}", at=at(number)))
    store.runs.append(a_run("other", kind="cron"))
    assert store.runs.forget("worker", before=at(2), keep=100) == 2
    assert names(store) == ["r5", "r4", "r3", "r2"]
    assert store.runs.forget("worker", before=at(2), keep=1) == 3
    assert names(store) == ["r5"]
    assert names(store, "cron") == ["other"]


def test_they_go_with_their_session(store: Store) -> None:
    store.sessions.create(a_session("s"))
    store.runs.append(a_run("mine"))
    store.runs.append(a_run("other", session="t"))
    assert store.sessions.delete("s")
    assert names(store) == ["other"]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"kind": "nonsense"}, BadRecord),
        ({"id": ""}, BadRecord),
        ({"at": datetime(2026, 1, 1)}, BadRecord),
        ({"lines": "text"}, BadRecord),
        ({"lines": ("\ud800",)}, BadRecord),
        ({"lines": ("x" * 10_001,)}, TooLarge),
        ({"lines": ("x" * 10_000,) * 30}, TooLarge),
        ({"failure": {"trace": object()}}, BadRecord),
    ],
)
def test_what_is_no_run_is_refused_and_nothing_kept(store: Store, values: dict[str, object], error: type) -> None:
    with pytest.raises(error):
        store.runs.append(a_run("r", **values))
    assert names(store) == []


@pytest.mark.parametrize("after", ["nonsense", "1/", "/x", "-1/x"])
def test_a_page_begins_only_where_another_ended(store: Store, after: str) -> None:
    with pytest.raises(BadRecord):
        store.runs.page("worker", after=after)
    with pytest.raises(BadRecord):
        store.runs.page("nonsense")
    with pytest.raises(BadRecord):
        store.runs.page("worker", limit=0)
