"""What users type stands in texts that are converted for everybody: it must cost no more than its length."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from shared.markup import to_html, to_plain

PIECES = [
    *("[", "![", "[a](", "[FILE ", "[[", "(", "<", "<a ", "<!--", "*a", "**a", "_a ", "`", "{", "\\", "&"),
    *("> ", "- ", "1. ", "|a", "a\n-|-\n", "[a]: b\n", "=\n", "-\n", "*[a]:b\n", "[^a]", "<div>\n", "~~~\n", "a\n:b\n"),
]


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Seconds of the processor, so that a busy machine changes nothing: the slow ones took minutes."""

    def over(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"it took more than {seconds} s")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_of_one_piece_is_converted(piece: str) -> None:
    with at_most(5):
        made = to_html(piece * (10_000 // len(piece)))
    assert isinstance(made, str)


@pytest.mark.parametrize("text", ["[a](http://[x/)", "[a]: http://[x\n\n[a]", "<http://[x>", "[a](http://[::1)"])
def test_what_is_no_address_breaks_no_page(text: str) -> None:
    assert "<a " in to_html(text)


def test_brackets_that_nobody_closes_look_the_same() -> None:
    text = "I said: " + "[" * 60 + " (" * 60 + " <" * 60 + " **indeed**"
    made = to_html(text)
    assert to_plain(text).replace(" ", "") == text.replace("*", "").replace(" ", "")
    assert "<strong>indeed</strong>" in made


def test_a_page_of_many_links_stays_one() -> None:
    made = to_html("\n".join(f"- [link {number}](https://example.com/{number}) (see there)" for number in range(300)))
    assert made.count("<a ") == 300


def test_lists_in_lists_without_end_are_text() -> None:
    assert "1. 1. 1." in to_plain("1. " * 2000)
    assert to_html("*after it*") == "<p><em>after it</em></p>"
