"""What authors may read of the configuration, and what this server can do.

Source: config.md, "Adding your own configuration variables"; functions.md, server_capabilities().
"""

from __future__ import annotations

from shared.authoring import jobs
from shared.authoring.context import current_or_none

CAPABILITIES = (
    "sms",
    "fax",
    "google_login",
    "facebook_login",
    "x_login",
    "phone_login",
    "voicerss",
    "s3",
    "azure",
    "googledrive",
    "github",
    "pypi",
    "google_maps",
)


def get_config(name: str, default: object = None) -> object:
    """A value of the configuration, `default` if it is not there (or if neither an interview nor a job is running)."""
    running = current_or_none() or jobs.running_or_none()
    return default if running is None else running.config.get(name, default)


def server_capabilities() -> dict[str, bool]:
    """Which optional features of the documentation are there: none of those it lists needs an outside account here."""
    return dict.fromkeys(CAPABILITIES, False)
