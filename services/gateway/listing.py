"""What the start page lists: the interviews of the configured packages, with title and description of their metadata.

Only the ``metadata`` documents are read, as plain YAML; nothing is compiled or run.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import yaml

from services.gateway.files import PackageFiles

_DOCUMENT_RE = re.compile(r"^---[ \t]*$", re.M)
_METADATA_RE = re.compile(r"^metadata[ \t]*:", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    name: str
    title: str
    description: str
    order: float = math.inf  #: `order` of the metadata; those without come last, by title

    @property
    def url(self) -> str:
        return "/interview?" + urlencode({"i": self.name}, safe=":/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    entries: tuple[Entry, ...]


class Listing:
    """Reads the files again when they change."""

    def __init__(self, packages: PackageFiles, names: tuple[str, ...]) -> None:
        self._packages = packages
        self._names = names
        self._read: dict[Path, tuple[float, Entry | None]] = {}

    def groups(self) -> list[Group]:
        """One group per package; interviews without a title in their metadata are parts of others and are left out."""
        made = []
        for name in self._names:
            package, _, path = name.partition(":")
            folder = self._packages.folder(package)
            if folder is None:
                continue
            questions = folder / "data" / "questions"
            files = [_named(folder, path)] if path else sorted(questions.rglob("*.yml"))
            entries = [
                entry
                for file in files
                if (entry := self._entry(package, questions, file, always=bool(path))) is not None
            ]
            entries.sort(key=lambda entry: (entry.order, entry.title.lower()))
            if entries:
                made.append(Group(name=package if len(self._names) > 1 else "", entries=tuple(entries)))
        return made

    def _entry(self, package: str, questions: Path, file: Path, *, always: bool) -> Entry | None:
        try:
            modified = file.stat().st_mtime
            if file not in self._read or self._read[file][0] != modified:
                self._read[file] = (modified, _describe(package, questions, file, always=always))
        except OSError:
            return None
        return self._read[file][1]


def _named(folder: Path, path: str) -> Path:
    """The file of an interview by name: in the package's `data/questions`, or in a plain folder (``parley run FILE``)."""
    inside = folder / "data" / "questions" / path.removeprefix("data/questions/")
    return inside if inside.exists() else folder / path


def _describe(package: str, questions: Path, file: Path, *, always: bool) -> Entry | None:
    place = file.relative_to(questions) if file.is_relative_to(questions) else file.relative_to(questions.parents[1])
    name = f"{package}:{place.as_posix()}"
    title = description = ""
    order, unlisted = math.inf, False
    for document in _DOCUMENT_RE.split(file.read_text(encoding="utf-8", errors="replace")):
        if not _METADATA_RE.search(document):
            continue
        try:
            found = yaml.safe_load(document)
        except yaml.YAMLError:
            continue
        metadata = found.get("metadata") if isinstance(found, dict) else None
        if isinstance(metadata, dict):
            title = _words(metadata.get("title")) or title
            description = _words(metadata.get("description")) or _words(metadata.get("subtitle")) or description
            order = float(metadata["order"]) if isinstance(metadata.get("order"), int | float) else order
            unlisted = unlisted or metadata.get("unlisted") is True
    if (not title and not always) or unlisted:
        return None
    return Entry(
        name=name, title=title or file.stem.replace("-", " ").replace("_", " "), description=description, order=order
    )


def _words(value: object) -> str:
    if isinstance(value, dict):  # one text per language
        value = next(iter(value.values()), "")
    return " ".join(str(value).split()) if isinstance(value, str) else ""
