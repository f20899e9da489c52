"""From a change and the end of its step to the one compare-and-set that saves both. No store, no clock.

Also what the session then looks like, so that it need not be read again, and what its record keeps of changes: `lasting`, `marks`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.effects import outbox_entries, remembered
from services.interview import history, seen
from services.interview.change import Change, Saving
from shared.contract.outcome import Flags, StepResult
from shared.state.delta import reverse_delta
from shared.store.records import BELOW, Commit, OutboxEntry, Session, Step, Visit

#: Where a session's record keeps what `Remember` effects said.
LASTING = "lasting"
#: … and up to where schedules have been dealt with, by event: requests are forgotten, and a tick may come late.
MARKS = "marks"


def lasting(session: Session) -> Mapping[str, object]:
    kept: Mapping[str, object] = session.extra.get(LASTING) or {}
    return kept


def marks(session: Session) -> Mapping[str, str]:
    kept: Mapping[str, str] = session.extra.get(MARKS) or {}
    return kept


def flag_fields(flags: Flags, *, unattended: bool = False) -> dict[str, Any]:
    """All flags, and what follows from them, as fields of a session's record.

    `unattended`: scheduled events reach sealed sessions as well.
    """
    fields = {name: getattr(flags, name) for name in flags.__struct_fields__}
    # Only what everybody may read can be read by nobody in particular (background.md, "Running scheduled tasks").
    return {**fields, "scheduled": flags.allow_cron and (flags.multi_user or unattended)}


def begun(
    session_id: str,
    interview: str,
    result: StepResult,
    *,
    now: datetime,
    request_id: str,
    client: str,
    unattended: bool,
    **more: Any,
) -> Session:
    """The record of a session whose first step ended with `result`. `request_id` names its effects; `more` are fields of who opens it."""
    assert result.state is not None
    return Session(
        id=session_id,
        version=1,
        interview=interview,
        state=result.state,
        step=0,
        secret=secrets.token_bytes(32),
        created=now,
        modified=now,
        accessed=now,
        outbox=outbox_entries(result.effects, prefix=request_id),
        **{"extra": {"client": client}, **more},
        **flag_fields(result.flags, unattended=unattended),
    )


def plan(
    session: Session,
    change: Change,
    done: StepResult | None,
    *,
    now: datetime,
    request_id: str | None,
    client: str,
    below: Step | None = None,
    visit: Visit | None = None,
    unattended: bool = False,
) -> Commit | None:
    """The commit that saves `change`, whose step ended with `done`; None if there is nothing to write.

    `visit` is who is here, where it is a person; `client` is whose request `request_id` is. `below` is the step that Back leads to, wherever
    showing that one again changed its state.
    """
    if change.saving is Saving.STEP and done is not None and _came_to_nothing(done):
        return None
    applied = change.applied(done) if change.applied is not None else {}
    if done is not None and done.save == "ignore" and change.saving is Saving.STEP and not (done.effects or applied):
        return None
    # Named after the version, which is nobody else's: two browsers may send the same request id.
    outbox = change.outbox + _effects_of(done, prefix=f"v{session.version + 1}")
    fields = _fields(session, change, done, unattended=unattended)
    state, push, pop = _steps(session, change, done, below)
    stepped = done is not None and done.save == "new" and request_id is not None
    if state is None and not (outbox or fields or applied or stepped or pop):
        return None
    if change.accessed:
        fields["accessed"] = now
    if change.marks:
        extra = fields.get("extra", session.extra)
        fields["extra"] = {**extra, MARKS: {**extra.get(MARKS, {}), **change.marks}}
    return Commit(
        now=now,
        state=state,
        change=_changed(session, change, done) if state is not None else None,
        push=push,
        pop=pop,
        popped=() if change.saving is Saving.RESTART else _popped(session, pop, below),
        outbox=outbox,
        seen=None if request_id is None else seen.with_request(session.seen, client, request_id, now),
        applied=applied,
        visit=visit if change.accessed else None,
        fields=fields,
    )


def _came_to_nothing(done: StepResult) -> bool:
    return done.failure is not None or done.rejection is not None or done.refused is not None


def _effects_of(done: StepResult | None, *, prefix: str) -> tuple[OutboxEntry, ...]:
    return () if done is None else outbox_entries(done.effects, prefix=prefix)


def _fields(session: Session, change: Change, done: StepResult | None, *, unattended: bool) -> dict[str, Any]:
    """What is written of the session's record besides its state: what is to be remembered, and flags that changed."""
    fields: dict[str, Any] = dict(change.fields)
    if to_keep := {**change.remember, **(remembered(done.effects) if done is not None else {})}:
        fields["extra"] = {**session.extra, LASTING: {**lasting(session), **to_keep}}
    if done is not None and done.failure is None and (done.save != "ignore" or change.saving is not Saving.STEP):
        flags = flag_fields(done.flags, unattended=unattended)
        fields |= {name: value for name, value in flags.items() if getattr(session, name) != value}
    return fields


