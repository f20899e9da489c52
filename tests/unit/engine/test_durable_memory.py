"""How long what a block did is remembered: until it has ended, and not for ever (docs/adr/0019-durable-blocks.md)."""

from __future__ import annotations

import pytest

from shared.engine.keeping import runs
from tests.unit.engine.saved import ASKS, Open, Saved, block
from tests.unit.language.sample import Pack


def test_what_a_removed_block_did_is_not_kept_for_ever(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_GONE", 3)
    session = Saved(pack.interview(block("log('0')\nfirst") + ASKS), pack.sources)
    for number in range(1, 9):
        session.interview = pack.interview(block(f"log('{number}')\nfirst") + ASKS)
        session.show()
    assert len(session.state.internal[runs.DONE]) <= 5
    assert session.state.internal[runs.DONE].keys() == session.state.internal[runs.RAN].keys()


def test_nothing_is_kept_of_blocks_that_ended(open_session: Open) -> None:
    session = open_session(block("log('x')\nfirst") + "\n---\nmandatory: True\nquestion: Done")
    assert runs.DONE in session.state.internal
    session.fill("x")
    assert runs.DONE not in session.state.internal


def test_initial_code_that_is_interrupted_in_its_last_pass_goes_on_in_the_next_step(open_session: Open) -> None:
    session = open_session(
        "initial: True\ncode: |\n  if showifdef('stage') == 1:\n    stage = 2\n    first\n"
        "  send_email(to='a@b.example', subject='x')\n---\n"
        + block("stage = showifdef('stage', 0) + 1\ninner\nlast")
        + "\n---\ncode: |\n  inner = 1"
    )
    assert (session.question, session.count) == ("First?", 1)
    session.fill("x")
    assert session.count == 1


def test_a_block_whose_need_comes_after_it_ends_after_that(open_session: Open) -> None:
    session = open_session(
        "mandatory: True\nneed:\n  post:\n    - first\ncode: |\n  send_email(to='a@b.example', subject='x')\n---\n"
        + block("last")
    )
    session.fill("x")
    assert (session.question, session.count) == ("The end", 1)


def test_of_a_run_that_never_ends_the_newest_calls_are_kept(
    open_session: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT", 3)
    session = open_session(block("n = showifdef('n', 0) + 1\nlog('always')\nlog(n)\nlast"))
    for _ in range(6):
        session.show()
    (calls,) = session.state.internal[runs.DONE].values()
    assert len(calls) == 3
    assert [effect.message for effect in session.left].count("always") == 1


def test_a_loop_of_many_calls_is_done_once(open_session: Open) -> None:
    session = open_session(block("for n in range(600):\n  log(n)\nfirst\nlast"))
    session.fill("x")
    assert len(session.left) == 600


def test_an_action_that_was_given_up_for_another_is_forgotten(open_session: Open) -> None:
    session = open_session(
        block("last") + "\n---\nevent: work\ncode: |\n  send_email(to='a@b.example', subject='x')\n  first\n  second"
    )
    session.act("work", number=1)
    session.act("work", number=2)
    assert session.count == 2
    while session.question != "The end":
        session.fill("x")
    assert session.count == 2
    assert runs.DONE not in session.state.internal


def test_outside_of_blocks_it_is_just_done(open_session: Open) -> None:
    session = open_session(
        "mandatory: True\nif: send_email(to='a@b.example', subject='condition')\nquestion: ${ first }\n---\n"
        + block("last")
    )
    assert session.mails == ["a@b.example: condition"] * len(session.mails)
