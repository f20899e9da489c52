"""Files and modules that an interview names and that are not there."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from shared.language import phrases
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.mako_nodes import BadTemplate
from shared.language.model import Attachment, Block, Interview, Kind, Place, Value
from shared.language.naming import embedded_blocks
from shared.language.sources import Sources
from shared.language.text import compile_text

_TEMPLATES = ("docx template file", "pdf template file", "docx reference file", "rtf template file")
#: Modules that ``shared.authoring`` provides under the reference's names.
PROVIDED = ("docassemble.base", "docassemble.webapp")


def missing_files(interview: Interview, sources: Sources) -> Iterator[Problem]:
    for block in interview.blocks:
        package = block.place.file.partition(":")[0]
        for attachment in _attachments(block):
            for key in _TEMPLATES:
                yield from _missing(attachment.options.get(key), "templates", package, attachment.place, sources)
        if block.kind in {Kind.IMPORTS, Kind.MODULES}:
            yield from _missing_modules(block, sources)
    start = interview.blocks[0].place if interview.blocks else Place(interview.name, "", 0, 1)
    for name, image in interview.images.items():
        yield from _missing(
            image["file"], "static", interview.name.partition(":")[0], start, sources, f"the image {name!r}: "
        )
    for reference in interview.translations:
        yield from _missing(reference, "sources", interview.name.partition(":")[0], start, sources)
        yield from _unreadable(reference, interview.name.partition(":")[0], start, sources)
    for key in ("javascript", "css"):
        yield from _missing(
            interview.features.get(key), "static", interview.name.partition(":")[0], start, sources, f"{key}: "
        )


def attachments_of(interview: Interview) -> Iterator[tuple[Attachment, str]]:
    """Every document that the interview may make, with the package in which its files are looked for."""
    for block in interview.blocks:
        for attachment in _attachments(block):
            yield attachment, block.place.file.partition(":")[0]


def _attachments(block: Block) -> Iterator[Attachment]:
    if block.kind is Kind.ATTACHMENT:
        yield from block.options["attachments"]
    for one in (block, *embedded_blocks(block.question)):
        if one.question is not None:
            yield from one.question.attachments


def _missing(
    value: Value, folder: str, package: str, place: Place, sources: Sources, about: str = ""
) -> Iterator[Problem]:
    references = value if isinstance(value, list) else [value]
    for reference in references:
        if not isinstance(reference, str) or "://" in reference or reference.startswith("/"):
            continue
        try:
            sources.reference(reference.strip(), folder, package)
        except LanguageError as error:
            yield Problem(Finding.FILE_MISSING, place, f"{about}{error}")


def _unreadable(reference: str, package: str, place: Place, sources: Sources) -> Iterator[Problem]:
    """Translated phrases that cannot be read, or whose Mako cannot."""
    try:
        path = sources.reference(reference, "sources", package).path
        found = phrases.read(path.name, path.read_bytes())
    except (LanguageError, OSError):  # not there, which is told
        return
    except phrases.BadPhrases as error:
        yield Problem(Finding.BAD_PHRASES, place, str(error))
        return
    for language, told in found.items():
        for said in told.values():
            try:
                compile_text(said, place)
            except BadTemplate as error:
                yield Problem(Finding.BAD_PHRASES, place, f"{reference}, {language}: {said[:60]!r}: {error}")


def _missing_modules(block: Block, sources: Sources) -> Iterator[Problem]:
    package = block.options["package"]
    for name in block.options["names"]:
        full = absolute(name, package)
        if full.startswith(PROVIDED):
            continue
        path = sources.module(full)
        if path is not None:
            yield from _bad_module(name, path, block)
            continue
        own = name.startswith(".") or (sources.folder(package) is not None and full.startswith(f"{package}."))
        if own:
            yield Problem(
                Finding.NO_MODULE,
                block.place,
                f"there is no module {full!r}",
                f"{name!r} was looked for in package {package!r}",
            )
        elif not _installed(full.partition(".")[0]):
            yield Problem(Finding.NOT_INSTALLED, block.place, f"the module {full!r} is not installed")


def _bad_module(name: str, path: Path, block: Block) -> Iterator[Problem]:
    try:
        ast.parse(path.read_bytes())
    except SyntaxError as error:
        yield Problem(
            Finding.NO_MODULE,
            block.place,
            f"the module {name!r} is not Python: {error.msg}",
            f"{path.name}, line {error.lineno}",
        )
    except (OSError, ValueError) as error:
        yield Problem(Finding.NO_MODULE, block.place, f"the module {name!r} cannot be read: {error}")


def absolute(name: str, package: str) -> str:
    """``.utils`` of the package ``demos`` is ``demos.utils``; each further dot goes one package up."""
    dots = len(name) - len(name.lstrip("."))
    if not dots:
        return name
    base = package.split(".")[: len(package.split(".")) - (dots - 1)]
    return ".".join([*base, name.lstrip(".")]).strip(".")


def _installed(top: str) -> bool:
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False
