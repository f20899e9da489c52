"""What `services.settings` raises."""

from __future__ import annotations


class SettingsError(Exception):
    """One or more settings are wrong; the message has a line for each, with where it was set and what is expected."""
