"""Screens that are none: responses, commands and messages that author code ends a step with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.authoring.errors import CommandSignal, MessageSignal, ResponseSignal
from shared.authoring.functions.commands import WAIT_SECONDS
from shared.authoring.text.words import word
from shared.catalogue.catalogues import N_
from shared.contract.screen import Screen, ScreenChoice
from shared.engine.request import Shown
from shared.engine.run import Run

#: Stands for a block in the screens that message() makes.
MESSAGE = "message()"

_COMMANDS = ("restart", "exit", "leave", "logout", "exit_logout", "new_session", "refresh", "signin", "register")

#: What message() calls its buttons, the command each gives, and whether it is there unless the author says otherwise.
_MESSAGE_BUTTONS = (
    ("show_leave", N_("Leave"), "leave", False),
    ("show_exit", N_("Exit"), "exit", True),
    ("show_restart", N_("Restart"), "restart", True),
)


def screen_of(run: Run, signal: ResponseSignal | CommandSignal | MessageSignal) -> Screen:
    """The Screen that stands for the signal."""
    if isinstance(signal, CommandSignal):
        return command(run, signal.command, signal.options.get("url"), signal.options)
    if isinstance(signal, MessageSignal):
        return _message(signal)
    return _response(signal)


def suspended(run: Run, *, soon: bool = False) -> Screen:
    """A screen of kind ``wait``: the step is run again when the background task it waits for has ended, or after `reload` seconds.

    `soon`: after a second, since nobody tells when a document is there.
    """
    return Screen(
        kind="wait",
        question=word("Please wait . . ."),
        reload=1 if soon else WAIT_SECONDS,
        language=run.context.language,
    )


def command(run: Run, name: str | None, url: object = None, options: dict[str, object] | None = None) -> Screen:
    """A screen of kind ``command``; `question` is the address to go to, if any."""
    word = (name or "").replace("-", "_")
    address = run.render(url) if url else None
    return Screen(kind="command", command=word, question=address, options=dict(options or {}))


def _message(signal: MessageSignal) -> Screen:
    """The screen of message(): its buttons are kept in `shown`, since no block has them."""
    options = signal.options
    listed = options.get("buttons")
    found = (
        [_button(item) for item in listed]
        if isinstance(listed, list | tuple) and listed
        else list(_standard_buttons(options))
    )
    buttons = tuple(ScreenChoice(label=label, has_value=False, url=url) for label, _, url in found)
    return Screen(
        kind="choices" if buttons else "end",
        question=signal.question,
        subquestion=signal.subquestion,
        buttons=buttons,
        block=MESSAGE,
        shown={"block": MESSAGE, "context": {"buttons": [list(button) for button in found]}},
    )


def _button(item: Any) -> tuple[str, str, str | None]:
    """(label, command, address) of ``{"Learn More": "exit", "url": "https://…"}``; a command may be an address itself."""
    pairs = dict(item) if isinstance(item, Mapping) else dict([item])
    url = pairs.pop("url", None)
    ((label, target),) = list(pairs.items())[:1] or [("", "")]
    if target in _COMMANDS:
        return str(label), str(target), None if url is None else str(url)
    return str(label), "leave", str(target)


def _standard_buttons(options: Mapping[str, object]) -> Iterator[tuple[str, str, str | None]]:
    for option, label, name, default in _MESSAGE_BUTTONS:
        stated = options.get(option)
        if default if stated is None else stated:
            leaves = name in ("exit", "leave")
            yield word(label), name, str(options["url"]) if leaves and options.get("url") else None


def pressed(run: Run, shown: Shown, button: object) -> Screen | None:
    """A button of message() was pressed: its command. None if there is no such button."""
    label = button.get("label") if isinstance(button, Mapping) else button
    for known, name, url in shown.context.get("buttons", ()):
        if known == label:
            return command(run, name, url)
    return None


def _response(signal: ResponseSignal) -> Screen:
    """A screen of kind ``response``; `question` is the body where that is text, files are told by number or reference."""
    parts = {key: _portable(value) if key == "file" else value for key, value in signal.parts.items()}
    body = parts.get("text")
    return Screen(
        kind="response",
        command="response",
        question=body if isinstance(body, str) else _json_text(parts),
        response=parts,
    )


def _json_text(parts: Mapping[str, object]) -> str | None:
    for key in ("json", "all_variables"):
        if key in parts:
            return json.dumps(parts[key], default=str)
    return None


def _portable(file: object) -> object:
    """A file of the session as ``{"number", "filename"}``; a reference to a package's file as it was written."""
    first = getattr(file, "_first_file", None)
    if callable(first):
        file = first()
    number = getattr(file, "number", None)
    if isinstance(number, int):
        return {"number": number, "filename": str(getattr(file, "filename", ""))}
    return str(getattr(file, "filename", file))
