"""Other sessions: beginning one, reading its answers, changing them.

What is changed leaves with this step, as everything does that happens outside; a session that this step changes can be read once that
is done, so reading it has the step saved first and begun again. Who may: docs/adr/0038-other-sessions.md.

Source: functions.md, create_session(), get_session_variables(), get_question_data(), set_session_variables(), run_action_in_session(),
go_back_in_session().
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from shared.authoring.context import Context, Sessions, current
from shared.authoring.errors import CommandSignal, NotAvailable
from shared.authoring.text.simplify import simplified
from shared.authoring.text.urls import full_name
from shared.contract import others
from shared.contract.effects import BeginSession, ChangeSession, Save

#: Letters of a key in base64: of 32 bytes.
_SECRET: Final = 43


class NoSuchSession(ValueError):
    """There is no such session of that interview, or the running user may not enter it: which of the two is not told."""


def create_session(yaml_filename: str, secret: str | None = None, url_args: Mapping[str, object] | None = None) -> str:
    """Begin a session of that interview when this step is saved, as the running user; its id. `url_args` are those it begins with."""
    context, reach = _here()
    name = full_name(str(yaml_filename))
    arguments = simplified(dict(url_args or {}))
    assert isinstance(arguments, dict)

    def begin() -> str:
        try:
            made = reach.begin(name)
        except FileNotFoundError as error:
            raise NoSuchSession(str(error)) from None
        context.effects.append(BeginSession(session=made, interview=name, url_args=arguments, secret=_checked(secret)))
        return made

    return context.once("create_session", (name, json.dumps(arguments, sort_keys=True), secret), begin)


def get_session_variables(yaml_filename: str, session_id: str, secret: str | None = None, simplify: bool = True) -> Any:
    """The answers of that session, simplified for JSON as by ``all_variables()``; with ``simplify=False`` made anew as they are."""
    context, reach = _here()
    name, session = _other(context, yaml_filename, session_id)
    _after_changes(context, session)
    try:
        if simplify:
            return json.loads(reach.variables(name, session, _checked(secret)))
        return _plain(reach.answers(name, session, _checked(secret)))
    except FileNotFoundError as error:
        raise NoSuchSession(str(error)) from None


def get_question_data(yaml_filename: str, session_id: str, secret: str | None = None) -> dict[str, Any]:
    """What that session would show now, as JSON of pages has it (docs/http.md), with the documented ``questionName``, ``event_list`` and
    ``message_log``. Nothing of showing it is saved; the lists are empty.
    """
    context, reach = _here()
    name, session = _other(context, yaml_filename, session_id)
    _after_changes(context, session)
    try:
        found: dict[str, Any] = json.loads(reach.question(name, session, _checked(secret)))
    except FileNotFoundError as error:
        raise NoSuchSession(str(error)) from None
    shown = {key: value for key, value in found.items() if key != "shown"}
    return {**shown, "questionName": str(found.get("block", "")), "event_list": [], "message_log": []}


def set_session_variables(
    yaml_filename: str,
    session_id: str,
    variables: Mapping[str, object],
    secret: str | None = None,
    question_name: str | None = None,
    overwrite: bool = False,
    process_objects: bool = False,
    delete: list[str] | None = None,
) -> None:
    """Set variables of that session, by their names, when this step is saved; `delete` undefines some. Its logic is not run.

    `question_name`: the id of a question that is answered by that. `overwrite`: without a step that Back could undo.
    """
    arguments = {
        "variables": {str(name): given for name, given in variables.items()},
        "delete": [] if delete is None else [str(name) for name in delete],
        "question": question_name,
        "process_objects": bool(process_objects),
    }
    _change(yaml_filename, session_id, others.SET, arguments, secret, save="overwrite" if overwrite else "new")


def run_action_in_session(
    yaml_filename: str,
    session_id: str,
    action: str,
    persistent: bool = False,
    overwrite: bool = False,
    secret: str | None = None,
    arguments: Mapping[str, object] | None = None,
    read_only: bool = False,
) -> None:
    """Run an action of that session when this step is saved. `persistent`: a question that it asks is shown to who is there."""
    if not isinstance(action, str) or not action or action.startswith("_da_"):
        raise ValueError(f"run_action_in_session() expects the name of an action, not {action!r}")
    save: Save = "ignore" if read_only else "overwrite" if overwrite else "new"
    _change(yaml_filename, session_id, action, dict(arguments or {}), secret, save=save, asks=bool(persistent))


def go_back_in_session(yaml_filename: str, session_id: str, secret: str | None = None) -> None:
    """Undo the newest step of that session when this step is saved."""
    _change(yaml_filename, session_id, others.BACK, {}, secret)


def _change(
    yaml_filename: str,
    session_id: str,
    action: str,
    arguments: Mapping[str, object],
    secret: str | None,
    *,
    save: Save = "new",
    asks: bool = False,
) -> None:
    context, reach = _here()
    name, session = _other(context, yaml_filename, session_id)
    encoded = context.encode(dict(arguments))

    def change() -> None:
        begun = any(isinstance(one, BeginSession) and one.session == session for one in context.effects)
        if not begun:
            try:
                reach.check(name, session, _checked(secret))
            except FileNotFoundError as error:
                raise NoSuchSession(str(error)) from None
        context.effects.append(
            ChangeSession(
                session=session,
                interview=name,
                action=action,
                arguments=encoded,
                save=save,
                asks=asks,
                secret=_checked(secret),
            )
        )

    whom = (name, session, action, hashlib.blake2b(encoded, digest_size=12).hexdigest(), save, asks)
    context.once("change_session", whom, change)


def _after_changes(context: Context, session: str) -> None:
    """What this step does to the session is done when it is saved: whoever reads it has that done first, and the step begins again."""
    if any(isinstance(one, BeginSession | ChangeSession) and one.session == session for one in context.effects):
        if context.mode != "foreground":
            raise RuntimeError(
                "what is done to another session is done when this ends: read it in background_response_action(), or in a later step"
            )
        raise CommandSignal("continue")


def _here() -> tuple[Context, Sessions]:
    context = current()
    if context.sessions is None:
        raise NotAvailable("reaching another session", "a service that keeps sessions", "Use this session's answers.")
    return context, context.sessions


def _other(context: Context, yaml_filename: object, session_id: object) -> tuple[str, str]:
    if not isinstance(session_id, str) or not session_id:
        raise NoSuchSession(f"the id of a session is a text, not {session_id!r}")
    if session_id == context.request.get("session"):
        raise ValueError("that is this session: use all_variables(), set_variables() and url_action() for it")
    return full_name(str(yaml_filename)), session_id


def _checked(secret: object) -> str | None:
    if secret is None or (isinstance(secret, str) and len(secret) == _SECRET):
        return secret
    raise NoSuchSession("that is no key of a session")


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given for name, given in answers.items() if not name.startswith("_") and name != "nav"}
