"""Files that texts show (``[FILE x.png]``, ``audio``, ``video``) or ``objects from file`` reads, and that are not there.

Not for: templates of documents, modules, settings (`check_files`). Names that are computed are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.model import Block, Interview, Place
from shared.language.sources import Sources

_SHOWN = re.compile(r"\[FILE\s+([^\s,\[\]${}]+\.[A-Za-z]\w*)\s*[,\]]")
_READ = re.compile(r"objects_from_file\('([^']+)'")
#: Folders of a package in which a picture is looked for, as `Files.find` does.
_FOLDERS = ("static", "sources", "templates")


def missing_shown(interview: Interview, sources: Sources) -> Iterator[Problem]:
    """In the package of the file that names them (markup.md, "Inserting images"; modifiers.md, "audio"; initial.md, "include")."""
    seen: set[Place] = set()
    for block in interview.blocks:
        if block.place in seen:  # one of several that a block of the file was made into
            continue
        seen.add(block.place)
        for place, line in _lines(block):
            for found in _SHOWN.finditer("" if line.lstrip().startswith("#") else line):
                if found[1] not in interview.images:
                    yield from _missing(found[1], _FOLDERS, place, sources)
        if block.question is not None:
            options = block.question.options
            for key, named in product(("audio", "video"), (options, options.get("help") or {})):
                given = named.get(key)
                for one in given if isinstance(given, list | tuple) else [given]:
                    if isinstance(one, str) and not one.lstrip().startswith("["):
                        yield from _missing(one.strip(), ("static",), at(block, one), sources)
        for spec in block.objects:
            if spec.read and (read := _READ.search(spec.expr.source)):
                yield from _missing(read[1], ("sources",), spec.place, sources)


def _lines(block: Block) -> Iterator[tuple[Place, str]]:
    """The lines of a block with their places; its own is that of the first which says something."""
    lines = block.source_text.split("\n")
    first = next(
        (at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("#", "---"))), 0
    )
    for at, line in enumerate(lines):
        yield Place(block.place.file, block.place.block, block.number, block.place.line + at - first), line


def at(block: Block, word: str) -> Place:
    """The first line of the block that has `word`; where there is none, the block."""
    return next((place for place, line in _lines(block) if word in line), block.place)


def setting(interview: Interview, keys: tuple[str, ...], word: str) -> Place:
    """The line of `word` in the last block that begins a line with one of `keys` and has it; else the interview's first block."""
    for block in reversed(interview.blocks):
        lines = block.source_text.split("\n")
        if any(line.startswith(keys) for line in lines) and word in block.source_text:
            return at(block, word)
    return interview.blocks[0].place if interview.blocks else Place(interview.name, "", 0, 1)


def _missing(reference: str, folders: tuple[str, ...], place: Place, sources: Sources) -> Iterator[Problem]:
    if "://" in reference or reference.startswith("/"):
        return
    said = ""
    for folder in folders:
        try:
            sources.reference(reference, folder, place.file.partition(":")[0])
            return
        except LanguageError as error:
            said = said or str(error)
    yield Problem(Finding.FILE_MISSING, place, said)
