"""What author code may read of the configuration (functions.md, get_config), with nothing secret in it."""

from __future__ import annotations

from typing import Any

from services.outgoing import FOLDER
from services.settings import Settings


def author_config(settings: Settings) -> dict[str, Any]:
    return {
        "timezone": settings.timezone,
        "incoming mail domain": settings.mail_domain,
        "authentication server": settings.checking_server,
        "url root": settings.url_root,
        "ocr dpi": settings.ocr_dpi,
        "ocr languages": dict(settings.ocr_languages),
        "outgoing mail": _outgoing(settings),
        **settings.config,
    }


def _outgoing(settings: Settings) -> dict[str, Any]:
    """The names of the servers for mail, with the bytes of the largest mail that each takes (0: any)."""
    servers = {server.name: server.largest_bytes for server in settings.servers}
    if not servers and not settings.distributed:
        servers = {FOLDER: 0}
    return {"servers": servers, "default": next(iter(servers), "")}
