"""Whatever a request ends with, as a response: JSON for programs, a page for people. What it means: render/problems.py."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from services.gateway.api import errors as json_errors
from services.gateway.api.errors import BadBody
from services.gateway.http.language import say
from services.gateway.http.sending import by_script
from services.gateway.options import Options
from services.gateway.render.problems import Explainer
from services.gateway.web import messages
from services.gateway.web.messages import Message
from shared.bus.messages import BadMessage
from shared.catalogue.catalogues import N_
from shared.contract.errors import BadValue, CallFailed

log = logging.getLogger(__name__)

_HTTP = {
    400: (N_("That could not be read"), N_("Something in the request was not as expected. Please try again.")),
    403: (
        N_("This form has expired"),
        N_("It was open for too long, or cookies are switched off. Please load the page again."),
    ),
    404: (N_("There is nothing here"), N_("Please check the address.")),
    405: (N_("That is not possible here"), ""),
    413: (N_("That is too large"), ""),
    408: (N_("That took too long to arrive"), N_("Please try again.")),
    416: (N_("That part of the file does not exist"), ""),
    429: (N_("Too many requests"), N_("Please wait a moment.")),
    503: (N_("We are busy"), N_("Please try again in a moment.")),
}


class Errors:
    def __init__(self, explainer: Explainer, options: Options) -> None:
        self._explainer = explainer
        self._options = options

    def install(self, app: Flask) -> None:
        app.register_error_handler(CallFailed, self.failed)
        for mistake in (BadMessage, RecursionError):
            app.register_error_handler(mistake, self.unsendable)
        app.register_error_handler(BadBody, self.bad_body)
        app.register_error_handler(HTTPException, self.refused)
        app.register_error_handler(Exception, self.broken)

    def failed(self, error: CallFailed) -> Response:
        problem = self._explainer.of_call(error)
        log.warning("call_failed", extra={"kind": problem.kind, "route": str(request.url_rule)})
        return json_errors.of_problem(problem) if _wants_json() else messages.show(messages.of_problem(problem))

    def unsendable(self, error: Exception) -> Response:
        """What came in from the browser cannot travel: NaN, text that is no Unicode, a thousand brackets."""
        return self.failed(BadValue("a value cannot be read"))

    def bad_body(self, error: BadBody) -> Response:
        return json_errors.error(400, "BadRequest", str(error))

    def refused(self, error: HTTPException) -> Response:
        status = error.code or 500
        heading, text = _HTTP.get(status, (N_("That did not work"), ""))
        if isinstance(error, RequestEntityTooLarge):
            megabytes = self._options.max_body // (1024 * 1024)
            text = say(N_("At most {0} MB can be sent at once. Please send something smaller."), megabytes)
        if error.description == "host":
            heading, text = (
                N_("This is not the address of this site"),
                N_("Who runs it can allow the name: PARLEY_URL_ROOT or PARLEY_HOSTS."),
            )
        if _wants_json():
            return json_errors.error(status, error.name.replace(" ", ""), text or heading)
        return messages.show(Message(heading=heading, texts=(text,) if text else (), status=status))

    def broken(self, error: Exception) -> Response:
        log.exception("request_failed", extra={"error": type(error).__name__, "route": str(request.url_rule)})
        if _wants_json():
            return json_errors.error(500, "InternalError", "Something went wrong")
        text = N_("The mistake is ours and has been noted. Please try again.")
        return messages.show(Message(heading=N_("Something went wrong"), texts=(text,), status=500))


def too_many(seconds: int) -> Response:
    """To a request that is one too many; after `seconds` there is room for another."""
    heading, text = _HTTP[429]
    if _wants_json():
        response = json_errors.error(429, "TooManyRequests", heading)
    else:
        response = messages.show(Message(heading=heading, texts=(text,), status=429))
    response.headers["Retry-After"] = str(seconds)
    return response


def _wants_json() -> bool:
    return not by_script() and (request.is_json or request.args.get("json") == "1" or request.path == "/checkin")
