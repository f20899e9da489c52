"""What takes long to be made: whoever asked may go, and whoever asks again gets it, or hears what went wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pypdfium2
import pytest

from shared.documents.ports import BadSource, StillMaking
from shared.runner.making import Making


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _order(pages: int) -> Mapping[str, Any]:
    text = "[PAGEBREAK]\n\n".join(f"Page {number}\n\n" + "word " * 300 + "\n\n" for number in range(pages))
    return {"work": "text", "format": "pdf", "markdown": text, "name": "Letter", "metadata": {"SingleSpacing": True}}


def _fetched(making: Making, order: Mapping[str, Any], *, patience: float) -> tuple[bytes, int]:
    """The document, and how often it had to be asked for."""
    for times in range(1, 2000):
        try:
            return making.make(order, patience=patience), times
        except StillMaking:
            time.sleep(0.05)
    raise AssertionError("it is never there")


def test_whoever_does_not_wait_gets_it_later(making: Making) -> None:
    order = _order(60)
    made, times = _fetched(making, order, patience=0.001)
    assert times > 1
    assert len(pypdfium2.PdfDocument(made)) == 60
    assert making.make(order, patience=0.001) == made  # remembered


def test_what_goes_wrong_meanwhile_is_told_too(making: Making) -> None:
    with pytest.raises(BadSource, match="no such work"):
        _fetched(making, {"work": "sorcery"}, patience=0.001)
