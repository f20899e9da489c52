"""What the parent of all children loads before it forks them, and what an interview's own template adds to that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

#: What few interviews use, and what only services do. Each is megabytes of every process that has it, or tenths of a second of each start.
HEAVY = frozenset(
    [
        "PIL",
        "amqp",
        "cryptography",
        "docx",
        "docxtpl",
        "eventlet",
        "fontTools",
        "gevent",
        "http.client",
        "jinja2",
        "kombu",
        "lxml",
        "nameko",
        "num2words",
        "phonenumbers",
        "pikepdf",
        "pycountry",
        "pygments",
        "pymongo",
        "ssl",
        "titlecase",
        "ua_parser",
        "us.states",
        "werkzeug",
    ]
)

_READY = "from shared.runner import engine, zygote; engine.prepare(); engine.warm()"


def loaded(*lines: str) -> set[str]:
    """The modules of a process that has run these lines."""
    code = "\n".join((*lines, "import sys", "print(*sys.modules)"))
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    return set(ran.stdout.split())


def test_children_share_nothing_that_few_of_them_use() -> None:
    found = loaded(_READY)
    assert {"shared.engine.step", "babel.dates", "markdown"} <= found
    assert not found & HEAVY


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("subquestion: ${ device().browser.family }", "ua_parser"),
        ("datatype: phone", "phonenumbers"),
        ("${ quantity_noun(11, 'goat') }", "num2words"),
        ("choices: countries_list()", "pycountry"),
        ("docx template file: letter.docx", "jinja2"),
        ("${ us.states.lookup('TX') }", "us.states"),
        ("${ title_case(name) }", "titlecase"),
    ],
)
def test_what_an_interview_names_is_there_before_its_children_are_forked(text: str, module: str) -> None:
    def after(texts: Iterable[str]) -> set[str]:
        return loaded(_READY, f"from shared.runner import wanted; wanted.warm_for({list(texts)!r})")

    assert after(["question: Hello", text]) & HEAVY >= {module}


def test_an_interview_that_names_nothing_of_it_loads_nothing() -> None:
    lines = (
        "from shared.runner import wanted",
        "print(wanted.warm_for(['question: Hello', 'fields:\\n  - Name: name']))",
    )
    found = loaded(_READY, *lines)
    assert "False" in found
    assert not found & HEAVY
