"""``parley phrases FILE LANGUAGE``: a spreadsheet of an interview's phrases, for a translator (admin.md, "translation file").

One row for each phrase, with what the interview's own `translations` say of it already; phrases of those files that the interview does
not have (any more) come last. The spreadsheet goes to ``--output``. Exit status: 0, or 2 for an interview that does not load.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from services.cli.check import named
from services.settings import load
from shared.engine.documents import spreadsheet
from shared.language import phrases
from shared.language.errors import LanguageError
from shared.language.library import Library
from shared.language.model import Interview
from shared.language.sources import Sources
from shared.language.text import AnyText

HEADER: Final = ["interview", "question_id", "index_num", "hash", "orig_lang", "tr_lang", "orig_text", "tr_text"]
#: Numbers of phrases that are not in the interview begin here.
_LEFT: Final = 1000


def write(file: str, language: str, output: str | None) -> int:
    try:
        sources, name = named(file, Sources(load(need_secret=False).packages))
        library = Library(sources)
        interview = library.load(name)
    except LanguageError as error:
        print(f"parley: {error}", file=sys.stderr)
        return 2
    path = Path(output or f"{name.rpartition(':')[2].rpartition('/')[2].partition('.')[0]}-{language}.xlsx")
    path.write_bytes(
        spreadsheet.write(HEADER, rows(interview, library.sources, language), title="Phrases", freeze=True)
    )
    print(path)
    return 0


def rows(interview: Interview, sources: Sources, language: str) -> list[list[object]]:
    """The lines below `HEADER`."""

    def find(reference: str) -> tuple[str, bytes]:
        try:
            path = sources.reference(reference, "sources", interview.name.partition(":")[0]).path
        except LanguageError as error:
            raise FileNotFoundError(str(error)) from None
        return path.name, path.read_bytes()

    known = phrases.read_all(interview.translations, find).get(language, {})
    made, seen = list[list[object]](), set[str]()
    for block in interview.blocks:
        new = {phrases.key(text): text for text in _texts(block) if text.strip() and phrases.key(text) not in seen}
        seen |= new.keys()
        of = interview.default_language if block.language == "*" else block.language
        made += [
            _row(block.place.file, block.name, n, of, language, text, known) for n, text in enumerate(new.values())
        ]
    parts = (interview.default_parts, interview.validation_messages, interview.interview_help, interview.terms)
    shared = {phrases.key(text): text for part in parts for text in _texts(part) if phrases.key(text) not in seen}
    seen |= shared.keys()
    made += [
        _row(interview.name, "", n, interview.default_language, language, text, known)
        for n, text in enumerate(shared.values())
    ]
    left = [text for text in known if text not in seen]
    of = interview.default_language
    return made + [_row(interview.name, "", _LEFT + n, of, language, text, known) for n, text in enumerate(left)]


def _row(
    file: str, question: str, number: int, of: str, language: str, text: str, known: Mapping[str, str]
) -> list[object]:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return [file, question, number, digest, of, language, text, known.get(phrases.key(text), "")]


def _texts(value: object) -> Iterator[str]:
    """The sources of all texts of an author's in `value`, in their order."""
    if isinstance(value, AnyText):
        yield value.source
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
