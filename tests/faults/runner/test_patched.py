"""The same pool in a process that eventlet or gevent has patched: steps wait without stopping the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EVENTLET = """
import warnings
warnings.simplefilter("ignore")
import eventlet
eventlet.monkey_patch()
spawn, sleep, wait = eventlet.spawn, eventlet.sleep, lambda thread: thread.wait()
"""
GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
spawn, sleep, wait = gevent.spawn, gevent.sleep, lambda thread: thread.get()
"""

SCRIPT = """
{patch}
import time
from pathlib import Path
from shared.runner.pool import ProcessPool
from shared.contract.errors import ChildDied, TimeLimit
from shared.runner.ports import Cancelled
from tests.faults.runner.conftest import PoolDriver, Nothing

pool = ProcessPool(roots=[{root!r}], engine="tests.faults.runner.tiny", idle_seconds=0.5)
driver = PoolDriver(Path({root!r}), pool)
ticks = []

def tick():
    while True:
        ticks.append(time.monotonic())
        sleep(0.01)

ticker = spawn(tick)

class Slow(Nothing):
    def task(self, task_id, wait):
        time.sleep(0.2)
        return {{"status": "done"}}

driver.write("g", "import os; request.tasks.view('t'); say = os.getpid()")
threads = [spawn(driver.say, "g", host=Slow()) for _ in range(3)]
pids = {{wait(thread) for thread in threads}}
assert len(pids) == 3, pids

driver.write("same", "import os; say = os.getpid()")
assert len({{driver.say("same") for _ in range(3)}}) == 1, "an idle child is used again"

def ends_with(error, *arguments, **options):
    try:
        driver.step(*arguments, **options)
    except error:
        return
    raise AssertionError(error)

before = len(ticks)
ends_with(TimeLimit, "loop", "while True: pass", seconds=0.5)
assert len(ticks) - before > 20, "the others must go on while one step waits"
ends_with(ChildDied, "dies", "import os; os._exit(1)")

class Cancel:
    def __init__(self): self.at = time.monotonic() + 0.3
    def is_set(self): return time.monotonic() > self.at

ends_with(Cancelled, "cancelled", "while True: pass", cancel=Cancel())
big = "x" * 5_000_000
done = driver.step("big", "big = request.user['big'] + 'y'", user={{"big": big}})
assert len(done.state) > 5_000_000
until = time.monotonic() + 10
while pool.stats()["children"] and time.monotonic() < until:
    sleep(0.05)
assert pool.stats()["children"] == 0
assert driver.say("g", host=Slow()) not in pids
pool.close()
print("all went well")
"""


@pytest.mark.parametrize("patch", [EVENTLET, GEVENT], ids=["eventlet", "gevent"])
def test_the_pool_works_patched(patch: str, packages: Path) -> None:
    script = SCRIPT.format(patch=patch, root=str(packages))
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=100)
    assert run.stdout.strip() == "all went well", run.stderr
