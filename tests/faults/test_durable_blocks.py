"""The whole embedded system is killed between the steps of a block that began work: it is done, and done once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import Running, embedded, wait_for
from tests.faults.test_survival import kill
from tests.helpers.embedded import until
from tests.helpers.packs import write_pack
from tests.helpers.smtp_sink import Sink, sink

INTERVIEW = """
mandatory: True
code: |
  ran = 0
---
mandatory: True
code: |
  if not defined('task'):
    task = background_action('work')
  send_email(to='reader@example.com', subject='begun', body='begun')
  first
  second
  send_email(to='reader@example.com', subject='ended', body='ended')
  third
  last
---
question: First?
fields:
  - First: first
---
question: Second?
fields:
  - Second: second
---
question: Third?
fields:
  - Third: third
---
event: last
question: Ran ${ ran }
---
event: work
code: |
  background_response_action('count')
---
event: count
code: |
  ran = ran + 1
  background_response()
"""


@pytest.fixture
def outbound() -> Iterator[Sink]:
    with sink() as made:
        yield made


@pytest.fixture
def system(tmp_path: Path, outbound: Sink) -> Iterator[Running]:
    write_pack(tmp_path, "begun", {"killed": INTERVIEW.strip()})
    with embedded(tmp_path, PARLEY_OUTGOING_SMTP=outbound.address) as running:
        yield running


@pytest.mark.timeout(180)
def test_work_begun_before_a_question_survives_kills_and_is_done_once(system: Running, outbound: Sink) -> None:
    client = Client(system.url, "begun:killed.yml")
    session = client.reply["session"]
    for name, sent in (("first", "begun"), ("second", "begun"), ("third", "ended")):
        # A mail that was being handed over when the system died is tried again only minutes later: not waited for here.
        until(lambda sent=sent: sent in outbound.subjects, "a mail did not leave while its block was waiting")
        kill(system, "embedded")
        wait_for(system.url + "/", system)
        client = Client(system.url, "begun:killed.yml", session=session, cookie=client.cookie)
        assert client.screen["question"].strip() == f"{name.capitalize()}?"
        client.answer({name: "x"})

    def ran() -> bool:
        client.get()
        return client.screen["question"].strip() == "Ran 1"

    until(ran, "the task was lost", seconds=90)
    # A kill between the server's 250 and our note of it repeats a mail; that it is the same one, its id tells.
    assert set(outbound.subjects) == {"begun", "ended"}
    assert len({(str(mail["Subject"]), str(mail["Message-ID"])) for mail in outbound.mails}) == 2
    client.get()
    assert client.screen["question"].strip() == "Ran 1"
