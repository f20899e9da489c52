"""Live help, of which this server has none: interviews that offer it go on without.

Asking who is there gives nobody, and the log of a chat is empty, which is what the documentation says of a server where no
operator is on duty.

Source: livehelp.md, "Controlling the live chat system from an interview".
"""

from __future__ import annotations

from types import SimpleNamespace

_AVAILABILITY = ("available", "unavailable", "observeonly")
_MODES = ("help", "peer", "peerhelp")


class Partners(SimpleNamespace):
    """How many could chat: ``help`` and ``peer``."""


def set_live_help_status(
    availability: str | None = None, mode: str | None = None, partner_roles: object = None
) -> None:
    """Accepted and without effect, after the arguments were checked."""
    if availability is not None and availability not in _AVAILABILITY:
        raise ValueError(f"availability can be {', '.join(_AVAILABILITY)}, not {availability!r}")
    if mode is not None and mode not in _MODES:
        raise ValueError(f"mode can be {', '.join(_MODES)}, not {mode!r}")


def chat_partners_available(*roles: object, partner_roles: object = None, mode: str | None = None) -> Partners:
    """Nobody."""
    return Partners(help=0, peer=0)


def get_chat_log(*args: object, **options: object) -> list[dict[str, object]]:
    """No messages."""
    return []
