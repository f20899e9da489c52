"""The actions that the engine itself offers: ``_da_force_ask``, ``_da_set``, ``_da_list_add`` and kin.

Review screens, tables with Edit buttons and ``url_ask()`` use them; authors may too (docs functions.md, "url_ask"; groups.md, "Editing").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.authoring import memory, offers
from shared.authoring.errors import BackgroundResponse, CommandSignal, ForcedName, ResponseSignal
from shared.authoring.functions import ocr
from shared.authoring.functions.variables import all_variables
from shared.authoring.objects import DAFile
from shared.contract.screen import Screen
from shared.engine.documents import mailed
from shared.engine.doing import dependents, groupactions
from shared.engine.naming import lookup
from shared.engine.run import Run

#: The words of force_ask() and review items, and the built-in action each stands for.
WORDS = {
    "undefine": "_da_undefine",
    "invalidate": "_da_invalidate",
    "recompute": "_da_compute",
    "set": "_da_set",
    "follow up": "_da_follow_up",
    "reconsider": "_da_compute",
}


#: Asks whether a link is the session's own.
PROVEN = "_da_proven"


def as_list(value: object) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [value]


def run(run: Run, name: str, arguments: Mapping[str, object]) -> Screen | None:
    """Do a built-in action. An unknown one does nothing, as an unknown variable of an action does nothing."""
    command = COMMANDS.get(name)
    return command(run, arguments) if command is not None else None


def _names(arguments: Mapping[str, object]) -> list[Any]:
    return as_list(arguments.get("variables", []))


def _force_ask(run: Run, arguments: Mapping[str, object]) -> None:
    raise ForcedName(*_names(arguments))


def _define(run: Run, arguments: Mapping[str, object]) -> None:
    for name in _names(arguments):
        lookup.evaluate(run.namespace, name)


def _compute(run: Run, arguments: Mapping[str, object]) -> None:
    names = [name for name in _names(arguments) if isinstance(name, str)]
    dependents.reconsider(run, names)


def _set(run: Run, arguments: Mapping[str, object]) -> None:
    for item in _names(arguments):
        if not isinstance(item, Mapping):
            continue
        for name, value in item.items():
            watched = dependents.remember(run, [name])
            lookup.assign(run.namespace, name, value)
            dependents.compare(run, watched)


def _undefine(run: Run, arguments: Mapping[str, object]) -> None:
    for name in _names(arguments):
        lookup.remove(run.namespace, name)


def _invalidate(run: Run, arguments: Mapping[str, object]) -> None:
    for name in _names(arguments):
        dependents.invalidate(run, name)


def _priority(run: Run, arguments: Mapping[str, object]) -> None:
    run.internal["stack"].pop(run.client, None)
    raise ForcedName({"action": arguments.get("_action", ""), "arguments": arguments.get("_arguments") or {}})


def _variables(run: Run, arguments: Mapping[str, object]) -> None:
    """All answers as JSON, for the interview service's ``variables``; saves nothing."""
    run.context.step[memory.SAVE] = "ignore"
    raise ResponseSignal(all_variables=all_variables(), content_type="application/json", status=200)


def _proven(run: Run, arguments: Mapping[str, object]) -> None:
    """Whether a link is one that this session made: asked by the gateway before it follows one from elsewhere; saves nothing."""
    run.context.step[memory.SAVE] = "ignore"
    known = offers.proven(
        run.internal, str(arguments.get("_action")), arguments.get("_arguments"), arguments.get("_proof")
    )
    raise ResponseSignal(json=known, content_type="application/json", status=200)


def _ocr(run: Run, arguments: Mapping[str, object]) -> None:
    """Read scanned files: only as the task that ``ocr_file_in_background()`` starts, never because a browser says so."""
    if run.request.mode == "background":
        raise BackgroundResponse(ocr.in_background(arguments))


def _ocr_pdf(run: Run, arguments: Mapping[str, object]) -> None:
    """Make a searchable PDF file: the task of ``make_ocr_pdf_in_background()``."""
    if run.request.mode == "background":
        ocr.pdf_in_background(arguments)


def _ocr_pdf_made(run: Run, arguments: Mapping[str, object]) -> None:
    """What that task made takes the place of its file, if there still is one."""
    if run.request.mode != "callback":
        return
    file = lookup.fetch_or(run.namespace, str(arguments["of"]))
    if isinstance(file, DAFile):
        file._become(int(str(arguments["number"])), filename=str(arguments["filename"]), mimetype="application/pdf")
    raise BackgroundResponse()


def _exit(run: Run, arguments: Mapping[str, object]) -> None:
    raise CommandSignal("exit")


COMMANDS: dict[str, Callable[[Run, Mapping[str, object]], Screen | None]] = {
    "_da_force_ask": _force_ask,
    "_da_follow_up": _force_ask,
    "_da_define": _define,
    "_da_compute": _compute,
    "_da_set": _set,
    "_da_undefine": _undefine,
    "_da_invalidate": _invalidate,
    "_da_priority_action": _priority,
    "_da_variables": _variables,
    "_da_exit": _exit,
    PROVEN: _proven,
    mailed.ACTION: mailed.when_made,
    ocr.ACTION: _ocr,
    ocr.PDF_ACTION: _ocr_pdf,
    ocr.PDF_MADE: _ocr_pdf_made,
    **groupactions.COMMANDS,
}
#: These stay on the stack and begin again until nothing is missing any more.
LASTING = ("_da_define", *groupactions.LASTING)
