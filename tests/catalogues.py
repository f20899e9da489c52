"""``python -m tests.catalogues``: brings the catalogues of `shared/catalogue` up to date with the texts in the code.

New texts come into each ``parley.po`` without a translation (the unit test names them), texts that are gone go, and each ``parley.mo``
is made anew. ``python -m tests.catalogues es LINES`` fills the untranslated texts of a language from a file: one line a text, in
the order of the catalogue, plural forms with `` | `` between them.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from shared.catalogue.catalogues import DOMAIN, FOLDER

ROOT = Path(__file__).parents[1]
KEYWORDS = {"N_": None, "word": None, "counted": (2, 3), "counted_": (1, 2)}
MAY_SAY = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})\s*\(")
#: Of every catalogue: a date that changed with each run would hide what did change.
DATE = datetime(2026, 1, 1, tzinfo=UTC)
Text = str | tuple[str, str]


def texts() -> dict[Text, str]:
    """What the product says, marked in the code, and in which file first; sorted by file."""
    found: dict[Text, str] = {}
    for path in (path for folder in ("services", "shared") for path in sorted((ROOT / folder).rglob("*.py"))):
        if not MAY_SAY.search(path.read_text("utf-8")):  # which is quicker than reading them for words
            continue
        for _, text, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
            key = tuple(text) if isinstance(text, tuple | list) else text
            markup = isinstance(key, str) and key.isalpha() and key.isupper()  # a tag of documents
            if key and any(key) and not markup:
                found.setdefault(key, str(path.relative_to(ROOT)))
    plurals = {one for key in found if isinstance(key, tuple) for one in key}
    return {key: file for key, file in found.items() if key not in plurals}


def files() -> Iterator[Path]:
    yield from sorted(FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=file.parent.parent.name)


def as_mo(catalogue: Catalog) -> bytes:
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def updated(old: Catalog, language: str) -> Catalog:
    made = Catalog(locale=language, project="parley", version="1", fuzzy=False, charset="utf-8", header_comment="")
    made.last_translator = made.language_team = made.msgid_bugs_address = "Parley"
    made.creation_date = made.revision_date = DATE
    for text, file in texts().items():
        known = old.get(text if isinstance(text, str) else text[0])
        made.add(text, known.string if known is not None and known.id == text else None, locations=[(file, 1)])
    return made


def fill(catalogue: Catalog, lines: list[str]) -> None:
    left = [one for one in catalogue if one.id and not all(one.string if one.pluralizable else (one.string,))]
    if len(left) != len(lines):
        raise SystemExit(f"{catalogue.locale}: {len(lines)} lines for {len(left)} texts")
    for message, line in zip(left, lines, strict=True):
        message.string = tuple(line.split(" | ")) if message.pluralizable else line


def write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        write_po(opened, catalogue, width=130, include_lineno=False)
    file.with_suffix(".mo").write_bytes(as_mo(catalogue))


def main(arguments: list[str]) -> None:
    languages = arguments[:1] or [file.parent.parent.name for file in files()]
    for language in languages:
        file = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        catalogue = updated(read(file) if file.exists() else Catalog(locale=language), language)
        if arguments[1:]:
            fill(catalogue, Path(arguments[1]).read_text("utf-8").splitlines())
        write(file, catalogue)


if __name__ == "__main__":
    main(sys.argv[1:])
