"""Every demo is walked through, screen by screen, on the embedded system with real children and a real store.

``walks.yml`` says what each screen must show and what is answered. A demo without a walk fails.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

import demos
from tests.helpers.embedded import Embedded, NoScreen, Visit, until

DEMOS = Path(demos.__file__).parent / "data" / "questions"
WALKS: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "walks.yml").read_text("utf-8"))


def test_every_demo_has_a_walk() -> None:
    assert {path.name for path in DEMOS.glob("*.yml")} == set(WALKS)


def _asked(visit: Visit) -> str:
    """The question of the screen, or what came instead of one: under load the system may be too busy for a moment, and says so."""
    try:
        return str(visit.show()["question"])
    except NoScreen as instead:
        return str(instead)


@pytest.mark.parametrize("demo", sorted(WALKS))
def test_walk(demo: str, embedded: Embedded) -> None:
    visit = embedded.visit(f"demos:{demo}")
    for number, item in enumerate(WALKS[demo]):
        where = f"{demo}, item {number}"
        if "wait" in item:
            until(lambda item=item: _asked(visit) == item["wait"], f"{where}: {item['wait']!r} never came")
        if "wait_text" in item:
            until(lambda item=item: item["wait_text"] in (visit.show()["subquestion"] or ""), f"{where}: never came")
        if "match" in item:
            assert re.fullmatch(item["match"], visit.screen["question"].strip()), where
        if "screen" in item:
            assert visit.screen is not None, f"{where}: {visit.reply}"
            assert visit.screen["question"].strip() == item["screen"], where
        if "text" in item:
            assert item["text"] in " ".join((visit.screen["subquestion"] or "").split()), where
        if "fields" in item:
            assert [field["variable"] for field in visit.screen["fields"]] == item["fields"], where
        if "command" in item:
            wanted = item["command"]
            until(lambda wanted=wanted: visit.heard(wanted), f"{where}: the page never heard {wanted}")
        if "check_in" in item:
            asked = item["check_in"]
            commands = visit.check_in(asked["values"], changed=asked.get("changed"))
            assert [{key: c[key] for key in ("extra", "value")} for c in commands] == asked["commands"], where
        if "mail" in item:
            embedded.send_mail(visit.screen["question"].split()[-1], subject=item["mail"]["subject"])
        if "action" in item:
            visit.action(item["action"]["name"], item["action"].get("arguments", {}))
        elif "back" in item:
            visit.back()
        elif "set" in item or "button" in item:
            visit.answer(item.get("set", {}), button=item.get("button"))
            if "refused" in item:
                assert set(visit.reply["rejected"]["fields"]) == set(item["refused"]), where
            else:
                assert "rejected" not in visit.reply, f"{where}: {visit.reply.get('rejected')}"


def test_the_same_request_twice_is_one_step(embedded: Embedded) -> None:
    visit = embedded.visit("demos:welcome.yml")
    token, request_id = visit.screen["token"], uuid.uuid4().hex
    for _ in range(2):
        visit.answer({"first_name": "Mia"}, token=token, request_id=request_id)
    assert visit.reply["step"] == 1
    assert visit.screen["question"].strip() == "What do you drink in the morning?"
