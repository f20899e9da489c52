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

from services.gateway.packages import Packages

_DOCUMENT_RE = re.compile(r"^---[ \t]*$", re.M)
#: Safe, and in C where PyYAML was built with it: a start page of a hundred interviews reads as many texts.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METADATA_RE = re.compile(r"^metadata[ \t]*:", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    name: str
    title: str
    description: str
    group: str = ""  #: `group` of the metadata, or the first of its `tags`
    order: float = math.inf  #: `order` of the metadata; those without come last, by title

    @property
    def url(self) -> str:
        return "/interview?" + urlencode({"i": self.name}, safe=":/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """What a file's metadata say, texts as they are written there; `otherwise` stands for a title that is missing."""

    name: str
    title: object
    description: object
    order: float
    otherwise: str
    group: object = ""

    def entry(self, language: str) -> Entry | None:
        title = _words(self.title, language) or self.otherwise
        if not title:
            return None
        return Entry(
            name=self.name,
            title=title,
            description=_words(self.description, language),
            order=self.order,
            group=_words(self.group, language),
        )


class Listing:
    """Reads the files again when they change. `names` are packages and interviews; without any, all packages are listed."""

    def __init__(self, packages: Packages, names: tuple[str, ...]) -> None:
        self._packages = packages
        self._names = names
        self._read: dict[Path, tuple[float, _Described | None]] = {}

    def groups(self, language: str = "en") -> list[Group]:
        """What is listed, told in `language` where an interview has texts in it.

        Groups of each package, by the group or first tag of each interview, in the order of their first interviews.
        Interviews without a title in their metadata are parts of others and are left out.
        """
        made = []
        names = self._names or self._packages.names()
        for name in names:
            package, _, path = name.partition(":")
            folder = self._packages.folder(package)
            if folder is None:
                continue
            questions = folder / "data" / "questions"
            files = [_named(folder, path)] if path else sorted(questions.rglob("*.yml"))
            entries = [
                entry
                for file in files
                if (found := self._entry(package, questions, file, always=bool(path))) is not None
                and (entry := found.entry(language)) is not None
            ]
            entries.sort(key=lambda entry: (entry.order, entry.title.lower()))
            made.extend(_grouped(package if len(names) > 1 else "", entries))
        return made

    def entry(self, interview: str, language: str = "en") -> Entry:
        """An interview, listed or not; of one without a title the name of its file is that."""
        package, _, path = interview.partition(":")
        folder, entry = self._packages.folder(package), None
        if folder is not None:
            found = self._entry(package, folder / "data" / "questions", _named(folder, path), always=False)
            entry = None if found is None else found.entry(language)
        return entry or Entry(name=interview, title=path.rpartition("/")[2].removesuffix(".yml"), description="")

    def _entry(self, package: str, questions: Path, file: Path, *, always: bool) -> _Described | None:
        try:
            modified = file.stat().st_mtime
            if file not in self._read or self._read[file][0] != modified:
                self._read[file] = (modified, _describe(package, questions, file, always=always))
        except OSError:
            return None
        return self._read[file][1]


def _grouped(package: str, entries: list[Entry]) -> list[Group]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.group, []).append(entry)
    return [
        Group(name=" · ".join(filter(None, (package, name))), entries=tuple(items)) for name, items in found.items()
    ]


def _named(folder: Path, path: str) -> Path:
    """The file of an interview by name: in the package's `data/questions`, or in a plain folder (``parley run FILE``)."""
    inside = folder / "data" / "questions" / path.removeprefix("data/questions/")
    return inside if inside.exists() else folder / path


def _describe(package: str, questions: Path, file: Path, *, always: bool) -> _Described | None:
    place = file.relative_to(questions) if file.is_relative_to(questions) else file.relative_to(questions.parents[1])
    name = f"{package}:{place.as_posix()}"
    title: object = ""
    description: object = ""
    group: object = ""
    order, unlisted = math.inf, False
    for document in _DOCUMENT_RE.split(file.read_text(encoding="utf-8", errors="replace")):
        if not _METADATA_RE.search(document):
            continue
        try:
            found = yaml.load(document, _Loader)  # noqa: S506  (it makes plain values only)
        except yaml.YAMLError:
            continue
        metadata = found.get("metadata") if isinstance(found, dict) else None
        if isinstance(metadata, dict):
            title = metadata.get("title") or title
            description = metadata.get("description") or metadata.get("subtitle") or description
            order = float(metadata["order"]) if isinstance(metadata.get("order"), int | float) else order
            tags = metadata.get("tags")
            group = metadata.get("group") or (tags[0] if isinstance(tags, list) and tags else tags) or group
            unlisted = unlisted or metadata.get("unlisted") is True
    if unlisted:
        return None
    stem = file.stem.replace("-", " ").replace("_", " ") if always else ""
    return _Described(name=name, title=title, description=description, order=order, otherwise=stem, group=group)


def _words(value: object, language: str) -> str:
    if isinstance(value, dict):  # one text per language
        value = value.get(language) or value.get(language.partition("-")[0]) or next(iter(value.values()), "")
    return " ".join(str(value).split()) if isinstance(value, str) else ""
