"""Names of ``images`` in texts of screens and documents (markup.md, "Inserting images", "Inserting inline icons")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.cli.replay import MemoryFiles
from shared.engine.request import DocumentWanted
from tests.unit.engine.play import Play
from tests.unit.engine.test_assembled import Printer
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

IMAGES = "image sets:\n  farm:\n    attribution: Drawn by us\n    images:\n      cow: animals/cow.svg\n---\n"


@pytest.fixture
def ordered(play: Open, pack: Pack) -> Callable[[str], Any]:
    """What is ordered for the PDF of a document that says this."""
    pack.write("<svg/>", "data/static/animals/cow.svg")

    def order(text: str) -> Any:
        printer = Printer()
        played = play(
            f"{IMAGES}mandatory: True\nquestion: Done\nattachment:\n  name: Letter\n  content: |\n    {text}\n",
            files=MemoryFiles(pack.sources, "pack"),
            documents=printer,
        )
        outcome = played.run(document=DocumentWanted(number=0, format="pdf"))
        assert outcome.failure is None, outcome.failure
        return printer.orders[-1]

    return order


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[FILE cow]", "![cow.svg](parley-file-0)"),
        ("[FILE cow, 50%, A cow]", "![A cow](parley-file-0){width=50%}"),
        ("Say :cow: moo", "Say ![cow](parley-file-0){width=0.17in} moo"),
    ],
)
def test_documents_show_them(ordered: Callable[[str], Any], text: str, shown: str) -> None:
    order = ordered(text)
    assert order["markdown"].strip() == shown
    assert list(order["files"].values()) == [b"<svg/>"]


@pytest.mark.parametrize("text", ["At 10:cows:30", "[NO_EMOJIS] :cow:", ":horse:"])
def test_other_words_between_colons_stay(ordered: Callable[[str], Any], text: str) -> None:
    order = ordered(text)
    assert order["markdown"].strip().endswith(text.rpartition("] ")[2])
    assert order["files"] == {}


@pytest.mark.parametrize(
    "part",
    [
        "subquestion: '[FILE cow, 100%]'",
        "subquestion: ':cow:'",
        "under: '[FILE cow]'",
        "terms:\n  look: '[FILE cow]'",
        "auto terms:\n  look: ':cow:'",
        "help: '[FILE cow]'",
    ],
)
def test_screens_say_where_they_are(play: Open, part: str) -> None:
    played = play(f"{IMAGES}mandatory: True\nquestion: Look\n{part}\n")
    assert played.screen.options["images"] == {"cow": "pack:data/static/animals/cow.svg"}
    assert played.screen.options["attributions"] == ["Drawn by us"]
