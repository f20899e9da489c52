"""What the body of a JSON request must be, files that come in it as base64, and replies of the contract as bodies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from io import BytesIO

import msgspec
from flask import Response
from werkzeug.datastructures import FileStorage

from services.gateway.api.errors import BadBody
from services.gateway.http.current import asked
from services.gateway.http.files import TYPE_RE
from shared.contract import jsontext

#: Puts a file into the session and gives its number.
Keep = Callable[[FileStorage], int]


def body() -> dict[str, object]:
    """The JSON object that was sent. Raises `BadBody`."""
    try:
        request = asked()
        found = jsontext.loads(request.get_data()) if request.is_json else None
    except jsontext.TooDeep as problem:
        raise BadBody(str(problem)) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadBody("the body must be a JSON object")
    return found


def sent(told: msgspec.Struct, *, status: int = 200, **more: object) -> Response:
    """A value of the contract with some members `more`. JSON that is in it already is passed on as bytes."""
    beside = msgspec.json.encode(more)[1:] if more else b"}"
    whole = msgspec.json.encode(told)[:-1]
    body = whole + (b"," if more and whole != b"{" else b"") + beside
    return Response(body, status=status, mimetype="application/json")


def text(given: Mapping[str, object], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise BadBody(f"{name} must be a text")
    return value


def mapping(given: Mapping[str, object], name: str) -> dict[str, object]:
    value = given.get(name, {})
    if not isinstance(value, dict):
        raise BadBody(f"{name} must be an object")
    return value


def with_files(name: str, value: object, keep: Keep) -> object:
    """``{"file": {"name", "type", "content": base64}}`` (or a list of them under "files") becomes the numbers of kept files."""
    if not isinstance(value, dict) or not ({"file", "files", "signature"} & value.keys()):
        return value
    given = value.get("files", value.get("file", value.get("signature")))
    return {"files": [_number(name, one, keep) for one in (given if isinstance(given, list) else [given])]}


def _number(name: str, one: object, keep: Keep) -> int:
    if isinstance(one, int) and not isinstance(one, bool):
        return one
    if not isinstance(one, dict) or not isinstance(one.get("content"), str):
        raise BadBody(
            f"{name}: a file has a name, a type and its content in base64, or is the number of an uploaded one"
        )
    try:
        content = base64.b64decode(one["content"], validate=True)
    except (ValueError, binascii.Error):
        raise BadBody(f"{name}: the content of the file is not base64") from None
    kind = str(one.get("type") or "application/octet-stream")
    if not TYPE_RE.match(kind):
        raise BadBody(f"{name}: the type of a file is a media type, such as image/png")
    return keep(FileStorage(BytesIO(content), filename=str(one.get("name") or "file"), content_type=kind))
