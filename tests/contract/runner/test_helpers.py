"""Processes that make one thing after the other outlive whoever wanted the first thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from shared.runner.helpers import Helper
from shared.runner.making import Making
from shared.runner.wire import WireError

#: Long enough for a signal that is on its way, and for the process to be seen as ended.
_MOMENT = 0.3


@pytest.fixture
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _text(text: str) -> dict[str, object]:
    return {"work": "text", "format": "html", "markdown": text, "name": "Letter", "metadata": {}}


def test_the_thread_that_wanted_the_first_document_may_end(making: Making) -> None:
    """The kernel kills "with the parent" when the *thread* ends that started the process."""
    one = threading.Thread(target=making.make, args=(_text("One"),))
    one.start()
    one.join()
    (process,) = making.spares.waiting()
    time.sleep(_MOMENT)
    assert process.alive()
    assert b"Two" in making.make(_text("Two"))
    assert making.spares.waiting() == [process]


def test_a_process_that_cannot_be_started_is_told_to_whoever_wanted_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.runner.helpers.sys.executable", "/there/is/none")
    with pytest.raises(FileNotFoundError):
        Helper("shared.runner.making", "/tmp", patience=1)


def test_one_that_ends_before_it_is_ready_is_said_to_be_gone() -> None:
    helper = Helper("shared.runner.there_is_none", patience=10)
    try:
        with pytest.raises(WireError):
            helper.ask({"order": {}}, seconds=10)
    finally:
        helper.close()
    assert not helper.alive()
