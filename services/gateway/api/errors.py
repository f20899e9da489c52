"""Errors as JSON (docs/http.md "Refusals and errors")."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, g, jsonify

from services.gateway.render.problems import Problem
from services.logs import session_hash


class BadBody(Exception):
    """The body of the request is not what docs/http.md describes; the message says what it should be."""


def error(
    status: int,
    kind: str,
    message: str,
    *,
    author: Mapping[str, object] | None = None,
    reference: str | None = None,
    beside: Mapping[str, object] | None = None,
) -> Response:
    """``{"error": {"kind", "message"}}``; `author` has what only authors see, `beside` what else the reply holds.

    `reference` is what a user can name to those who run the site: the session, as their logs call it.
    """
    described: dict[str, object] = {"kind": kind, "message": message}
    if reference is not None:
        described["reference"] = reference
    if author is not None:
        described["author"] = author
    response = jsonify({"error": described, **(beside or {})})
    response.status_code = status
    return response


def of_problem(problem: Problem, *, beside: Mapping[str, object] | None = None) -> Response:
    reference = session_hash(g.session) if problem.mistake and "session" in g else None
    response = error(
        problem.status, problem.kind, problem.heading, author=problem.author, reference=reference, beside=beside
    )
    if problem.retry:
        response.headers["Retry-After"] = str(problem.retry)
    return response
