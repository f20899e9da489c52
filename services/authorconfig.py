"""What author code may read of the configuration (functions.md, get_config), with nothing secret in it."""

from __future__ import annotations

from typing import Any

from services.settings import Settings


def author_config(settings: Settings) -> dict[str, Any]:
    return {
        "timezone": settings.timezone,
        "incoming mail domain": settings.smtp_domain,
        "url root": settings.url_root,
        **settings.config,
    }
