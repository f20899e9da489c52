"""The current request, and what is kept while it goes on, for whoever asks them several things.

Flask's own names for both look them up at each use, some forty times for an answer, which takes longer than most of what is asked.
"""

from __future__ import annotations

from flask import Request, g, request
from flask.ctx import _AppCtxGlobals


def asked() -> Request:
    """What `flask.request` stands for. Raises RuntimeError outside of a request."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]
    return found


def kept() -> _AppCtxGlobals:
    """What `flask.g` stands for. Raises RuntimeError outside of a request."""
    found: _AppCtxGlobals = g._get_current_object()
    return found
