"""gevent's patch, once for a process: so in one of its own."""

from __future__ import annotations

import subprocess
import sys

CODE = """
from importlib import metadata
read = []
files = metadata.PathDistribution.read_text
metadata.PathDistribution.read_text = lambda self, name: read.append(str(self._path)) or files(self, name)
before = metadata.entry_points
from services.patching import patch_all
patch_all()
assert metadata.entry_points is before
import socket, threading
from gevent import monkey
assert monkey.is_module_patched("socket") and monkey.is_module_patched("threading")
assert read, "no distribution was found"
print(max(map(read.count, read)))
"""


def test_what_is_installed_is_read_once() -> None:
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) <= 2  # its name, and its entry points
