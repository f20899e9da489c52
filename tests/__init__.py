"""Tests: unit (no I/O, milliseconds), contract, e2e, faults."""

import sys
from pathlib import Path

# Where PYTHONDONTWRITEBYTECODE is set, as in many containers, each process of each run would compile all that it imports anew:
# more than a quarter of the unit tier's processor time. What is compiled then goes where nothing else looks.
if sys.dont_write_bytecode and sys.pycache_prefix is None:
    sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "pycache")
    sys.dont_write_bytecode = False
