"""Leaving by `exit` erases the session wherever it is said: nothing stays in the store, and the browser begins anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.vault.ports import KeyAway
from tests.helpers.embedded import Embedded, Visit, until
from tests.helpers.packs import write_pack

EXITS = """
mandatory: True
code: |
  multi_user = True
  allow_cron = True
---
mandatory: True
question: |
  Write to ${ interview_email() }
buttons:
  - Leave: leave
  - Exit: exit
  - Exit and log out: exit_logout
---
event: done
code: |
  command('exit')
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("exits")
    write_pack(folder, "exits", {"exits": EXITS})
    running = Embedded(folder / "var", packages=folder)
    yield running
    running.stop()


def gone(system: Embedded, visit: Visit) -> bool:
    try:
        return system.system.store.sessions.load(visit.session) is None
    except KeyAway:  # it is there, and sealed
        return False


def press(visit: Visit, label: str) -> None:
    index = [one["label"] for one in visit.screen["buttons"]].index(label)
    visit.answer({}, button={"index": index, "label": label})


@pytest.mark.parametrize("label", ["Exit", "Exit and log out"])
def test_the_button_erases_the_session(system: Embedded, label: str) -> None:
    visit = system.visit("exits:exits.yml")
    address = visit.show()["question"].removeprefix("Write to ").partition("@")[0]
    assert system.system.store.mails.find(address) is not None
    press(visit, label)
    assert gone(system, visit)
    assert system.system.store.mails.find(address) is None, "mail to it is refused from now on"


def test_the_button_that_leaves_keeps_it(system: Embedded) -> None:
    visit = system.visit("exits:exits.yml")
    press(visit, "Leave")
    assert not gone(system, visit)


def test_an_action_erases_the_session(system: Embedded) -> None:
    visit = system.visit("exits:exits.yml")
    visit.action("done", {})
    until(lambda: gone(system, visit), "the session is still there")
