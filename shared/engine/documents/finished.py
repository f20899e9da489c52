"""Files of a document that are not made of it (``manual``, ``raw``), and who may have its files (docs documents.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from shared.authoring.objects import DAFile
from shared.authoring.objects.files import type_of
from shared.engine.documents.described import ALL
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run
from shared.language.model import Attachment


def manual_of(run: Run, options: Mapping[str, Any]) -> dict[str, Any]:
    """``manual`` and ``manual code``: files by their endings. Raises `BadAuthorValue`."""
    found: dict[str, Any] = {}
    for key in ("manual", "manual code"):
        if options.get(key) is None:
            continue
        value = run.value(options[key])
        if not isinstance(value, Mapping):
            raise BadAuthorValue(f"{key!r} of a document must be a dictionary of files, not {type(value).__name__}.")
        for ending, file in value.items():
            first = getattr(file, "_first_file", None)
            file = first() if callable(first) else file
            if not hasattr(file, "slurp"):
                raise BadAuthorValue(f"{key!r} of a document: {ending!r} is no file.")
            found[str(ending).lower()] = file
    return found


def formats(stated: list[str], manual: Mapping[str, Any], attachment: Attachment) -> list[str]:
    """The formats that are stated, and those of files that are there; of a document of such files alone only theirs."""
    options = attachment.options
    made = attachment.content is not None or attachment.content_file is not None
    made = made or any(key in options for key in ("pdf template file", "docx template file"))
    if not manual:
        return stated
    kept = [] if not made else ["pdf", "rtf", "docx"] if ALL in stated else stated
    return [*manual, *(kind for kind in kept if kind not in manual)]


def raw_of(
    run: Run, attachment: Attachment, options: Mapping[str, Any], said: dict[str, Any]
) -> tuple[str, bytes, str] | None:
    """``raw``: the text of the content file as a file of its own kind; nothing else is offered of it."""
    if not run.truth(options.get("raw")):
        return None
    named = attachment.content_file
    named = named if isinstance(named, list | tuple) or named is None else run.value(named)
    first = named[0] if isinstance(named, list | tuple) and named else named
    ending = PurePosixPath(str(getattr(first, "filename", first) or "")).suffix or ".txt"
    stem = str(said["filename"])
    filename = stem if PurePosixPath(stem).suffix == ending else f"{stem}{ending}"
    content = str(said["content"]).encode()
    said |= {"formats": ["raw"], "content": ""}
    return filename, content, type_of(filename)[1]


def access(run: Run, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the author says of who may have the files, evaluated (documents.md, "Controlling file permissions")."""
    found: dict[str, Any] = {key: run.truth(options[key]) for key in ("persistent", "private") if key in options}
    for key in ("allow users", "allow privileges"):
        if options.get(key) is not None:
            value = run.value(options[key])
            value = getattr(value, "elements", value)
            found[key] = list(value) if isinstance(value, list | tuple) else [value]
    return found


def grant(file: DAFile, stated: Mapping[str, Any]) -> None:
    """Note it on a file, as ``set_attributes()``, ``user_access()`` and ``privilege_access()`` do."""
    if not stated:
        return
    attributes = {key: stated[key] for key in ("persistent", "private") if key in stated}
    if attributes:
        file.set_attributes(**attributes)
    if users := [getattr(one, "email", one) for one in stated.get("allow users", ())]:
        file.user_access(*users)
    if privileges := [str(one) for one in stated.get("allow privileges", ())]:
        file.privilege_access(*privileges)
