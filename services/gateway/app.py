"""The Flask app: `create_app(bus, settings, sources)` makes the parts of all floors and hangs them into it; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from flask import Flask, Response, g
from werkzeug.middleware.proxy_fix import ProxyFix

from services.gateway import metrics
from services.gateway.api.interview import InterviewJson
from services.gateway.api.page_calls import PageCalls
from services.gateway.client.files import SessionFiles
from services.gateway.client.interview import InterviewClient
from services.gateway.errors import Errors, too_many
from services.gateway.http import browser, legacy
from services.gateway.http.arriving import Arriving
from services.gateway.http.compress import compress
from services.gateway.http.current import asked
from services.gateway.http.hosts import Hosts
from services.gateway.http.rates import Rates
from services.gateway.http.security import FixedHeaders, add_policy
from services.gateway.options import Options
from services.gateway.packages import Packages
from services.gateway.render.listing import Listing
from services.gateway.render.problems import Explainer
from services.gateway.routes import InterviewRoute
from services.gateway.streams import Streams, allow_open_files
from services.gateway.web import screens
from services.gateway.web.assets import Assets
from services.gateway.web.documents import Documents
from services.gateway.web.events import Events
from services.gateway.web.files import Files
from services.gateway.web.goto import Goto
from services.gateway.web.health import Health
from services.gateway.web.interview import InterviewPages
from services.gateway.web.mailbox import MailboxPages
from services.gateway.web.screens import Screens
from services.gateway.web.sessions import Sessions
from services.gateway.web.start import Start
from services.gateway.web.workshop import Workshop
from shared.bus.messages import Bus, BusAdmin
from shared.language.sources import Root, Sources
from shared.markup import budget

if TYPE_CHECKING:
    from services.settings import Settings


class AnyBus(Bus, BusAdmin, Protocol):
    """Both buses are both."""


class Gateway(Flask):
    """The app, with what its process must start and stop."""

    streams: Streams
    stop_listening: Callable[[], None]

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view of ours is a coroutine: Flask would look at each function that a request comes by."""
        return func

    def close(self) -> None:
        """Stop hearing news and end the event streams."""
        self.stop_listening()
        self.streams.cut_all()


def create_app(
    bus: AnyBus,
    settings: Settings | Options,
    sources: Iterable[Path | Root] | None = None,
    *,
    watched: Mapping[str, Callable[[], str | None]] = MappingProxyType({}),
    walls: Mapping[str, bool] = MappingProxyType({}),
) -> Gateway:
    """The gateway over `bus`. `settings` are services.settings.Settings or an `Options`; `sources` the roots of packages.

    `watched`: what else of this process ``/healthz`` tells of (`Health`); `walls`: those around the author code that it runs, if it does.
    """
    options = Options.from_settings(settings)
    app = Gateway(__name__, static_folder=None)
    _configure(app, options)
    allow_open_files(options.streams + 1000)
    app.streams = Streams(heartbeat=options.heartbeat_seconds, limit=options.streams)
    app.stop_listening = bus.listen(app.streams.receive)
    roots = tuple(sources) if sources is not None else options.packages
    _add_routes(app, bus, options, roots, Health(bus, watched=watched, walls=walls))

    Hosts(options).install(app)
    Rates(options).install(app, too_many)

    @app.before_request
    def note_position() -> None:
        # Before the interview is asked: what happens after this is news to the page that is being made.
        g.heard = app.streams.position
        budget.begin()

    @app.after_request
    def finish(response: Response) -> Response:
        return compress(asked(), add_policy(browser.save(response, options), options))

    return app


def _configure(app: Gateway, options: Options) -> None:
    app.config.update(
        # For the cookie of earlier versions (http/legacy.py).
        SECRET_KEY=options.secret,
        SESSION_COOKIE_NAME=legacy.NAME,
        SESSION_COOKIE_SAMESITE="Lax" if options.frame_ancestors == "'self'" else "None",
        SESSION_COOKIE_SECURE=(options.url_root or "").startswith("https:"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=legacy.DAYS),
        SESSION_REFRESH_EACH_REQUEST=False,
        PREFERRED_URL_SCHEME="https" if (options.url_root or "").startswith("https:") else "http",
        MAX_CONTENT_LENGTH=options.max_body,
        MAX_FORM_MEMORY_SIZE=options.max_body,
        MAX_FORM_PARTS=10_000,
    )
    app.session_interface = legacy.WhereThere()
    app.wsgi_app = FixedHeaders(Arriving(app.wsgi_app, seconds=options.request_seconds))  # type: ignore[method-assign]
    if options.trusted_proxies:
        hops = options.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=0)  # type: ignore[method-assign]


def _add_routes(app: Gateway, bus: AnyBus, options: Options, roots: tuple[Path | Root, ...], health: Health) -> None:
    packages = Packages(roots)
    client = InterviewClient(bus, seconds=options.call_seconds)
    listing = Listing(packages, options.listing)
    files, assets = SessionFiles(client), Assets()
    explainer = Explainer(Sources(roots), author=options.author)
    screens.install(app, options, assets)
    shown = Screens(app, options, client, files, app.streams, explainer)
    interview = InterviewRoute(
        InterviewPages(client, options, files, shown), InterviewJson(client, options, files, explainer, browser.browser)
    )
    parts = (
        interview,
        PageCalls(client, options),
        Start(client, options, listing),
        Sessions(client, options, listing),
        Goto(client),
        Documents(client, options),
        Files(client, files, packages),
        Events(client, app.streams),
        health,
        assets,
    )
    if options.mailbox:
        app.register_blueprint(MailboxPages(bus).blueprint())
    if options.workshop is not None:
        Workshop(bus, client, options.workshop).install(app)
    for part in parts:
        app.register_blueprint(part.blueprint())
    metrics.install(app, app.streams, walls=health.walls)
    Errors(explainer, options).install(app)
