"""What author code logs and prints leaves with its step, bounded, and only what is said leaves with a step that came to nothing."""

from __future__ import annotations

from shared.authoring.context import running
from shared.contract.effects import DeleteSession, Effect, LogMessage
from shared.runner.said import CHARACTERS, MESSAGE_LENGTH, MESSAGES, PRINTED, Printed, before, bounded, of
from tests.unit.authoring.plain import PlainContext


def test_few_messages_leave_as_they_are_in_their_order() -> None:
    effects: tuple[Effect, ...] = (
        LogMessage(message="a"),
        DeleteSession(),
        LogMessage(message="b", priority="warning"),
    )
    assert bounded(effects) == effects


def test_a_long_message_is_cut_and_says_so() -> None:
    (cut,) = bounded([LogMessage(message="x" * (MESSAGE_LENGTH + 1), priority="y" * 500)])
    assert isinstance(cut, LogMessage)
    assert len(cut.message) == MESSAGE_LENGTH
    assert cut.message.endswith("x…")
    assert len(cut.priority) == 100


def test_of_too_many_the_first_leave_and_the_others_are_counted_but_no_other_effect_is_lost() -> None:
    effects: list[Effect] = [LogMessage(message=str(n)) for n in range(MESSAGES + 5)]
    effects.append(DeleteSession())
    kept = bounded(effects)
    assert kept[:MESSAGES] == tuple(effects[:MESSAGES])
    assert kept[MESSAGES:] == (DeleteSession(), LogMessage(message="… and 5 more messages"))


def test_together_they_may_hold_so_much() -> None:
    one = LogMessage(message="x" * MESSAGE_LENGTH)
    kept = bounded([one] * MESSAGES)
    assert 0 < sum(len(effect.message) for effect in kept[:-1]) <= CHARACTERS  # type: ignore[union-attr]
    assert "more messages" in kept[-1].message  # type: ignore[union-attr]


def test_messages_alone_are_left_of_a_step_that_came_to_nothing() -> None:
    assert of([DeleteSession(), LogMessage(message="a")]) == (LogMessage(message="a"),)


def test_nothing_was_said_where_no_step_ran() -> None:
    assert before(ValueError()) == ()


def test_printed_lines_are_messages_of_the_running_step() -> None:
    out, context = Printed(), PlainContext()
    print("before any step", file=out)
    with running(context):
        print("one", "two", file=out)
        out.write("thr")
        out.write("ee\nfour")
    assert context.effects == [
        LogMessage(message="one two", priority=PRINTED),
        LogMessage(message="three", priority=PRINTED),
    ]
    assert out.writable()


def test_code_that_prints_for_ever_keeps_no_more_than_may_leave() -> None:
    out, context = Printed(), PlainContext()
    with running(context):
        out.write("x\n" * (MESSAGES * 3))
        print("more", file=out)
    assert len(context.effects) == MESSAGES + 1
    assert "more messages" in bounded(context.effects)[-1].message  # type: ignore[union-attr]
