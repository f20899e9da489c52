"""``python -m tests.documents_corpus``: what is read in the documents of the recorded interviews, against what they were made of.

Every document on the last screen of an example is made, by the process that makes them on a server, in each format that it is offered in.
Its words are then read back by other programs than those that wrote them, and must be those of its Markdown (of a form: of its fields)
without markup: none missing, none besides, but for headers, footers and numbers. Prints a line for each document that differs.

The interviews are those of `tests.corpus`. ``--only REGEX``: those examples; ``--pictures FOLDER``: the first page of each PDF file.
Exit status: 0 as it should be, 1 not, 2 the interviews are not there.
"""

from __future__ import annotations

import argparse
import html
import io
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from services.cli.replay import FINAL, MAX_SCREENS, Session, open_session
from shared.engine.outcome import Outcome
from shared.engine.request import Answer, DocumentWanted, Request
from shared.engine.step import step
from shared.language.errors import LanguageError
from shared.runner.making import Making
from tests import corpus

#: Formats that are read back.
FORMATS = ("pdf", "docx", "rtf")
_WORD = re.compile(r"[^\W_]+")
#: Markup of documents that stands for no words.
_TAG = re.compile(
    r"\[(?:[A-Z_]{2,}|INDENTBY [^\]]*)\]|\[(?:FILE|QR) [^\]]*\]|^\s*\|?[-:| ]+\|[-:| ]*$|<br ?/?>|<!--.*?-->",
    re.M | re.S,
)
#: Values of fields that are boxes.
_PRESSED = frozenset(("True", "False", "Yes", "No", "On", "Off"))
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?")
_LINK = re.compile(r"\[([^\]]*)\]\((?:[^()\s]+(?:\s+\"[^\"]*\")?)\)")
_RAW = re.compile(r"\[(?:BR|TAB|NBSP|ENDASH|EMDASH|HYPHEN|BLANK|BLANKFILL|NEWPAR|SKIPLINE)\]")


class Orders:
    """What makes documents, and the last order that it was given."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self.last: Mapping[str, Any] = {}

    def make(self, order: Mapping[str, Any]) -> bytes:
        self.last = order
        return self._making.make(order)


def words(markdown: str) -> Counter[str]:
    """The words of a text without its markup."""
    text = _RAW.sub(" ", markdown)
    text = _LINK.sub(r"\1", _IMAGE.sub(" ", _TAG.sub(" ", text)))
    text = re.sub(r"^(\s*)(?:\d+|#|\(?@[\w-]*\)?)[.)]?(?=\s)", r"\1", text, flags=re.M)  # numbers of lists
    text = re.sub(r"\[\^[^\]]+\]:?", " ", text)
    return Counter(_WORD.findall(html.unescape(text).replace("\\", "")))


def read(content: bytes, format: str) -> Counter[str]:
    """The words of a file."""
    if format == "pdf":
        if not content.startswith(b"%PDF"):
            return Counter([f"no-PDF:{content[:20]!r}"])
        with pikepdf.open(io.BytesIO(content)) as pdf:  # what stands in fields belongs to what is read
            pdf.flatten_annotations("all")
            flat = io.BytesIO()
            pdf.save(flat)
        with pypdfium2.PdfDocument(flat.getvalue()) as document:
            pages = [page.get_textpage().get_text_range() for page in document]
        text = (
            re.sub("(?:\ufffe|\xad|-)\r?\n?", "", "\n".join(pages)) if "\ufffe" in "".join(pages) else "\n".join(pages)
        )
    elif format == "docx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name).decode() for name in archive.namelist() if _TEXTS.match(name)]
        pieces = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>|(</w:p>|<w:tab/>|<w:br */>)", "".join(parts))
        text = html.unescape("".join(" " if between else piece for piece, between in pieces))
    else:
        text = _of_rtf(content.decode())
    return Counter(_WORD.findall(text))


def _of_rtf(text: str) -> str:
    """The text of an RTF file without its tables of fonts and colours. Pandoc's own reader loses letters after quotation marks."""
    text = re.sub(r"\{\\(?:fonttbl|colortbl)(?:[^{}]|\{[^{}]*\})*\}", " ", text)
    text = re.sub(r"\\u(-?\d+) ?(?:\\'..|.)", lambda found: chr(int(found[1]) % 65536), text, flags=re.S)
    text = re.sub(r"\\(?:par|line|tab|cell|row)\b ?", " ", text)
    return re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", re.sub(r"\\([\\{}])", " ", text))


_TEXTS = re.compile(r"word/(?:document|footnotes|endnotes|header\d*|footer\d*)\.xml\Z")


