"""The service's side of a template and of its children, with processes that the test plays."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from shared.contract.errors import BadInterview, CallFailed, ChildDied, ChildKilled, NoInterview
from shared.language.errors import LanguageError, LanguageErrors, Problem
from shared.language.findings import Finding
from shared.language.model import Place
from shared.runner import failures, forked
from shared.runner.forked import Child
from shared.runner.handles import NoRoom, Template, TemplateGone
from shared.runner.wire import Message, WireError
from tests.helpers.script import Script

LOADED: Message = {"digest": "d1", "events": [], "sources": []}


def later() -> float:
    return time.monotonic() + 60


def nothing() -> None: ...


def a_template(*says: Message, sources: list[list[Any]] | None = None) -> tuple[Template, Script]:
    script = Script({**LOADED, "sources": sources or []}, *says, open=True)
    return Template("demos:a.yml", script.wire, until=later()), script


def stamp(path: Path) -> list[Any]:
    found = path.stat()
    return [str(path), found.st_mtime_ns, found.st_size]


# ------------------------------------------------------------------ templates


def test_a_template_says_what_it_was_made_of() -> None:
    template, _ = a_template()
    assert template.digest == "d1"
    assert not template.changed(every=0)


def test_an_interview_that_does_not_load_is_the_error_that_it_was() -> None:
    script = Script({"errors": failures.write(LanguageError("there is no interview demos:a.yml"))}, open=True)
    with pytest.raises(NoInterview, match="there is no interview"):
        Template("demos:a.yml", script.wire, until=later())
    script = Script({"errors": failures.write(ZeroDivisionError("by zero"))}, open=True)
    with pytest.raises(CallFailed, match="ZeroDivisionError: by zero"):
        Template("demos:a.yml", script.wire, until=later())


@pytest.mark.parametrize("says", [(), ({"errors": {"kind": 3}},)])
def test_a_template_that_ends_before_it_loaded_is_gone(says: tuple[Message, ...]) -> None:
    script = Script(*says)
    with pytest.raises(TemplateGone, match=r"demos:a\.yml"):
        Template("demos:a.yml", script.wire, until=later())
    assert script.wire.fileno() == -1, "nobody else would close it"


def test_a_change_of_a_source_is_seen_and_looked_for_only_so_often(tmp_path: Path) -> None:
    source = tmp_path / "a.yml"
    source.write_text("question: a\n")
    template, _ = a_template(sources=[stamp(source)])
    assert not template.changed(every=0)
    source.write_text("question: another\n")
    assert not template.changed(every=3600)
    assert template.changed(every=0)
    assert template.changed(every=3600), "what is known stays known"
    assert not template.stale, "its children may still be used for what goes on"


def test_a_source_that_is_gone_is_a_change(tmp_path: Path) -> None:
    template, _ = a_template(sources=[[str(tmp_path / "gone.yml"), 1, 1]])
    assert template.changed(every=0)


def test_a_last_good_version_goes_on_until_there_is_another_change(tmp_path: Path) -> None:
    source = tmp_path / "a.yml"
    source.write_text("question: a\n")
    template, _ = a_template(sources=[stamp(source)])
    source.write_text("question: [\n")
    assert template.changed(every=0)
    template.go_on(template.sources())
    assert template.outlives
    assert not template.changed(every=0)
    source.write_text("question: mended\n")
    assert template.changed(every=0)


def test_a_process_that_went_away_makes_its_template_stale() -> None:
    template, script = a_template()
    script.break_off()
    assert template.changed(every=0)
    assert template.stale


def test_author_modules_are_watched_below_the_roots_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "root" / "a.py", tmp_path / "b.py"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("x = 1")
    template, _ = a_template()
    template.watch([str(inside), str(outside), 3], (str(inside.parent),))
    template.watch("no list", (str(tmp_path),))
    assert list(template.sources()) == [str(inside)]
    os.utime(inside, ns=(1, 1))
    assert template.changed(every=0)


def test_of_modules_only_so_many_are_watched(tmp_path: Path) -> None:
    template, _ = a_template()
    template.watch([f"{tmp_path}/{n}.py" for n in range(2000)], (str(tmp_path),))
    assert len(template.sources()) == 1000


# ------------------------------------------------------------------ children


def test_a_child_is_forked_and_ended_by_its_template() -> None:
    template, script = a_template({"pid": 17}, {"status": -9, "ours": True})
    child = template.child(memory=5)
    assert (child.pid, child.memory, child.busy) == (17, 5, True)
    assert child.end() == (-9, True)
    assert child.end() == (-9, True), "once is enough"
    assert script.heard() == [{"child": 5, "rehearsed": False}, {"end": 17, "gone": False}]


def test_no_room_for_a_child_is_told_from_a_template_that_is_gone() -> None:
    template, _ = a_template({"error": "Cannot allocate memory"})
    with pytest.raises(NoRoom, match="Cannot allocate memory"):
        template.child(memory=5)
    template, script = a_template()
    script.break_off()
    with pytest.raises(WireError) as raised:
        template.child(memory=5)
    assert not isinstance(raised.value, NoRoom)
    assert template.end(17) == (None, False)


def a_child(*says: Message, ending: Message | None = None, open: bool = False) -> tuple[Child, Script]:
    template, _ = a_template(*([ending] if ending else []))
    script = Script(*says, open=open)
    return Child(template, 17, script.wire, memory=5), script


def test_a_child_tells_its_walls_before_its_first_step() -> None:
    child, _ = a_child({"ready": {"landlock": True}}, open=True)
    assert child.there()
    child.settle(nothing)
    assert child.report == {"landlock": True}
    child.settle(nothing)
    assert child.there()


def test_a_child_without_walls_takes_no_step() -> None:
    child, _ = a_child({"broken": "PermissionError: landlock"})
    with pytest.raises(WireError, match="PermissionError: landlock"):
        child.settle(nothing)


def test_a_child_that_speaks_out_of_turn_is_not_used_again() -> None:
    child, script = a_child({"ready": {}}, open=True)
    child.settle(nothing)
    script.say({"result": "nobody asked"})
    assert not child.there()


def test_a_word_of_another_step_is_out_of_turn() -> None:
    child, _ = a_child({"result": 1, "step": 7})
    with pytest.raises(WireError, match="out of turn"):
        child.exchange({"state": None}, until=later(), look=nothing, answer=dict)


def test_questions_are_answered_until_the_reply_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked.secrets, "randbits", lambda bits: 6)
    child, script = a_child(
        {"ask": "task", "arguments": [], "step": 7},
        {"ask": "email", "arguments": [], "step": 7},
        {"result": 1, "step": 7},
    )
    asked: list[str] = []

    def answer(ask: Message) -> Message:
        asked.append(ask["ask"])
        return {"answer": len(asked)}

    reply = child.exchange({"state": None}, until=later(), look=nothing, answer=answer)
    assert reply == {"result": 1}
    assert asked == ["task", "email"]
    assert script.heard() == [{"state": None, "step": 7}, {"answer": 1, "step": 7}, {"answer": 2, "step": 7}]


@pytest.mark.parametrize(
    ("ending", "error", "how"),
    [
        ({"status": -9, "ours": True}, ChildDied, "broke off"),
        ({"status": 0, "ours": False}, ChildDied, "ended"),
        ({"status": 3, "ours": False}, ChildDied, "ended with status 3"),
        ({"status": -11, "ours": False}, ChildDied, "was ended by signal 11"),
        ({"status": -9, "ours": False}, ChildKilled, "was ended by signal 9"),
        ({"status": -15, "ours": False}, ChildKilled, "was ended by signal 15"),
        ({"status": None, "ours": False}, ChildKilled, "ended"),
        (None, ChildKilled, "ended"),
    ],
)
def test_whose_doing_a_death_was_is_told(ending: Message | None, error: type[CallFailed], how: str) -> None:
    template, _ = a_template(*([ending] if ending else []))
    if ending is None:
        template.close()
    died = Child(template, 17, Script().wire, memory=5).died(WireError("the other side closed"))
    assert type(died) is error
    assert f"code {how} before it answered" in str(died)


def test_problems_of_an_interview_keep_their_places() -> None:
    problem = Problem(Finding.NOT_YAML, Place("demos:a.yml", "b", 1, 7), "no", "yes")
    script = Script({"errors": failures.write(LanguageErrors([problem]))}, open=True)
    with pytest.raises(BadInterview) as raised:
        Template("demos:a.yml", script.wire, until=later())
    assert [(place.file, place.line) for place in raised.value.problems] == [("demos:a.yml", 7)]
