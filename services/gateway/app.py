"""The Flask app: `create_app(bus, settings, sources)` wires the parts; nothing else is decided here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, Response, abort, g, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from services.gateway import jsonapi, metrics, pages, visitor
from services.gateway.assets import Assets
from services.gateway.compress import compress
from services.gateway.desk import InterviewDesk, off_the_loop
from services.gateway.files import Downloads, PackageFiles, Uploads
from services.gateway.listing import Listing
from services.gateway.options import Options
from services.gateway.printing import Printer, by_script
from services.gateway.problems import Explainer
from services.gateway.security import add_headers
from services.gateway.streams import Streams, TooManyStreams, allow_open_files
from shared.bus.messages import BadMessage, Bus, BusAdmin, BusUnavailable, CallFailed, CallTimeout

log = logging.getLogger(__name__)


class AnyBus(Bus, BusAdmin, Protocol):
    """Both buses are both."""


class Gateway(Flask):
    """The app, with what its process must start and stop."""

    streams: Streams
    stop_listening: Callable[[], None]

    def close(self) -> None:
        """Stop hearing news and end the event streams."""
        self.stop_listening()
        self.streams.cut_all()


def create_app(bus: AnyBus, settings: Any, sources: Iterable[Path] | None = None) -> Gateway:
    """The gateway over `bus`. `settings` are services.settings.Settings or an `Options`; `sources` the roots of packages."""
    options = Options.from_settings(settings)
    app = Gateway(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=options.secret,
        SESSION_COOKIE_NAME="parley",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax" if options.frame_ancestors == "'self'" else "None",
        SESSION_COOKIE_SECURE=bool(options.url_root and options.url_root.startswith("https:")),
        PERMANENT_SESSION_LIFETIME=timedelta(days=90),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=options.max_body,
        MAX_FORM_MEMORY_SIZE=options.max_body,
        MAX_FORM_PARTS=10_000,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if options.trusted_proxies:
        hops = options.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=0)  # type: ignore[method-assign]

    desk = InterviewDesk(bus, options)
    packages = PackageFiles(tuple(sources) if sources is not None else options.packages)
    assets, uploads, downloads = Assets(), Uploads(desk), Downloads(desk)
    allow_open_files(options.streams + 1000)
    app.streams = Streams(heartbeat=options.heartbeat_seconds, limit=options.streams)
    app.stop_listening = bus.listen(app.streams.receive)
    explainer = Explainer(packages, author=options.author)
    printer = Printer(app, options, assets, downloads, app.streams, explainer)
    app.register_blueprint(pages.make(desk, options, printer, explainer, uploads, Listing(packages, options.listing)))
    app.add_url_rule("/", "start", app.view_functions["pages.home"])
    metrics.install(app, app.streams)
    _small_routes(app, assets, packages, downloads, _bus_check(bus))
    _errors(app, printer, explainer, options)

    @app.before_request
    def note_position() -> None:
        # Before the interview is asked: what happens after this is news to the page that is being made.
        g.heard = app.streams.position

    @app.after_request
    def finish(response: Response) -> Response:
        return compress(request, add_headers(response, options))

    return app


def _bus_check(bus: AnyBus) -> Callable[[], bool]:
    """Whether the broker answers, asked at most every two seconds, however often probes come."""
    last: list[tuple[float, bool]] = []

    def check() -> bool:
        now = time.monotonic()
        if last and now - last[0][0] < 2:
            return last[0][1]
        try:
            off_the_loop(bus.queues)
            answers = True
        except BusUnavailable:
            answers = False
        last[:] = [(now, answers)]
        return answers

    return check


def _small_routes(
    app: Gateway, assets: Assets, packages: PackageFiles, downloads: Downloads, bus_answers: Callable[[], bool]
) -> None:
    app.add_url_rule("/assets/<version>/<path:name>", "assets", assets.serve)
    app.add_url_rule("/packagestatic/<package>/<path:path>", "packagestatic", packages.serve)

    @app.get("/uploadedfile/<int:number>")
    @app.get("/uploadedfile/<int:number>/<path:name>")
    def uploaded_file(number: int, name: str = "") -> Response:
        # A number says nothing of its session: this browser's sessions are asked, the latest first.
        for _, session in visitor.sessions():
            try:
                return downloads.serve(session, number)
            except CallFailed as failed:
                if failed.kind not in {"NoFile", "NoSession", "BadValue"}:
                    raise
        return abort(404)

    @app.get("/events")
    def events() -> Response:
        session = request.args.get("session", "")
        if not visitor.knows(session):
            abort(403)
        last = request.headers.get("Last-Event-ID") or request.args.get("last")
        try:
            stream = app.streams.open(session, client=visitor.client(), last_id=last)
        except TooManyStreams:
            abort(503)
        response = Response(stream, mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-cache, no-transform"
        response.headers["X-Accel-Buffering"] = "no"
        return response

    @app.get("/healthz")
    def healthz() -> Response:
        """503 while the bus cannot be reached: nothing could be answered."""
        reachable = bus_answers()
        response = jsonify(ok=reachable, wrong={} if reachable else {"bus": "cannot be reached"})
        response.status_code = 200 if reachable else 503
        return response


def _errors(app: Flask, printer: Printer, explainer: Explainer, options: Options) -> None:
    def wants_json() -> bool:
        return not by_script(request) and (
            request.is_json or request.args.get("json") == "1" or request.path == "/checkin"
        )

    @app.errorhandler(CallFailed)
    @app.errorhandler(CallTimeout)
    @app.errorhandler(BusUnavailable)
    def failed(error: CallFailed | CallTimeout | BusUnavailable) -> Response:
        problem = explainer.of_call(error)
        log.warning("call_failed", extra={"kind": problem.kind, "path": request.path})
        if wants_json():
            response = jsonapi.error(problem.status, problem.kind, problem.heading, problem.author)
            if problem.retry:
                response.headers["Retry-After"] = str(problem.retry)
            return response
        return printer.problem(request, problem)

    @app.errorhandler(BadMessage)
    @app.errorhandler(RecursionError)
    def unsendable(error: Exception) -> Response:
        """What came in from the browser cannot travel: NaN, text that is no Unicode, a thousand brackets."""
        return failed(CallFailed("BadValue", "a value cannot be read"))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        heading, text = _HTTP.get(status, ("That did not work", ""))
        if isinstance(error, RequestEntityTooLarge):
            text = f"At most {options.max_body // (1024 * 1024)} MB can be sent at once. Please send something smaller."
        if wants_json():
            return jsonapi.error(status, error.name.replace(" ", ""), text or heading)
        return printer.message(request, heading, (text,) if text else (), status=status)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        log.exception("request_failed", extra={"error": type(error).__name__, "path": request.path})
        if wants_json():
            return jsonapi.error(500, "InternalError", "Something went wrong")
        text = "The mistake is ours and has been noted. Please try again."
        return printer.message(request, "Something went wrong", (text,), status=500)


_HTTP = {
    400: ("That could not be read", "Something in the request was not as expected. Please try again."),
    403: (
        "This form has expired",
        "It was open for too long, or cookies are switched off. Please load the page again.",
    ),
    404: ("There is nothing here", "Please check the address."),
    405: ("That is not possible here", ""),
    413: ("That is too large", ""),
    416: ("That part of the file does not exist", ""),
    503: ("We are busy", "Please try again in a moment."),
}