@dataclass
class Assembling(Session):
    """A replayed session whose documents are made as on a server."""

    making: Orders | None = None

    def request(self, answer: Answer | None = None) -> Request:
        return replace(super().request(answer), documents=self.making)


def last_screen(session: Session, answers: Sequence[Mapping[str, Any]]) -> Outcome:
    """The last screen that the recorded answers lead to."""
    outcome, remaining = session.show(), iter(answers)
    for _ in range(MAX_SCREENS):
        given = next(remaining, None)
        if outcome.screen is None or outcome.screen.kind in FINAL or given is None:
            break
        outcome = session.answer(outcome.screen, given)
    return outcome


@dataclass(frozen=True, slots=True)
class Made:
    """A file, the words that it was made of, and those of its headers and footers."""

    name: str
    format: str
    content: bytes
    words: Counter[str]
    margins: Counter[str]


def documents(session: Session, making: Orders) -> Iterator[Made]:
    """Each document of the screen that is shown, in each format."""

    def run(**more: Any) -> Outcome:
        return step(session.interview, session.state, replace(session.request(), **more))

    shown = run().screen
    for number, one in enumerate(shown.attachments if shown is not None else ()):
        for format in FORMATS:
            if "*" not in one["formats"] and format not in one["formats"]:
                continue
            making.last = {}
            outcome = run(document=DocumentWanted(number=number, format=format))
            if outcome.failure is not None or outcome.screen is None:
                raise corpus.CorpusError(outcome.failure.message if outcome.failure else "no screen")
            if not one["content"] and making.last.get("work") != "form":
                continue  # files that were there before
            if "file" not in outcome.screen.response:
                continue  # there is no such file here: a PDF beside a DOCX file without LibreOffice
            if making.last.get("work") == "form":
                fields = [
                    str(value)
                    for value in making.last["fields"].values()
                    if str(value) not in _PRESSED and not str(value).startswith("[FILE")
                ]
                wanted = Counter(_WORD.findall(" ".join(fields)))
            else:
                wanted = words(str(one["content"]))
            margins = [str(value) for value in dict(making.last.get("metadata") or {}).values()]
            file = session.files.read(outcome.screen.response["file"]["number"])
            yield Made(one["name"], format, file, wanted, words("\n".join(margins)))


def differences(
    making: Orders, path: Path, record: Mapping[str, Any], pictures: Path | None
) -> Iterator[tuple[str, str]]:
    """Of each file of an example: which it is, and what is wrong with it (nothing, if all is well)."""
    opened = open_session(path)
    session = Assembling(opened.interview, opened.files, making=making)
    last_screen(session, record["answers"])
    for one in documents(session, making):
        found = read(one.content, one.format)
        missing, besides = one.words - found, set(found) - set(one.words) - set(one.margins)
        besides = {word for word in besides if not word.isdigit() and making.last.get("work") != "form"}
        said = [
            f"{what}: {' '.join(list(some)[:12])}"
            for what, some in (("missing", missing), ("besides", besides))
            if some
        ]
        yield f"{path.name} {one.name!r} {one.format}", "; ".join(said)
        if pictures is not None and one.content.startswith(b"%PDF"):
            pictures.mkdir(parents=True, exist_ok=True)
            picture = making.make({"work": "picture", "content": one.content, "width": 500})
            named = re.sub(r"\W+", "_", f"{path.stem}-{one.name}")
            pictures.joinpath(f"{named}.png").write_bytes(picture)


def examples(scripts: Path, folder: Path, only: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Those with documents: of tier T4, and what the page on documents shows."""
    for record in corpus.records(scripts):
        path = folder / corpus.EXAMPLES / record["file"]
        if not path.is_file() or not re.search(only, record["file"]):
            continue
        if record["tier"] == "T4" or "documents.html" in path.read_text("utf-8"):
            yield path, record


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default="", help="a regular expression for the names of examples")
    parser.add_argument("--pictures", type=Path, help="a folder for the first pages")
    given = parser.parse_args(arguments)
    scripts, folder = corpus.tools(), corpus.folder()
    if scripts is None or not (folder / corpus.EXAMPLES).is_dir():
        print("the interviews are not there: `make corpus` fetches them", file=sys.stderr)
        return 2
    making, same, wrong = Making(most=1), 0, 0
    try:
        for path, record in examples(scripts, folder, given.only):
            try:
                for what, said in differences(Orders(making), path, record, given.pictures):
                    same, wrong = same + (not said), wrong + bool(said)
                    if said:
                        print(f"{what}: {said}")
            except (corpus.CorpusError, LanguageError) as error:
                wrong += 1
                print(f"{path.name}: {str(error)[:300]}")
    finally:
        making.close()
    print(f"{same} files say what they were made of, {wrong} do not")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
