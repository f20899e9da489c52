"""An HTML form -> the arguments of `answer` (docs/http.md "Answering as a form").

Names of controls are names of variables. Names that begin with a colon are ours: no variable can be called so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO

from werkzeug.datastructures import FileStorage, MultiDict

from services.gateway.render.values import whole
from shared.contract import jsontext
from shared.contract.jsonvalue import JsonObject

#: The name under which a `list collect` screen says which items go.
REMOVED = "_da_list_collect_delete"

#: Puts a file that was sent in the field of that name into the session and gives its number.
Keep = Callable[[str, FileStorage], int]


@dataclass(slots=True)
class Sent:
    """What a form says. `values` are strings, lists of strings (checkboxes), or ``{"files": [numbers]}``."""

    values: JsonObject = field(default_factory=dict)
    button: object = None


class BadForm(ValueError):
    """The form cannot have come from one of our pages; nothing was done."""


def read(form: MultiDict[str, str], files: MultiDict[str, FileStorage], keep: Keep) -> Sent:
    """Raises `BadForm`, and what `keep` raises."""
    # A part of a multipart body may come without a name, whatever the types say.
    if any(not isinstance(name, str) for name in (*form, *files)):
        raise BadForm("a part of the form has no name")
    sent = Sent()
    lists, uploads, signatures = (set(form.getlist(name)) for name in (":list", ":files", ":signature"))
    for name in form:
        if name.startswith(":") or name in signatures:
            continue
        # The last value counts: a tick after the hidden value of the empty box.
        sent.values[name] = form.getlist(name) if name in lists else form.getlist(name)[-1].replace("\r\n", "\n")
    for name in lists:
        sent.values.setdefault(name, [])
    removed = [_number(text) for text in form.getlist(REMOVED)]  # a list whether or not the page says that it is one
    sent.values.pop(REMOVED, None)
    if removed:
        sent.values[REMOVED] = removed
    for name in uploads:
        numbers = [keep(name, file) for file in files.getlist(name) if file.filename]
        if not numbers:
            numbers = [_number(text) for text in form.getlist(f":kept.{name}")]
        sent.values[name] = {"files": numbers}
    for name in signatures:
        sent.values[name] = {"files": _signature(form.get(name, ""), files.get(name), partial(keep, name))}
    if form.get(":button"):
        sent.button = _object(form[":button"])
    elif form.get(":choice"):
        chosen = _object(form[":choice"])
        if "variable" in chosen:
            sent.values[str(chosen["variable"])] = chosen.get("value")
        else:
            sent.button = chosen
    return sent


def action(form: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """The action of a pressed action button: its name and arguments."""
    asked = _object(form.get(":action", ""))
    name, arguments = asked.get("action"), asked.get("arguments") or {}
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        raise BadForm("an action needs a name and an object of arguments")
    return name, arguments


def decode_action(text: str) -> tuple[str, dict[str, object], str]:
    """The `action` parameter of a link: URL-safe base64 (padding optional) of ``{"action": …, "arguments": {…}, "proof"?}``.

    The third is the proof that the session made the link, or empty.
    """
    try:
        padded = text.translate(str.maketrans("+/", "-_")) + "=" * (-len(text) % 4)
        decoded = base64.urlsafe_b64decode(padded.encode("ascii")).decode()
    except (ValueError, binascii.Error):
        raise BadForm("the action of this link cannot be read") from None
    proof = _object(decoded).get("proof")
    return *action({":action": decoded}), proof if isinstance(proof, str) else ""


def _object(text: str) -> dict[str, object]:
    try:
        found = jsontext.loads(text)
    except ValueError:
        raise BadForm("a value of the form is not what the page had put there") from None
    if not isinstance(found, dict):
        raise BadForm("a value of the form is not what the page had put there")
    return found


def _number(text: str) -> int:
    number = whole(text)
    if number is None:
        raise BadForm("a file or an item is named by its number")
    return number


def _signature(drawn: str, uploaded: FileStorage | None, keep: Callable[[FileStorage], int]) -> list[int]:
    """A drawn signature is a data URL of a PNG; without script it is an uploaded picture."""
    if uploaded is not None and uploaded.filename:
        return [keep(uploaded)]
    if not drawn:
        return []
    head, _, body = drawn.partition(",")
    if head != "data:image/png;base64":
        raise BadForm("a signature is a PNG picture")
    try:
        content = base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        raise BadForm("a signature is a PNG picture") from None
    if not content.startswith(b"\x89PNG"):
        raise BadForm("a signature is a PNG picture")
    return [keep(FileStorage(BytesIO(content), filename="canvas.png", content_type="image/png"))]
