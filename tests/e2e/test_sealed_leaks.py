"""Planted answers, names of files, addresses and subjects, and where they are found after a walk with a background action, an upload, a mail
each way, a document and what outlasts a session: nowhere in the database, on the way through the broker, in logs or in the folder of the system.
"""

from __future__ import annotations

import base64
import os
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import bson
import pytest
from pymongo import MongoClient

from bench.browser import Client
from bench.system import Running, distributed, embedded
from tests.helpers.embedded import until
from tests.helpers.packs import write_pack
from tests.helpers.proxy import Proxy
from tests.helpers.smtp_sink import Sink, sink

pytestmark = pytest.mark.timeout(300)

#: In every answer, name, address and subject. Base64 may begin at any of three places in its text.
MARK = "Pl4ntedQ7"
MARKS = [MARK.encode(), MARK.lower().encode(), MARK.encode("utf-16-le"), MARK.encode().hex().encode()] + [
    base64.b64encode(b"x" * shift + MARK.encode())[4:-4] for shift in range(3)
]

INTERVIEW = """
metadata:
  title: The secret of ${ whose }
---
objects:
  - letter: DAFile
  - likes: DAStore
  - ours: DAStore.using(base='session')
  - theirs: DAStore.using(base='those of ' + whose)
  - redis: DARedis
---
code: |
  likes.set('drink of ' + whose, 'tea for ' + whose)
  ours.set('drink of ' + whose, 'coffee for ' + whose)
  theirs.set('drink', 'milk for ' + whose)
  redis.set(whose, 'water')
  redis.incr('visits of ' + whose)
  write_record('guests like ' + whose, {'of': whose})
  stash_data({'of': whose})
  task = background_action('work', what='for ' + whose)
  sent = send_email(to=[mail_to], subject='About ' + whose, body='Dear ' + whose, attachments=[letter])
  inbox = interview_email(key='from ' + whose)
  log('working for somebody')
  everything_begun = True
---
mandatory: True
code: |
  whose
  scan
  letter.initialize(filename=whose + '.txt')
  letter.write('A letter to ' + whose)
  letter.commit()
  everything_begun
  last_screen
---
question: Who?
fields:
  - Name: whose
  - Address: mail_to
---
question: A scan
fields:
  - Scan: scan
    datatype: file
---
event: last_screen
question: The end for ${ whose }
subquestion: |
  ${ inbox }

  ${ task_said }

  % for mail in get_emails():
  % for one in mail.emails:
  Heard: ${ one.subject }
  % endfor
  % endfor
attachment:
  name: A document of ${ whose }
  filename: document_${ whose }
  variable name: document
  valid formats:
    - docx
  content: |
    Words about ${ whose }.
---
event: work
code: |
  background_response_action('worked', what=action_argument('what') + ' was worked')
---
event: worked
code: |
  task_said = action_argument('what')
  background_response(task_said)
---
code: |
  task_said = 'not yet'
"""


@contextmanager
def started(mode: str, packages: Path, **environment: str) -> Iterator[Running]:
    with (embedded if mode == "embedded" else distributed)(packages, **environment) as running:
        yield running


def walk(running: Running, outbound: Sink) -> Client:
    """Everything that is kept, and sent, once."""
    client = Client(running.url, "planted:planted.yml")
    client.answer({"whose": f"{MARK} Miller", "mail_to": f"{MARK}@example.com"})
    client.answer({"scan": {"file": {"name": f"{MARK}.png", "type": "image/png", "content": b64(f"scan of {MARK}")}}})
    assert MARK in client.screen["question"]
    until(lambda: any(MARK in one for one in outbound.subjects), "the mail was never sent", seconds=60)

    def told(what: str) -> bool:
        client.get()
        return what in client.screen["subquestion"]

    until(lambda: told("was worked"), "the background action never ended", seconds=60)
    inbox = next(word for word in client.screen["subquestion"].split() if word.endswith("@localhost"))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{MARK}@example.org", inbox, f"Hello {MARK}"
    message.set_content(f"I know {MARK}.")
    with smtplib.SMTP("127.0.0.1", int(running.environment["PARLEY_SMTP_PORT"])) as server:
        server.send_message(message)
    until(lambda: told(f"Heard: Hello {MARK}"), "the mail never came", seconds=60)
    session = client.reply["session"]
    asked = Request(f"{running.url}/document/0?session={session}&format=docx", headers={"Cookie": client.cookie})
    with urlopen(asked) as answer:
        assert MARK in answer.headers["Content-Disposition"]
        assert len(answer.read()) > 1000
    return client


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def database(running: Running) -> bytes:
    uri = running.environment.get("MONGO_URI")
    if uri is None:
        return b""  # it lies in the folder
    with MongoClient(uri) as client:
        found = client.get_default_database()
        return b"".join(bson.encode(one) for name in found.list_collection_names() for one in found[name].find())


def folder(running: Running) -> dict[str, bytes]:
    """Files of the system: its database, what it logged, mail and what else it keeps."""
    return {
        str(path.relative_to(running.folder)): path.read_bytes() for path in running.folder.rglob("*") if path.is_file()
    }


def planted(content: bytes) -> list[str]:
    found = []
    for mark in MARKS:
        at = content.find(mark)
        if at >= 0:
            found.append(repr(content[max(0, at - 60) : at + 60]))
    return found


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("packages")
    write_pack(root, "planted", {"planted": INTERVIEW})
    return root


@pytest.fixture
def outbound() -> Iterator[Sink]:
    with sink() as made:
        yield made


MODES = ["embedded", pytest.param("distributed", marks=[pytest.mark.rabbitmq, pytest.mark.mongodb])]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_planted_is_found_nowhere(mode: str, packages: Path, outbound: Sink) -> None:
    heard = b""
    outgoing = {"PARLEY_OUTGOING_SMTP": outbound.address}
    if mode == "distributed":
        broker = urlsplit(os.environ["AMQP_URI"])
        wire = Proxy(broker.port or 5672, broker.hostname or "127.0.0.1", record=True)
        address = broker._replace(netloc=f"{broker.username}:{broker.password}@127.0.0.1:{wire.port}").geturl()
        outgoing["AMQP_URI"] = address
    with started(mode, packages, **outgoing) as running:
        walk(running, outbound)
        places = {**folder(running), "the database": database(running)}
        if mode == "distributed":
            heard = wire.recorded()
            assert b"parley" in heard or len(heard) > 10_000
            places["the broker's wire"] = heard
    found = {place: planted(content) for place, content in places.items()}
    assert {place: what for place, what in found.items() if what} == {}
