"""An answer that takes its text's conversion for ever: it held the gateway's only thread for half a minute."""

from __future__ import annotations

import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.attacks.victims import Victim

ECHO = """\
mandatory: True
question: Say something
fields:
  - Text: text
    datatype: area
---
mandatory: True
question: |
  You said
subquestion: |
  ${ text }
"""


@pytest.mark.parametrize(
    "bomb",
    [
        "[BEGIN_TWOCOL][BREAK]" * 1000,
        "[^1]: a\n" * 4000,
        "\\" * 60_000,
        "> " * 40_000,
        "<!--" * 25_000,
        "<" * 30_000 + "a>" * 30_000,
    ],
    ids=range(6),
)
def test_the_page_comes_and_so_do_the_pages_of_others(victim: Victim, bomb: str) -> None:
    client = victim.client(victim.interview("echo", ECHO))
    client.answer({"text": bomb})

    def page() -> int:
        request = urllib.request.Request(
            f"{victim.url}/interview?i=attacker:echo.yml", headers={"Cookie": client.cookie}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert b"You said" in answer.read()
            return int(answer.status)

    def others() -> int:
        with urllib.request.urlopen(f"{victim.url}/healthz", timeout=60) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(2) as threads:
        assert [one.result() for one in (threads.submit(page), threads.submit(others))] == [200, 200]


def test_an_answer_has_a_longest_length(victim: Victim) -> None:
    client = victim.client(victim.interview("echo", ECHO))
    with pytest.raises(RuntimeError, match="422"):
        client.answer({"text": "x" * 100_001})
    client.answer({"text": "x" * 100_000})
    assert "You said" in client.screen["question"]


MANY = """\
mandatory: True
question: Say something
fields:
  - Text: text
    datatype: area
---
mandatory: True
question: |
  You said
subquestion: |
  ${ text }
fields:
  code: |
    [{'note': f'{number} {text}'} for number in range(60)]
---
"""


def test_a_page_of_sixty_of_them_comes(victim: Victim) -> None:
    """Sixty mails, say, each of which takes as long as one text may."""
    client = victim.client(victim.interview("many", MANY))
    client.answer({"text": "[BR]" * 24_000})
    request = urllib.request.Request(f"{victim.url}/interview?i=attacker:many.yml", headers={"Cookie": client.cookie})
    with urllib.request.urlopen(request, timeout=40) as answer:
        assert b"You said" in answer.read()
