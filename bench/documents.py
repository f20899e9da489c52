"""What documents cost: Markdown to PDF, a DOCX template, a PDF form of 100 fields, fifty letters at once; milliseconds.

    python -m bench.documents

The processes that make documents are those of a running system; the template is filled in here, as in the process of an interview.
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pikepdf
from pikepdf import Array, Dictionary, Name, String

from services.cli.replay import MemoryFiles
from shared.engine.request import DocumentWanted, Request
from shared.engine.step import step
from shared.language.library import Library
from shared.language.sources import Sources
from shared.runner.making import Making
from shared.state.session import State

PAGE = "[CENTER] Part {0}\n\n" + "The quick brown fox jumps over *the lazy dog* for the {0}th time. " * 55 + "\n\n"
AGAIN = 9


def letter(pages: int, number: int = 0) -> Mapping[str, Any]:
    text = f"Letter {number}\n\n" + "[PAGEBREAK]\n\n".join(PAGE.format(page) for page in range(pages))
    metadata = {"SingleSpacing": True, "FooterCenter": "Page [PAGENUM]"}
    return {"work": "text", "format": "pdf", "markdown": text, "name": "Letter", "language": "en", "metadata": metadata}


def form(number: int) -> Mapping[str, Any]:
    with pikepdf.new() as pdf:
        page, fields = pdf.add_blank_page(page_size=(612, 792)), []
        for at in range(100):
            left, low = 36 + 270 * (at % 2), 740 - 14 * (at // 2)
            look = String("/Helv 0 Tf 0 g")
            one = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String(f"f{at}"), DA=look, F=4)
            one["/Rect"] = [left, low, left + 250, low + 12]
            fields.append(pdf.make_indirect(one))
        page["/Annots"] = Array(fields)
        pdf.Root["/AcroForm"] = Dictionary(Fields=Array(fields))
        made = io.BytesIO()
        pdf.save(made)
    values = {f"f{at}": f"value {at} of {number}" for at in range(100)}
    return {"work": "form", "content": made.getvalue(), "fields": values, "editable": False}


def median(make: Callable[[int], object]) -> float:
    """Milliseconds of one; each is another document, so that nothing is remembered."""
    make(-1)
    took = []
    for number in range(AGAIN):
        begun = time.perf_counter()
        make(number)
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


class _Template(MemoryFiles):
    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        made = docx.Document()
        for text in ("Dear {{ name }},", "{%p for one in numbers %}", "Number {{ one }}", "{%p endfor %}"):
            made.add_paragraph(text)
        out = io.BytesIO()
        made.save(out)
        return reference, out.getvalue()


def template() -> Callable[[int], object]:
    """Fill in a DOCX template of forty paragraphs, as a download does: a step that shows the screen and makes the file."""
    source = (
        "mandatory: True\ncode: |\n  name, numbers = 'Ada', list(range(40))\n---\n"
        "mandatory: True\nquestion: Done\nattachment:\n  docx template file: letter.docx\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder, "bench", "data", "questions")
        questions.mkdir(parents=True)
        questions.joinpath("letter.yml").write_text(source)
        interview = Library(Sources([folder])).load("bench:letter.yml")
    files, state = _Template(), State()

    def make(number: int) -> object:
        wanted = DocumentWanted(number=0, format="docx")
        request = Request(now=datetime(2026, 3, 1, tzinfo=UTC), seed=number, files=files, document=wanted)
        outcome = step(interview, state, request)
        assert outcome.failure is None, outcome.failure
        return outcome

    return make


def main() -> None:
    making = Making(most=2)
    try:
        begun = time.perf_counter()
        making.make(letter(1))
        print(f"the first document, its process with it   {(time.perf_counter() - begun) * 1000:8.0f} ms")
        print(f"Markdown to PDF, 2 pages                  {median(lambda n: making.make(letter(2, n))):8.0f} ms")
        print(f"Markdown to PDF, 30 pages                 {median(lambda n: making.make(letter(30, n))):8.0f} ms")
        print(f"DOCX template of 40 paragraphs            {median(template()):8.0f} ms")
        print(f"PDF form of 100 fields                    {median(lambda n: making.make(form(n))):8.0f} ms")
        with ThreadPoolExecutor(50) as many:
            begun = time.perf_counter()
            list(many.map(lambda n: making.make(letter(2, 1000 + n)), range(50)))
            print(f"50 letters of 2 pages at once, all of them{(time.perf_counter() - begun) * 1000:8.0f} ms")
    finally:
        making.close()


if __name__ == "__main__":
    main()
