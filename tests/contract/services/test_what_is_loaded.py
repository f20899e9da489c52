"""What a service has loaded when it starts and when it has shown a page, and which processes there are then.

Each of what may not be there is megabytes of every service, or a tenth of a second of each start, for what few do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

#: What no service has at its start: it belongs to a feature, or to the processes that run interviews.
RARE = frozenset(
    [
        "PIL",
        "apscheduler",
        "babel",
        "dns",
        "docx",
        "emoji",
        "flask_bootstrap",
        "lxml",
        "mako",
        "markdown",
        "nh3",
        "num2words",
        "phonenumbers",
        "pikepdf",
        "pycountry",
        "pygments",
        "wtforms",
    ]
)

#: Of our own, what only the processes of interviews and documents have.
OF_PROCESSES = frozenset(["shared.documents.making", "shared.documents.texts", "shared.language.model"])
#: What a service has beside that if it starts processes, and interviews run in them.
STARTS_PROCESSES = frozenset(["shared.engine.request", "shared.runner.loader", "shared.runner.pool"])

SERVICE = """
import sys
from importlib import import_module
import shared.bus.host
from services.process import SHELLS
import_module(SHELLS["{name}"].partition(":")[0])
print(*[name for name, module in sys.modules.items() if module is not None])
"""

#: gunicorn's first process once it has its settings, and before it has forked any other; `app` is imported as these do.
GATEWAY = """
from gevent import monkey
monkey.patch_all()
import os, sys
os.environ["WEB_CONCURRENCY"] = "{workers}"
from services.gateway.service import Server
from services.settings import load
Server(load({{}}, var={var!r}))
{app}
print(*[name for name, module in sys.modules.items() if module is not None])
"""

#: The embedded system, a page of an interview as a browser gets it, and the processes below it then.
PAGE = """
from gevent import monkey
monkey.patch_all()
import sys
from pathlib import Path
import psutil
from werkzeug.test import Client
import services.embedded.run
from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.settings import load
settings = load({{}}, var={var!r}, packages={root!r}, smtp_port=0, port=0, log_level="ERROR")
system = System(settings)
system.start()
app = create_app(system.bus, Options.from_settings(settings), settings.packages)
page = Client(app).get("/interview?i=demos:welcome.yml", follow_redirects=True)
assert page.status_code == 200, page.status
assert b"<form" in page.data, page.data[-2000:]
assert system._dissect(b"Subject: Hello\\r\\n\\r\\nHello\\r\\n")["problems"] == []
print(len(psutil.Process().children()), *[name for name, module in sys.modules.items() if module is not None])
app.close()
system.stop()
"""


def modules(*command: str) -> list[str]:
    ran = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout.split()


def tops(found: list[str]) -> set[str]:
    return {name.partition(".")[0] for name in found}


@pytest.mark.parametrize("name", ["interview", "worker", "clock", "mail_ingest"])
def test_a_service_loads_what_it_needs_at_its_start(name: str, tmp_path: Path) -> None:
    (tmp_path / "starts.py").write_text(SERVICE.format(name=name))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import shared.bus.green; import starts"
    loaded = set(modules("-c", code))
    found = tops(list(loaded))
    assert {"nameko", "eventlet"} <= found
    assert sorted(found & (RARE | {"jinja2", "flask", "gevent", "gunicorn"})) == []
    starts = STARTS_PROCESSES if name in ("interview", "worker") else set()
    assert sorted(loaded & (OF_PROCESSES | STARTS_PROCESSES)) == sorted(starts)


def test_the_gateway_loads_what_it_needs_at_its_start(tmp_path: Path) -> None:
    loaded = set(modules("-c", GATEWAY.format(workers=1, var=str(tmp_path), app="import services.gateway.app")))
    found = tops(list(loaded))
    assert {"flask", "gunicorn"} <= found
    assert sorted(found & (RARE | {"eventlet", "nameko", "pymongo", "sqlite3", "aiosmtpd"})) == []
    assert sorted(loaded & (OF_PROCESSES | STARTS_PROCESSES)) == []


@pytest.mark.parametrize(("workers", "there"), [(1, set()), (2, {"flask", "jinja2", "werkzeug"})])
def test_the_first_process_of_a_gateway_has_pages_only_for_several_others(
    workers: int, there: set[str], tmp_path: Path
) -> None:
    found = tops(modules("-c", GATEWAY.format(workers=workers, var=str(tmp_path), app="")))
    assert found & {"flask", "jinja2", "werkzeug", "kombu"} == there


@pytest.mark.timeout(120)
def test_a_first_page_loads_no_more_and_there_is_one_parent_of_all_children(tmp_path: Path) -> None:
    found = modules("-c", PAGE.format(var=str(tmp_path), root=str(ROOT)))
    assert found[0] == "1"  # for interviews and for mails
    assert sorted(tops(found) & (RARE - {"apscheduler"} | {"eventlet", "nameko", "kombu", "pymongo"})) == []


#: A service over a new database, put together as its shell does it: how many processes it has begun with, and timers that begin more.
BEGUN = """
import sys, threading
from importlib import import_module
import psutil
from shared.bus.inprocess import InProcessBus
from services.settings import load
begun = []
class Timer(threading.Timer):
    def __init__(self, *args, **kwargs):
        begun.append(args)
        super().__init__(*args, **kwargs)
threading.Timer = Timer
settings = load({{}}, var={var!r}, packages={root!r}, smtp_port=0, port=0, log_level="ERROR")
service = import_module("services.{name}.service").assemble(settings, InProcessBus())
print(len(psutil.Process().children(recursive=True)), len(begun))
service.close()
"""


@pytest.mark.parametrize(("name", "processes"), [("interview", 1), ("worker", 0), ("clock", 0)])
def test_a_service_begins_with_no_processes_but_those_that_pages_wait_for(
    name: str, processes: int, tmp_path: Path
) -> None:
    (tmp_path / "begins.py").write_text(BEGUN.format(name=name, var=str(tmp_path), root=str(ROOT)))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import shared.bus.green; import begins"
    assert modules("-c", code) == [str(processes), "0"]
