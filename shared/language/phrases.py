"""Files of translated phrases, XLSX or XLIFF, that an interview names in ``translations`` (initial.md "Translation files").

A file is data: it is read within bounds, and what is no translation in it is passed over. Columns of a spreadsheet: admin.md "Download an
interview phrase translation file". XLIFF: version 1.2 (``trans-unit``) and 2 (``segment``). Not for: when a phrase is spoken (the engine).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final
from xml.etree import ElementTree

#: Bytes of one part of a file, unpacked. A large interview has 2 MB of phrases.
MOST: Final = 32 * 2**20
#: A translation by language, of a phrase as `key` has it.
Phrases = dict[str, dict[str, str]]

_WORKBOOK: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


class BadPhrases(ValueError):
    """The file cannot be read as what its name says it is; the message says why."""


def key(phrase: str) -> str:
    """A phrase as it is looked up: editors of spreadsheets write ends of lines, and spaces around a text, in their own way."""
    return phrase.replace("\r\n", "\n").strip()


def read(name: str, content: bytes) -> Phrases:
    """Raises `BadPhrases`."""
    lowered = name.lower()
    try:
        if lowered.endswith(".xlsx"):
            return _table(_spreadsheet(content))
        if lowered.endswith((".xlf", ".xliff")):
            return _table(_units(_parsed(content)))
    except (
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise BadPhrases(f"{name} cannot be read: {error}") from None
    raise BadPhrases(f"{name} is neither an XLSX nor an XLIFF file")


def _table(rows: Iterable[tuple[str, str, str]]) -> Phrases:
    """From language, phrase and translation. What is not translated yet is left out."""
    found: Phrases = {}
    for language, phrase, translation in rows:
        if language.strip() and phrase.strip() and translation.strip():
            found.setdefault(language.strip(), {})[key(phrase)] = translation.replace("\r\n", "\n")
    return found


def _parsed(content: bytes) -> ElementTree.Element:
    if len(content) > MOST:
        raise BadPhrases(f"it is larger than {MOST >> 20} MB")
    return ElementTree.fromstring(content)  # noqa: S314  (see above)


# ------------------------------------------------------------------ XLSX


def _spreadsheet(content: bytes) -> Iterator[tuple[str, str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
        sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        if not sheets:
            raise BadPhrases("it has no sheet")
        sheet = _parsed(_part(archive, sheets[0]))
    rows = (_row(row, shared) for row in sheet.iter(f"{_WORKBOOK}row"))
    header = {text.strip(): column for column, text in next(rows, {}).items()}
    try:
        language, phrase, translation = (header[name] for name in ("tr_lang", "orig_text", "tr_text"))
    except KeyError as missing:
        raise BadPhrases(f"its first row names no column {missing}") from None
    for row in rows:
        yield row.get(language, ""), row.get(phrase, ""), row.get(translation, "")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        content = part.read(MOST + 1)
    if len(content) > MOST:
        raise BadPhrases(f"{name} is larger than {MOST >> 20} MB")
    return content


def _shared(archive: zipfile.ZipFile) -> list[str]:
    return [_text(item) for item in _parsed(_part(archive, "xl/sharedStrings.xml")).iter(f"{_WORKBOOK}si")]


def _row(row: ElementTree.Element, shared: list[str]) -> dict[str, str]:
    """Texts by the letters of their columns."""
    found: dict[str, str] = {}
    for number, cell in enumerate(row.iter(f"{_WORKBOOK}c")):
        column = re.sub(r"\d", "", cell.get("r", "")) or _letters(number)
        value = cell.find(f"{_WORKBOOK}v")
        if cell.get("t") == "s" and value is not None and (value.text or "").isdecimal():
            index = int(value.text or "0")
            found[column] = shared[index] if index < len(shared) else ""
        elif cell.get("t") == "inlineStr":
            found[column] = _text(cell)
        elif value is not None:
            found[column] = value.text or ""
    return found


def _letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _text(element: ElementTree.Element) -> str:
    """Of all runs; not of how a word is pronounced (``rPh``)."""
    parts = []
    for child in element:
        if child.tag == f"{_WORKBOOK}t":
            parts.append(child.text or "")
        elif child.tag in (f"{_WORKBOOK}r", f"{_WORKBOOK}is"):
            parts.append(_text(child))
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), "".join(parts))


# ------------------------------------------------------------------ XLIFF


def _units(root: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    spoken = root.get("trgLang", "")
    for file in (one for one in root.iter() if _name(one) == "file"):
        language = file.get("target-language", spoken)
        for unit in (one for one in file.iter() if _name(one) in ("trans-unit", "segment")):
            parts: Mapping[str, ElementTree.Element] = {_name(child): child for child in unit}
            if "source" in parts and "target" in parts:
                yield language, "".join(parts["source"].itertext()), "".join(parts["target"].itertext())


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def read_all(names: Iterable[str], find: Callable[[str], tuple[str, bytes]]) -> Phrases:
    """Of all files that can be read, a later one before an earlier one. What cannot be: ``parley check`` says it."""
    found: Phrases = {}
    for name in names:
        try:
            made = read(*find(name))
        except (BadPhrases, OSError):
            continue
        for language, phrases in made.items():
            found.setdefault(language, {}).update(phrases)
    return found
