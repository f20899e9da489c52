"""What the gateway itself needs to be told. Reading it from the environment is services/settings's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.installation import Secrets
from shared.language.sources import Root

if TYPE_CHECKING:
    from services.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    secret: str  #: signs cookies; the same in every gateway of a system
    packages: tuple[Path | Root, ...] = (Path(),)  #: roots below which packages lie
    author: bool = False  #: errors are shown with file, block, line and YAML (``parley run``)
    brand: str = "Parley"
    listing: tuple[str, ...] = ()  #: what the start page lists, in order: packages or names of interviews; nothing: all
    default_interview: str | None = None  #: what /interview without `i` opens
    max_body: int = 16 * 1024 * 1024  #: bytes of one request, files included
    check_in_seconds: float = 6.0  #: background.md: the page reports every six seconds; 0: never
    heartbeat_seconds: float = 20.0  #: comments on idle event streams; proxies cut silent ones after 30 s or more
    call_seconds: float = 45.0  #: the foreground limit of author code (30 s) and time to queue
    streams: int = 5000  #: open event streams of one process
    trusted_proxies: int = 0  #: how many X-Forwarded-* hops to believe
    url_root: str | None = None  #: address that browsers use, if it is not the one of the request
    hosts: tuple[str, ...] = ()  #: names under which requests may come, besides those of `url_root` and of this machine
    client_per_minute: int = 0  #: requests of one browser in a minute; 0: any
    address_per_minute: int = 0  #: requests of one network address in a minute; 0: any
    request_seconds: float = 60.0  #: longest that the body of a request may take to arrive
    frame_ancestors: str = "'self'"  #: who may show the pages in a frame, as CSP writes it
    exit_url: str = "/"
    mailbox: bool = False  #: the page /mail is there: an embedded system that has no server for mail
    workshop: Path | None = None  #: the folder of the package that the author works at (``parley run FILE``)
    cookie_days: int = 90  #: how long a browser keeps its secret: as long as sessions live at most

    @classmethod
    def from_settings(cls, settings: Settings | Options) -> Options:
        """From services.settings.Settings (or an Options, as it is)."""
        if isinstance(settings, Options):
            return settings
        config = settings.config
        made = cls(
            secret=Secrets.of(settings).cookies,
            packages=tuple(settings.packages),
            author=settings.debug,
            max_body=settings.max_request * 1024 * 1024,
            check_in_seconds=settings.checkin_interval,
            call_seconds=settings.foreground_seconds + 15,
            trusted_proxies=settings.trusted_proxies,
            url_root=settings.url_root,
            hosts=settings.hosts,
            client_per_minute=settings.client_per_minute,
            address_per_minute=settings.address_per_minute,
            request_seconds=settings.request_seconds,
            # Browsers keep no cookie for longer than 400 days (RFC 6265bis section 5.5).
            cookie_days=min(settings.interview_delete_days or 400, 400),
        )
        # The directives of upstream's config.md that concern the gateway.
        if isinstance(config.get("brandname"), str):
            made = replace(made, brand=config["brandname"])
        if isinstance(config.get("default interview"), str):
            made = replace(made, default_interview=config["default interview"])
        if isinstance(config.get("exitpage"), str):
            made = replace(made, exit_url=config["exitpage"])
        dispatch = config.get("dispatch")
        if isinstance(dispatch, Mapping):
            made = replace(made, listing=tuple(str(name) for name in dispatch.values()))
        if config.get("allow embedding") is True:
            made = replace(made, frame_ancestors="*")
        return made