def _steps(
    session: Session, change: Change, done: StepResult | None, below: Step | None
) -> tuple[bytes | None, Step | None, int]:
    """The new state (None: as it was), the step to be pushed, and how many to be popped before that."""
    if change.saving is Saving.RESTART:
        return done.state if done is not None else None, None, session.step
    if change.saving is Saving.BACK:
        return _back(session, change, done, below)
    if done is None or done.save == "ignore" or done.state is None or done.state == session.state:
        return None, None, 0
    if done.save == "new":
        reverse = done.reverse if done.reverse is not None else reverse_delta(session.state, done.state)
        push = Step(
            uid=session.version + 1,
            number=session.step + 1,
            delta=history.pack(reverse, _answered(change, at=session.version + 1)),
            previous=session.top.uid if session.top else None,
        )
        return done.state, push, 0
    if session.top is None:
        return done.state, None, 0
    return done.state, history.replaced(session.state, done.state, session.top, uid=session.version + 1), 1


def _changed(session: Session, change: Change, done: StepResult | None) -> bytes | None:
    """What the step changed of the session's state, if it was run on that one and is saved as it ended."""
    if change.saving is not Saving.STEP or done is None or change.run is None or change.run.state != session.state:
        return None
    return done.change


def _popped(session: Session, pop: int, below: Step | None) -> tuple[Step, ...]:
    """The newest `pop` steps, without what they hold; none if one of them is not known here.

    What a store is told so it may leave lying for a few commits: who restarts wants it gone.
    """
    if session.top is None:
        return ()
    known = (session.top, *(session.below if below is None else (below,)))
    return tuple(replace(step, delta=b"") for step in known[:pop]) if pop <= len(known) else ()


def _answered(change: Change, *, at: int) -> history.Answered:
    given = change.run.answer if change.run is not None else None
    if given is None:
        return history.Answered(at=at, values=change.answered)
    return history.Answered(at=at, values=change.answered, screen=history.screen_of(given.shown), button=given.button)


def _back(
    session: Session, change: Change, done: StepResult | None, below: Step | None
) -> tuple[bytes, Step | None, int]:
    """One step less, and the state below as the step that shows it again left it."""
    assert change.undone is not None
    shown = shown_again(change, done)
    if shown is None:
        return change.undone.state, None, 1
    if below is None:
        return shown, None, 1
    return shown, history.replaced(change.undone.state, shown, below, uid=session.version + 1), 2


def shown_again(change: Change, done: StepResult | None) -> bytes | None:
    """The state below the undone step if showing it again changed it, else None."""
    if change.undone is None or done is None or done.failure is not None or done.state is None:
        return None
    return done.state if done.state != change.undone.state else None


def after(session: Session, commit: Commit) -> Session | None:
    """The session as it stands after `commit` succeeded; None if that cannot be told without asking the store."""
    known = () if session.top is None else (session.top, *session.below)
    left = known[commit.pop :]
    step = max(session.step - commit.pop, 0)
    if commit.push is not None:
        left = (commit.push, *(left if not left or left[0].uid == commit.push.previous else ()))
        step = commit.push.number
    elif step and not left:
        return None
    return replace(
        session,
        version=session.version + 1,
        state=session.state if commit.state is None else commit.state,
        top=left[0] if left else None,
        below=left[1 : 1 + BELOW],
        step=step,
        modified=commit.now if commit.state is not None else session.modified,
        outbox=(*session.outbox, *commit.outbox),
        seen=session.seen if commit.seen is None else commit.seen,
        applied={**session.applied, **commit.applied},
        **commit.fields,
    )
