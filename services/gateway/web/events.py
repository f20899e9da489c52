"""/events: the live events of a session as a stream. What is in it: streams.py."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from services.gateway.client.interview import InterviewClient
from services.gateway.http.browser import browser
from services.gateway.streams import Streams, TooManyStreams


class Events:
    def __init__(self, client: InterviewClient, streams: Streams) -> None:
        self._client = client
        self._streams = streams

    def blueprint(self) -> Blueprint:
        made = Blueprint("events", __name__)
        made.add_url_rule("/events", view_func=self.stream)
        return made

    def stream(self) -> Response:
        session = request.args.get("session", "")
        self._client.enter(browser().at(session))
        last = request.headers.get("Last-Event-ID") or request.args.get("last")
        try:
            text = self._streams.open(session, client=browser().client, last_id=last)
        except TooManyStreams:
            abort(503)
        response = Response(text, mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-cache, no-transform"
        response.headers["X-Accel-Buffering"] = "no"
        return response
