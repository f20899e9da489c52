"""Responses that an author asks for: what response() and json_response() send, and redirects to where a command leads."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from flask import Response, jsonify, make_response, redirect, request

from services.gateway.client.files import SessionFiles
from services.gateway.client.interview import Opened
from services.gateway.client.reply import Reply
from services.gateway.http import files
from services.gateway.render.values import whole
from services.gateway.render.view import safe_address
from shared.contract.jsonvalue import JsonMap


def by_script() -> bool:
    """The page's own script asks, and wants only what changes."""
    return "X-Parley" in request.headers


def go(address: str) -> Response:
    """Send the browser to `address`, which must be one that an author wrote or our own."""
    if by_script():
        return jsonify(go=address)
    response = make_response(redirect(address, 303))
    response.autocorrect_location_header = False
    return response


def said(reply: Reply, at: Opened, session_files: SessionFiles) -> Response:
    """What an interview sends instead of a screen (functions.md "Functions for special responses")."""
    parts: JsonMap = reply.screen.get("response") or {}
    address = safe_address(parts.get("url"))
    if address is not None:
        return go(address)
    number = parts["file"].get("number") if isinstance(parts.get("file"), Mapping) else parts.get("file")
    if number is not None and (file := whole(str(number))) is not None:
        return files.send(session_files, at, file)
    if parts.get("null"):
        return Response(status=204)
    status = int(parts.get("status") or parts.get("response_code") or 200)
    mimetype = str(parts.get("content_type") or "text/plain; charset=utf-8")
    body = _body(parts)
    text = str(reply.screen.get("question") or "")
    response = Response(text if body is None else body, status=status, content_type=mimetype)
    response.headers["X-Parley-Response"] = "1"
    return response


def _body(parts: JsonMap) -> str | bytes | None:
    for name in ("all_variables", "json"):
        if name in parts:
            return json.dumps(parts[name], indent=2 if name == "all_variables" else None)
    if isinstance(parts.get("binary"), str):  # bytes, in the form that they have in the JSON of a screen
        return base64.b64decode(parts["binary"], validate=True)
    return parts.get("text")
