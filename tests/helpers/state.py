"""Where settings of tests keep what users keep in their homes: a folder that goes with the run (tests/conftest.py)."""

from __future__ import annotations

import os
from typing import Final

AWAY: Final = {"XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}
