"""Where Bootstrap's files lie, which come with Bootstrap-Flask. That package itself is not loaded: it brings forms of its own, 0.7 MB of them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def _static() -> Path:
    found = find_spec("flask_bootstrap")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("Bootstrap-Flask is not installed", name="flask_bootstrap")
    return Path(found.origin).parent / "static"


STATIC = _static()
