"""Files and modules that an interview names and that are not there."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.language import phrases
from shared.language.check_shown import at, setting
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.mako_nodes import BadTemplate
from shared.language.model import Attachment, Block, Interview, Kind, Place, Value
from shared.language.naming import embedded_blocks
from shared.language.settings import FILES
from shared.language.sources import Sources
from shared.language.text import compile_text

#: Modules that ``shared.authoring`` provides under the reference's names.
PROVIDED = ("docassemble.base", "docassemble.webapp")


def missing_files(interview: Interview, sources: Sources) -> Iterator[Problem]:
    for block in interview.blocks:
        package = block.place.file.partition(":")[0]
        for attachment in _attachments(block):
            for key in sorted(FILES):
                value = attachment.options.get(key)
                for one in value if isinstance(value, list | tuple) else [value]:
                    place = at(block, one) if isinstance(one, str) else attachment.place
                    yield from _missing(one, "templates", package, place, sources)
        if block.kind in {Kind.IMPORTS, Kind.MODULES}:
            yield from _missing_modules(block, sources)
    own = interview.name.partition(":")[0]
    for name, image in interview.images.items():
        place = setting(interview, ("images:", "image sets:"), name)
        yield from _missing(image["file"], "static", own, place, sources, f"the image {name!r}: ")
    for reference in interview.translations:
        place = setting(interview, ("translations:",), _name(reference))
        yield from _missing(reference, "sources", own, place, sources)
        yield from _unreadable(reference, own, place, sources)
    yield from _of_settings(interview, sources, interview.features, ("javascript", "css"), "features:", "static")
    common = interview.options.get("attachment options")
    if isinstance(common, Mapping):
        yield from _of_settings(interview, sources, common, sorted(FILES), "attachment options:", "templates")


def _of_settings(
    interview: Interview, sources: Sources, given: Mapping[str, Any], keys: Iterable[str], block: str, folder: str
) -> Iterator[Problem]:
    for key in keys:
        value = given.get(key)
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, str):
                place = setting(interview, (block,), _name(one))
                yield from _missing(one, folder, interview.name.partition(":")[0], place, sources, f"{key}: ")


def _name(reference: str) -> str:
    """What a reference has in common with how the author wrote it: the name of the file."""
    return reference.rpartition(":")[2].rpartition("/")[2]


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
    references = value if isinstance(value, list | tuple) else [value]
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
