"""Texts through the process that converts them: what people write, and what is written to hold it."""

from __future__ import annotations

import contextvars
import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from shared import markup
from shared.markup import budget
from shared.markup.convert import Source, convert
from shared.runner.marking import Marking

LENGTH = 100_000

#: Each made the conversion take time by the square of its length, or worse, in some version.
BOMBS = {
    "columns without an end": "[BEGIN_TWOCOL][BREAK]",
    "footnotes": "[^1]: a\n",
    "footnote marks": "[^1]",
    "backslashes": "\\",
    "brackets": "[",
    "angles": "<",
    "paragraph tags": "<p>",
    "stars": "*a ",
    "ticks": "`",
    "line ends": "\n",
    "files": "[FILE ",
    "fields": "[FIELD ",
    "codes": "[QR ",
    "elements without an end": "<code",
    "preformatted": "<pre>",
    "quotations": "> ",
    "definitions": "a\n: b\n",
    "underscores": "_a",
    "Markdown in HTML": "<div markdown='1'>",
    "entities": "&#91;",
    "icons": '<i class="fa fa-x ',
    "braces": "{a|",
    "links": "[a](",
    "headings": "a\n=\n",
    "NULs": "\0",
    "places of ours": "\ue000i",
}


@pytest.fixture(scope="module")
def marking() -> Iterator[Marking]:
    made = Marking()
    yield made
    made.close()


def test_it_says_what_the_conversion_says(marking: Marking) -> None:
    for text in (
        "*a* and **b**",
        "|a|b|\n|-|-|\n|1|2|",
        "[FILE 3, 50%] :star: {term}",
        "<b>x</b> & y",
        "# T\n\n- a\n- b",
    ):
        source = Source(text=text, terms=("term",), table_class="t", host="example.org", files=True, icons=True)
        assert marking(source) == convert(source)
    assert marking.ended == 0


@pytest.mark.parametrize("name", BOMBS)
def test_a_text_that_takes_too_long_is_shown_as_paragraphs(marking: Marking, name: str) -> None:
    """It comes back, whatever it is: nobody waits longer than the limit, and the next text is converted again."""
    bomb = BOMBS[name]
    made = marking(
        Source(
            text=(bomb * (LENGTH // len(bomb) + 1))[:LENGTH], files=True, icons=True, terms=("a",), auto_terms=("b",)
        )
    )
    assert isinstance(made.html, str)
    assert marking(Source(text="*a*")).html == "<p><em>a</em></p>"


def test_made_up_texts_come_back(marking: Marking) -> None:
    """Pieces of all that means something, in any order. `PARLEY_FUZZ` says how many."""
    pieces = [
        *BOMBS.values(),
        "[END_TWOCOL]",
        "[TARGET a]",
        ")",
        "](x)",
        "|-|",
        "    ",
        "```\n",
        "[x]: y\n",
        "*[a]: b\n",
        "é",
        " ",
        "]",
        ">",
    ]
    maker = random.Random(7)
    for _ in range(int(os.environ.get("PARLEY_FUZZ", "60"))):
        text = "".join(maker.choice(pieces) * maker.choice((1, 2, 50)) for _ in range(maker.randrange(1, 200)))
        made = marking(Source(text=text, files=True, icons=True, terms=("a",), auto_terms=("b", "c")))
        assert isinstance(made.plain, str)


def test_a_process_that_died_is_replaced(marking: Marking) -> None:
    marking(Source(text="*a*"))
    for process in marking.spares.waiting():
        os.kill(process.pid, signal.SIGKILL)
        while process.alive():
            time.sleep(0.01)
    assert marking(Source(text="*b*")).plain == "b"
    assert marking(Source(text="*b*")).html == "<p><em>b</em></p>"


def test_the_page_fills_the_places(marking: Marking) -> None:
    markup.use(marking)
    try:

        def file_tag(reference: str, width: str | None, alt: str | None) -> str | None:
            return None if reference == "9" else f"<img {reference} {width} {alt}>"

        page = markup.MarkupContext(file_tag=file_tag, icon=lambda name: "<svg>" if name == "star" else None)
        assert (
            markup.to_html("[FILE 3, 50%, Moon] :star: :none: *x*", page)
            == "<p><img 3 50% Moon> <svg> :none: <em>x</em></p>"
        )
        assert markup.to_html("[FILE 9] *x*", page) == "<p>[FILE 9] <em>x</em></p>"
        assert markup.to_html("\ue000istar\ue001 *x*", page) == "<p>istar <em>x</em></p>", "nobody else makes places"
    finally:
        markup.use(convert)


@pytest.fixture(autouse=True)
def a_new_page() -> None:
    """What other tests in this thread spent is of their pages."""
    budget.begin(60.0)


def bombs(count: int) -> list[Source]:
    return [Source(text=f"{number} " + "[BR]" * 24_000) for number in range(count)]


def test_all_texts_of_a_page_have_a_limit_together() -> None:
    made = Marking(seconds=0.2)

    def page() -> None:
        budget.begin(0.5)
        texts = [made(one) for one in bombs(20)]
        assert all("<p>" in one.html for one in texts)
        assert made(Source(text="*short*")).html == "<p><em>short</em></p>", "what people write looks as ever"

    made(Source(text="*warm*"))
    contextvars.copy_context().run(page)
    assert made.ended <= 3
    made.close()


def test_a_text_that_took_too_long_is_not_tried_again() -> None:
    made = Marking(seconds=0.06)  # less than any machine takes for it
    [bomb] = bombs(1)
    assert made(bomb).html == made(bomb).html
    assert made.ended == 1
    made.close()
