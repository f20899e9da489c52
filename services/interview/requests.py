"""What browsers ask of a session, as changes. Pure: each looks at the session as it stands and says what is to be done.

Not for: whether the same request took effect before, losing a race (`unit_of_work`); what a browser is told (`replies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.interview import history, tokens
from services.interview.change import Change, Run, Saving
from services.interview.outbox import LAST
from shared.contract.errors import BadToken
from shared.engine.request import Action, Answer, CheckIn, DocumentWanted, Shown
from shared.store.records import OutboxEntry, Session

#: The action of the engine's own that tells all variables.
VARIABLES = "_da_variables"


def show(session: Session) -> Change:
    """The current screen. Showing may save: what author code computed on the way, and effects of it."""
    return Change(run=_run(session), accessed=False)


class Asked:
    """A token as it came with a request, verified once however often it is asked about."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._known: tuple[bytes, Shown] | None = None

    def shown(self, session: Session) -> Shown:
        """Raises `BadToken`."""
        if self._known is None or self._known[0] != session.secret:
            self._known = session.secret, _shown(session, self._token)
        return self._known[1]


def answer(session: Session, *, token: str | Asked, values: Mapping[str, object], button: object, raw: bool) -> Change:
    """Answer the screen that `token` names. Raises `BadToken`."""
    given = Answer(shown=_shown(session, token), values=values, button=button, raw=raw)
    return Change(run=_run(session, answer=given), answered=values)


def shown_at(token: str | Asked, session: Session) -> int:
    """The version of the session at which the screen of `token` was shown; 0 if that cannot be told."""
    try:
        return _shown(session, token).version or 0
    except BadToken:
        return 0


def action(session: Session, *, name: str, arguments: Mapping[str, object]) -> Change:
    return Change(run=_run(session, action=Action(name=name, arguments=arguments)))


def variables(session: Session) -> Run:
    """A look at all variables, of which nothing is saved."""
    return _run(session, action=Action(name=VARIABLES))


def shown_now(session: Session) -> Run:
    """A look at the current screen, of which nothing is saved."""
    return _run(session)


def document(session: Session, *, number: int, format: str) -> Run:
    """A look at a document of the screen, of which nothing is saved."""
    return _run(session, document=DocumentWanted(number=number, format=format))


def back(session: Session) -> Change | None:
    """Undo the newest step: its state is gone, what was answered there is offered again."""
    if session.top is None:
        return None
    undone = history.undo(session.state, session.top)
    run = Run(state=undone.state, steps=session.step - 1, prior=undone.answered)
    return Change(run=run, saving=Saving.BACK, undone=undone)


def restart(session: Session) -> Change:
    """Start over in the same session: the answers and their history are gone."""
    return Change(run=Run(state=None, steps=0), saving=Saving.RESTART)


def check_in(
    session: Session,
    *,
    action: str,
    values: Mapping[str, str],
    initial: bool,
    changed: str | None,
    token: str | None,
) -> Change:
    """Run the action with which an open page reports. Raises `BadToken`."""
    shown = _shown(session, token) if token else None
    report = CheckIn(action=action, values=values, initial=initial, changed=changed, shown=shown)
    return Change(run=_run(session, check_in=report), accessed=False)  # an open tab is nobody


def delete(session: Session) -> Change | None:
    """End the session once everything else has left its outbox."""
    if any(entry.kind == LAST for entry in session.outbox):
        return None
    last = OutboxEntry(id=f"delete.{session.version + 1}", kind=LAST, body={})
    return Change(outbox=(last,), accessed=False)


def _run(session: Session, **asked: Any) -> Run:
    return Run(state=session.state, steps=session.step, **asked)


def _shown(session: Session, token: str | Asked) -> Shown:
    if isinstance(token, Asked):
        return token.shown(session)
    try:
        return tokens.verify(session.secret, token)
    except tokens.BadToken as error:
        raise BadToken(str(error)) from error
