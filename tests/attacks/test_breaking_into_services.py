"""Author code in the services of the distributed system, at a screen and in the background: reads their secrets, connects to the broker and
the database that they use, speaks to the other services.
"""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.browser import Client
from bench.system import Running, distributed

pytestmark = [pytest.mark.rabbitmq, pytest.mark.mongodb, pytest.mark.timeout(180)]

SECRET = "planted-secret-5b7c01e9"

BREAK_IN = """
import glob, os, socket
found = []
for name in NAMES + glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline') + ['/proc/self/environ', '/etc/passwd', '/etc/hosts']:
    try:
        with open(name, 'rb') as file: found.append(name + repr(file.read(80)))
    except OSError: pass
for folder in ('/', '/tmp', '/proc', '/root', '/run', '/dev/shm', '/etc'):
    try: found.append(folder + repr(os.listdir(folder)))
    except OSError: pass
    try:
        with open(os.path.join(folder, 'planted'), 'w') as file: found.append('wrote in ' + folder)
    except OSError: pass
for host, port in PORTS:
    try: found.append(repr(socket.create_connection((host, port), 2)))
    except OSError: pass
for family in (socket.AF_UNIX, socket.AF_INET6, getattr(socket, 'AF_NETLINK', 16), getattr(socket, 'AF_VSOCK', 40)):
    try: found.append(repr(socket.socket(family, socket.SOCK_DGRAM)))
    except OSError: pass
for name in ('pymongo', 'kombu'):
    try:
        module = __import__(name)
        found.append(repr(module.MongoClient(MONGO, serverSelectionTimeoutMS=500).list_database_names() if name == 'pymongo'
                          else module.Connection(AMQP).connect()))
    except Exception: pass
found += [one for one in map(repr, os.environ.items()) if 'planted' in one or 'mongo' in one.lower() or 'amqp' in one.lower()]
found = repr(found)
file = folder = host = port = family = name = module = None
"""

INTERVIEW = """\
mandatory: True
code: |
  task = background_action('inside')
  {code}
  here = found
---
mandatory: True
question: |
  here ${{ here }} there ${{ there if task.ready() else 'not yet' }}
---
event: inside
code: |
  {code}
  background_response_action('told', what=found)
---
event: told
code: |
  there = action_argument('what')
  background_response()
---
code: |
  there = 'failed'
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    questions = tmp_path / "packages" / "attacker" / "data" / "questions"
    questions.mkdir(parents=True)
    (tmp_path / "notes.txt").write_text(SECRET)
    (tmp_path / "packages" / "other.py").write_text(f"KEY = {SECRET!r}\n")
    with distributed(tmp_path / "packages", PLANTED=SECRET) as made:
        names = [str(tmp_path / "notes.txt"), str(tmp_path / "packages" / "other.py")]
        names += [str(path) for path in made.folder.rglob("*") if path.is_file()][:50]
        mongo, amqp = made.environment["MONGO_URI"], made.environment["AMQP_URI"]
        places = [(urlsplit(one).hostname, urlsplit(one).port or port) for one, port in ((mongo, 27017), (amqp, 5672))]
        places.append(("127.0.0.1", urlsplit(made.url).port))
        code = BREAK_IN.replace("NAMES", repr(names)).replace("PORTS", repr(places))
        code = code.replace("MONGO", repr(mongo)).replace("AMQP", repr(amqp))
        text = INTERVIEW.format(code=textwrap.indent(code.strip(), "  ").strip())
        (questions / "inside.yml").write_text(text)
        yield made


def test_nothing_is_found_and_nobody_answers(running: Running) -> None:
    client = Client(running.url, "attacker:inside.yml")
    until = time.monotonic() + 90
    while "not yet" in client.screen["question"]:
        assert time.monotonic() < until, client.screen["question"]
        time.sleep(0.2)
        client.get()
    assert client.screen["question"].strip() == "here [] there []"
    assert os.path.exists(running.folder)
