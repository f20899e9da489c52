"""Screens that are none: responses, commands and messages that author code ends a step with."""

from __future__ import annotations

from typing import Any

from shared.authoring.errors import CommandSignal, MessageSignal, ResponseSignal
from shared.engine.request import Shown
from shared.engine.run import Run
from shared.engine.screen import Screen, ScreenChoice

#: Stands for a block in the screens that message() makes.
MESSAGE = "message()"

_COMMANDS = ("restart", "exit", "leave", "logout", "exit_logout", "new_session", "refresh", "signin", "register")

#: What message() calls its buttons, and the command each gives.
_MESSAGE_BUTTONS = (
    ("show_restart", "Restart", "restart"),
    ("show_exit", "Exit", "exit"),
    ("show_leave", "Leave", "leave"),
    ("show_logout", "Logout", "logout"),
)


def screen_of(run: Run, signal: ResponseSignal | CommandSignal | MessageSignal) -> Screen:
    """The Screen that stands for the signal."""
    if isinstance(signal, CommandSignal):
        return command(run, signal.command, signal.options.get("url"), signal.options)
    if isinstance(signal, MessageSignal):
        return _message(signal)
    return _response(signal)


def command(run: Run, name: str | None, url: Any = None, options: dict[str, Any] | None = None) -> Screen:
    """A screen of kind ``command``; `question` is the address to go to, if any."""
    word = (name or "").replace("-", "_")
    address = run.render(url) if url else None
    return Screen(kind="command", command=word, question=address, options=dict(options or {}))


def _message(signal: MessageSignal) -> Screen:
    options = signal.options
    listed = options.get("buttons")
    if listed:
        buttons = tuple(
            ScreenChoice(label=str(label), value=None, has_value=False, url=str(value))
            for item in listed
            for label, value in (item.items() if isinstance(item, dict) else [item])
        )
    else:
        defaults = {"show_restart": True, "show_exit": True}
        buttons = tuple(
            ScreenChoice(label=label, value=None, has_value=False, url=word)
            for option, label, word in _MESSAGE_BUTTONS
            if options.get(option, defaults.get(option, False))
        )
    kind = "choices" if buttons else "end"
    shown = {"block": MESSAGE, "context": {"buttons": [[button.label, button.url] for button in buttons]}}
    return Screen(
        kind=kind, question=signal.question, subquestion=signal.subquestion, buttons=buttons, block=MESSAGE, shown=shown
    )


def pressed(run: Run, shown: Shown, button: Any) -> Screen | None:
    """A button of message() was pressed: its command, or the address it leads to."""
    label = button.get("label") if isinstance(button, dict) else button
    for known, target in shown.context.get("buttons", ()):
        if known == label:
            if target in _COMMANDS:
                return command(run, target)
            return command(run, "leave", target)
    return None


def _response(signal: ResponseSignal) -> Screen:
    parts = signal.parts
    body = parts.get("text", parts.get("response"))
    if body is None and "json" in parts:
        body = parts["json"]
    text = body if isinstance(body, str) else None
    return Screen(kind="response", command="response", question=text, response=dict(parts))
