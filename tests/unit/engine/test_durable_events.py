"""Initial code, events, scheduled events, check-ins and response actions that are interrupted: cases 14 to 17 of docs/adr/0019-durable-blocks.md."""

from __future__ import annotations

import pytest

from tests.unit.engine.durable import MAIL, Case, code, counts, named
from tests.unit.engine.saved import Open

CASES = (
    Case(
        "14a",
        "in initial code",
        code(MAIL, head="initial: True")
        + "\n---\n"
        + code("a", "first", "last")
        + "\n---\n"
        + code("a = 1", head="comment: none"),
        ("show", "fill"),
        (1, 2, 3),
    ),
    Case(
        "14b",
        "in initial code that asks",
        code(MAIL, "first", head="initial: True") + "\n---\n" + code("last"),
        ("show", "show", "fill", "show"),
        (1, 1, 1, 1, 2),
    ),
    Case(
        "15",
        "an event that ends in a screen",
        code("first", "last")
        + "\n---\n"
        + code(MAIL, "result", head="event: work")
        + "\n---\nevent: result\nquestion: Result",
        ("act work", "show", "show", "act work", "show", "other act work", "other show"),
        (0, 1, 1, 1, 2, 2, 3, 3),
    ),
    Case(
        "16",
        "an event that asks two questions",
        code("last") + "\n---\n" + code(MAIL, "first", "second", head="event: work"),
        ("act work", "show", "fill", "fill", "show"),
        (0, 1, 1, 1, 1, 1),
    ),
    Case(
        "17a",
        "a scheduled event, each time it runs",
        code("last")
        + "\n---\n"
        + code(MAIL, "other", head="event: cron_daily")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("cron cron_daily", "cron cron_daily", "show"),
        (0, 1, 2, 2),
    ),
    Case(
        "17b",
        "a scheduled event that ends at a question",
        code("last") + "\n---\n" + code(MAIL, "first", head="event: cron_daily"),
        ("cron cron_daily", "cron cron_daily"),
        (0, 1, 2),
    ),
    Case(
        "17c",
        "a check-in",
        code("first")
        + "\n---\n"
        + code(MAIL, "other", "background_response()", head="event: look")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("check look", "check look", "show"),
        (0, 1, 2, 2),
    ),
    Case(
        "17d",
        "a response action",
        code("last")
        + "\n---\n"
        + code(MAIL, "other", "background_response()", head="event: answer")
        + "\n---\n"
        + code("other = 1", head="comment: none"),
        ("callback answer", "callback answer"),
        (0, 1, 2),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_case(case: Case, open_session: Open) -> None:
    assert counts(case, open_session) == case.counts
