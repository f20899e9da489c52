"""What is there when a process has started is not looked through for garbage any more; what comes later is."""

from __future__ import annotations

import subprocess
import sys

_LOOK = """
import gc
from services import garbage
before = len(gc.get_objects())
garbage.settle()
assert gc.get_freeze_count() > before / 2, gc.get_freeze_count()
looked = []
gc.callbacks.append(lambda phase, about: phase == "stop" and looked.append(about["collected"]))
class Ring:
    def __init__(self):
        self.me = self
for _ in range(20_000):
    Ring()
assert sum(looked) > 10_000, looked
assert len(looked) < 20, looked
"""


def test_it_leaves_what_is_there_and_finds_what_comes() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
