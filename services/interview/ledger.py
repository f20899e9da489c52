"""From the end of a step to the one compare-and-set that saves it, and back again. Pure: no store, no clock.

Each step is kept as the delta from its state back to the state before it, with what the user had answered, so that
Back can offer it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from services.effects import outbox_entries, remembered
from shared.engine.outcome import Flags
from shared.runner.ports import Done
from shared.state.codec import decode_value, encode_value
from shared.state.delta import apply_delta, reverse_delta
from shared.store.checks import SEEN_ENTRIES
from shared.store.records import Commit, OutboxEntry, Session, Step

#: Where a session's record keeps what `Remember` effects said.
LASTING = "lasting"
#: … and up to where schedules have been dealt with, by event: `Session.seen` forgets, and a tick may come late.
MARKS = "marks"


def lasting(session: Session) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = session.extra.get(LASTING) or {}
    return kept


def with_lasting(session: Session, kept: Mapping[str, Any]) -> dict[str, Any]:
    """``session.extra`` with `kept` remembered."""
    return {**session.extra, LASTING: {**lasting(session), **kept}}


def marks(session: Session) -> Mapping[str, str]:
    kept: Mapping[str, str] = session.extra.get(MARKS) or {}
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What Back found: the state before, and what had been answered at the step it undid."""

    state: bytes
    answered: Mapping[str, Any]


def pack(delta: bytes, answered: Mapping[str, Any]) -> bytes:
    return encode_value({"delta": delta, "answered": dict(answered)})


def undo(state: bytes, step: Step) -> Undone:
    """The state below `step`."""
    packed = decode_value(step.delta)
    return Undone(state=apply_delta(state, packed["delta"]), answered=packed["answered"])


def flag_fields(flags: Flags) -> dict[str, Any]:
    """All flags, as fields of a session's record."""
    return {f.name: getattr(flags, f.name) for f in fields(flags)}


def changed_flags(session: Session, flags: Flags) -> dict[str, Any]:
    """The flags that differ from what the session's record says."""
    return {f.name: getattr(flags, f.name) for f in fields(flags) if getattr(session, f.name) != getattr(flags, f.name)}


def plan(
    session: Session,
    done: Done,
    *,
    now: datetime,
    request_id: str | None,
    answered: Mapping[str, Any] | None = None,
    applied: Mapping[str, Any] | None = None,
    result: Any = None,
    wanted: tuple[OutboxEntry, ...] = (),
    kept: Mapping[str, Any] | None = None,
    marks: Mapping[str, str] | None = None,
    accessed: bool = True,
) -> Commit | None:
    """The commit that saves `done` on `session`; None if there is nothing to write.

    `applied` marks tasks whose response this is; `wanted` and `kept` are effects that leave with it besides
    the step's own: entries of the outbox, and what is to be remembered. `marks` are kept with whatever else is written.
    """
    outcome = done.outcome
    if (
        outcome.failure is not None
        or outcome.rejection is not None
        or (outcome.save == "ignore" and not outcome.effects and not applied)
    ):
        return None
    state = done.state if outcome.save != "ignore" and done.state != session.state else None
    outbox = wanted + outbox_entries(outcome.effects, prefix=request_id or f"v{session.version + 1}")
    new_fields: dict[str, Any] = {}
    if to_keep := {**(kept or {}), **remembered(outcome.effects)}:
        new_fields["extra"] = with_lasting(session, to_keep)
    if outcome.save != "ignore":
        new_fields.update(changed_flags(session, outcome.flags))
    if (
        state is None
        and not outbox
        and not new_fields
        and not applied
        and (outcome.save != "new" or request_id is None)
    ):
        return None
    if accessed:
        new_fields["accessed"] = now
    if marks:
        extra = new_fields.get("extra", session.extra)
        new_fields["extra"] = {**extra, MARKS: {**extra.get(MARKS, {}), **marks}}
    push, pop = None, 0
    if state is not None and outcome.save == "new":
        reverse = done.reverse if done.reverse is not None else reverse_delta(session.state, state)
        push = Step(
            uid=session.version + 1,
            number=session.step + 1,
            delta=pack(reverse, answered or {}),
            previous=session.top.uid if session.top else None,
        )
    elif state is not None and session.top is not None:
        push, pop = replaced_top(session.state, state, session.top, uid=session.version + 1), 1
    return Commit(
        now=now,
        state=state,
        push=push,
        pop=pop,
        outbox=outbox,
        request_id=request_id,
        result=result,
        applied=dict(applied or {}),
        fields=new_fields,
    )


def replaced_top(old: bytes, new: bytes, top: Step, *, uid: int) -> Step:
    """`top` once its state is `new` instead of `old`: its delta must still lead to the state below it."""
    undone = undo(old, top)
    return Step(
        uid=uid,
        number=top.number,
        delta=pack(reverse_delta(undone.state, new), undone.answered),
        previous=top.previous,
    )


def after(session: Session, commit: Commit) -> Session | None:
    """The session as it stands after `commit` succeeded; None if that cannot be told without asking the store."""
    top, step = session.top, session.step
    if commit.pop and commit.push is None:
        return None
    if commit.push is not None:
        top, step = commit.push, commit.push.number
    seen = dict(session.seen)
    if commit.request_id is not None:
        seen[commit.request_id] = commit.result
        for forgotten in list(seen)[:-SEEN_ENTRIES]:  # as the store does: a session open for months must not grow here
            del seen[forgotten]
    return replace(
        session,
        version=session.version + 1,
        state=session.state if commit.state is None else commit.state,
        top=top,
        step=step,
        modified=commit.now if commit.state is not None else session.modified,
        outbox=(*session.outbox, *commit.outbox),
        seen=seen,
        applied={**session.applied, **commit.applied},
        **commit.fields,
    )
