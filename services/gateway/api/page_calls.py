"""What open pages ask for themselves: /checkin, and /variables for get_interview_variables()."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from services.gateway.api import bodies
from services.gateway.api.errors import BadBody
from services.gateway.client.interview import InterviewClient
from services.gateway.http.browser import browser
from services.gateway.http.visit import Visit
from services.gateway.options import Options
from shared.contract.errors import CallFailed, Refused

_REPORT = ("token", "action", "values", "initial", "changed", "ack", "waits")


class PageCalls:
    def __init__(self, client: InterviewClient, options: Options) -> None:
        self._client = client
        self._options = options

    def blueprint(self) -> Blueprint:
        made = Blueprint("page_calls", __name__)
        made.add_url_rule("/checkin", view_func=self.check_in, methods=["POST"])
        made.add_url_rule("/variables", view_func=self.variables)
        return made

    def check_in(self) -> Response:
        """docs/http.md "Check-in"."""
        body = bodies.body()
        browser().check_post(request.headers.get("X-CSRF-Token"))
        session = bodies.text(body, "session")
        if not session:
            raise BadBody("a check-in names its session")
        report = {key: body[key] for key in _REPORT if key in body}
        return bodies.sent(Visit(self._client, self._options, browser()).check_in(session, report))

    def variables(self) -> Response:
        """functions.md get_interview_variables()."""
        visit = Visit(self._client, self._options, browser())
        try:
            told = visit.variables(request.args.get("session", ""))
        except Refused:
            raise
        except CallFailed:
            return jsonify({"success": False})
        return bodies.sent(told, success=True)
