"""What a child touches after the fork is copied, page by page: the dearest part of a process that lives for one step."""

from __future__ import annotations

import os
import resource
import socket
import sys
from types import ModuleType

import pytest

from shared.runner import engine
from shared.runner.child import Child, modules_before
from shared.runner.wire import Wire


def test_a_child_does_not_touch_the_names_of_all_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5000):  # some 1,250 pages of names
        name = f"m{number}" + "x" * 1000
        monkeypatch.setitem(sys.modules, name, ModuleType("m"))
    ours, theirs = socket.socketpair()
    modules_before(len(sys.modules))  # as the template does
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            wire = Wire(theirs)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            Child(wire, engine, None, memory=1)
            os.write(write, str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before).encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    faults = int(os.read(read, 20))
    for end in (read, write):
        os.close(end)
    ours.close()
    theirs.close()
    assert faults < 300, faults
