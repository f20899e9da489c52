"""/interview, which is a page for people and JSON for programs: both answer at one address, and pass the same checks."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from services.gateway.api.interview import InterviewJson
from services.gateway.http.security import check_view
from services.gateway.web.interview import InterviewPages


class InterviewRoute:
    def __init__(self, pages: InterviewPages, json: InterviewJson) -> None:
        self._pages = pages
        self._json = json

    def blueprint(self) -> Blueprint:
        made = Blueprint("interview", __name__)
        made.add_url_rule("/interview", "show", self.get)
        made.add_url_rule("/interview", "post", self.post, methods=["POST"])
        return made

    def get(self) -> ResponseReturnValue:
        check_view()
        return self._json.get() if request.args.get("json") == "1" else self._pages.get()

    def post(self) -> ResponseReturnValue:
        return self._json.post() if request.is_json else self._pages.post()
