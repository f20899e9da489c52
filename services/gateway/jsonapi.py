"""/interview with json=1, and answers as JSON. The shapes and errors are those of docs/http.md."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from flask import Response, jsonify, request
from werkzeug.datastructures import FileStorage

from services.gateway import visitor
from services.gateway.conversation import Conversation, Reply
from services.gateway.desk import new_request_id
from services.gateway.files import Uploads
from services.gateway.problems import Explainer
from services.gateway.security import check_post
from shared.bus.messages import CallFailed


class _Refused(Exception):
    """The body of the request is not what docs/http.md describes."""


def show(talk: Conversation, interview: str, explainer: Explainer) -> Response:
    reply, _ = talk.enter(interview)
    return _print(talk.follow(reply), explainer)


def post(
    talk: Conversation, interview: str, explainer: Explainer, uploads: Uploads, content: Callable[[Reply], Response]
) -> Response:
    """One of: an answer (``set``, ``button``), ``{"action", "arguments"}``, ``{"back": true}``, ``{"restart": true}``.

    The page's script (header ``X-Parley-Call``) gets what response() sent as it is: `content` makes it of a REPLY.
    """
    check_post(request, request.headers.get("X-CSRF-Token"))
    body = request.get_json(silent=True)
    try:
        if not isinstance(body, dict):
            raise _Refused("the body must be a JSON object")
        session = talk.session_for(interview, _text(body, "session"))
        if session is None:
            raise CallFailed("NoSession", "this browser does not hold that session")
        request_id = _text(body, "request_id") or new_request_id()
        if body.get("back") is True:
            reply = talk.back(interview, session, request_id=request_id)
        elif body.get("restart") is True:
            reply = talk.restart(interview, session, request_id=request_id)
        elif "action" in body:
            name = _text(body, "action")
            if not name:
                raise _Refused("action must be the name of an action")
            arguments = _mapping(body, "arguments")
            reply = talk.act(interview, session, request_id=request_id, name=name, arguments=arguments)
        else:
            values = {key: _with_file(key, value, session, uploads) for key, value in _mapping(body, "set").items()}
            token = _text(body, "token") or ""
            reply = talk.answer(
                interview,
                session,
                request_id=request_id,
                token=token,
                values=values,
                button=body.get("button"),
                raw=False,
            )
    except _Refused as refused:
        return _error(400, "BadRequest", str(refused))
    if not reply.get("rejected"):
        reply = talk.follow(reply)
    if "X-Parley-Call" in request.headers and (reply.get("screen") or {}).get("kind") == "response":
        return content(reply)
    return _print(reply, explainer)


def _print(reply: Reply, explainer: Explainer) -> Response:
    screen = reply.get("screen")
    if reply.get("failure"):
        problem = explainer.of_failure(reply["failure"])
        data = {"session": reply["session"], "interview": reply["interview"]}
        return _error(problem.status, problem.kind, problem.heading, data, problem.author)
    if (screen or {}).get("command") in {"exit", "exit_logout"}:
        visitor.forget(str(reply["session"]))
    response = jsonify({**reply, "csrf": visitor.csrf_token()})
    response.status_code = 422 if reply.get("rejected") else 200
    return response


def _error(
    status: int, kind: str, message: str, data: Mapping[str, Any] | None = None, author: Mapping[str, Any] | None = None
) -> Response:
    error: dict[str, Any] = {"kind": kind, "message": message}
    if author is not None:
        error["author"] = author
    response = jsonify({"error": error, **(data or {})})
    response.status_code = status
    return response


def error(status: int, kind: str, message: str, author: Mapping[str, Any] | None = None) -> Response:
    """An error that happened on the way, in the form of docs/http.md "Errors"."""
    return _error(status, kind, message, None, author)


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _Refused(f"{name} must be a text")
    return value


def _mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise _Refused(f"{name} must be an object")
    return value


def _with_file(name: str, value: Any, session: str, uploads: Uploads) -> Any:
    """``{"file": {"name", "type", "content": base64}}`` (or a list of them under "files") becomes the numbers of kept files."""
    if not isinstance(value, dict) or not ({"file", "files", "signature"} & value.keys()):
        return value
    given = value.get("files", value.get("file", value.get("signature")))
    numbers = []
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, int) and not isinstance(one, bool):
            numbers.append(one)
            continue
        if not isinstance(one, dict) or not isinstance(one.get("content"), str):
            raise _Refused(
                f"{name}: a file has a name, a type and its content in base64, or is the number of an uploaded one"
            )
        try:
            content = base64.b64decode(one["content"], validate=True)
        except (ValueError, binascii.Error):
            raise _Refused(f"{name}: the content of the file is not base64") from None
        kind = str(one.get("type") or "application/octet-stream")
        numbers.append(
            uploads.keep(
                session, FileStorage(BytesIO(content), filename=str(one.get("name") or "file"), content_type=kind)
            )
        )
    return {"files": numbers}
