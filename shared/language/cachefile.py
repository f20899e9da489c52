"""Compiled interviews on disk: `Cache`. What is read is what was compiled from the same contents by the same program, or nothing.

A file holds the interview as a table of plain values and code objects, written by `marshal` as Python's own ``.pyc`` are, and like those it
is trusted: whoever can write it can run code in the process that reads it. So it lies in a folder that only this process's user can
write, checked at each reading, and out of reach of author code (docs/adr/0035-compiled-interviews.md). No class is named in it: a
number stands for each of the few that a compiled interview is made of.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import logging
import marshal
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CodeType, MappingProxyType
from typing import Any

from shared.language import model, text
from shared.language.again import Earlier
from shared.language.compile import Compiled, digest_of
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.sources import Found, Sources

log = logging.getLogger(__name__)

#: Files that are kept; the ones used least lately go.
KEPT = 200


def _slot(cls: type, name: str) -> Any:
    (owner,) = (one for one in cls.__mro__ if name in one.__dict__)
    return owner.__dict__[name].__set__


_OF_THE_MODEL = (cls for cls in vars(model).values() if isinstance(cls, type) and cls.__module__ == model.__name__)
_DATA = (*filter(is_dataclass, _OF_THE_MODEL), Problem)
_SLOTS = (text.PlainText, text.JoinedText, text.MakoText)
_NUMBERS: Mapping[type, int] = {cls: number for number, cls in enumerate((*_DATA, *_SLOTS))}
_CLASSES = tuple(_NUMBERS)
_PARTS: Mapping[type, tuple[str, ...]] = {
    **{cls: tuple(one.name for one in fields(cls)) for cls in _DATA},
    text.PlainText: ("source", "place"),
    text.JoinedText: ("source", "place", "code"),
    text.MakoText: ("source", "place", "code"),
}
#: What else a node can be; below zero, classes are from zero on.
#: What puts a part into its place: the slot itself, which no frozen class keeps closed.
_SETTERS = tuple(tuple(_slot(cls, name) for name in _PARTS[cls]) for cls in _CLASSES)
_TUPLE, _LIST, _DICT, _PROXY, _SET, _KIND, _FINDING, _DAY, _MOMENT = range(-9, 0)
_LEAVES = (type(None), bool, int, float, str, bytes, CodeType)


class _Unknown(Exception):
    """A value that no compiled interview had when this was written."""


def dump(value: object) -> bytes:
    """`value`, an interview and its problems, as bytes. Raises `_Unknown`."""
    leaves: list[object] = []
    nodes: list[tuple[int, object]] = []  # each after those it is made of
    seen: dict[object, int] = {}
    kept: list[object] = []  # an id is a value's only as long as it lives

    def put(one: Any) -> int:
        leaf = type(one) in _LEAVES and not isinstance(one, CodeType)
        key = (type(one), repr(one)) if leaf else id(one)
        if key in seen:
            return seen[key]
        kept.append(one)
        if type(one) in _LEAVES:
            leaves.append(one)
            seen[key] = -len(leaves)
        else:
            nodes.append(shaped(one))  # its parts first
            seen[key] = len(nodes) - 1
        return seen[key]

    def shaped(one: Any) -> tuple[int, object]:
        cls = type(one)
        if cls in _NUMBERS:
            return _NUMBERS[cls], tuple(put(getattr(one, name)) for name in _PARTS[cls])
        if cls is tuple or cls is FrozenList:
            return _TUPLE if cls is tuple else _LIST, tuple(map(put, one))
        if cls is FrozenDict or cls is MappingProxyType:
            pairs = tuple(put(part) for pair in one.items() for part in pair)
            return _DICT if cls is FrozenDict else _PROXY, pairs
        if cls is frozenset:
            return _SET, tuple(put(item) for item in sorted(one, key=repr))
        if cls is model.Kind or cls is Finding:
            return _KIND if cls is model.Kind else _FINDING, one.name
        if cls is datetime or cls is date:
            return _MOMENT if cls is datetime else _DAY, one.isoformat()
        raise _Unknown(cls.__name__)

    put(value)
    return marshal.dumps((leaves[::-1], nodes))


def load(raw: bytes) -> Any:
    """What `dump` was given."""
    leaves, nodes = marshal.loads(raw)  # noqa: S302  (see the module text)
    # Leaves are counted from the end: the table that grows is one list with them at its end, turned by their number.
    made: list[Any] = [None] * len(nodes) + leaves
    get = made.__getitem__
    collects = gc.isenabled()
    gc.disable()  # tens of thousands of objects come, and none goes
    try:
        for number, (kind, held) in enumerate(nodes):
            made[number] = _object(kind, held, get) if kind >= 0 else _other(kind, held, get)
    finally:
        if collects:
            gc.enable()
    return made[len(nodes) - 1]


def _object(number: int, held: Any, get: Any) -> object:
    one: object = object.__new__(_CLASSES[number])
    for put, part in zip(_SETTERS[number], held, strict=True):
        put(one, get(part))
    return one


def _other(kind: int, held: Any, get: Any) -> object:
    if kind == _TUPLE:
        return tuple(map(get, held))
    if kind in (_DICT, _PROXY):
        parts = list(map(get, held))
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return FrozenDict(pairs) if kind == _DICT else MappingProxyType(dict(pairs))
    if kind == _LIST:
        return FrozenList(map(get, held))
    if kind == _SET:
        return frozenset(map(get, held))
    if kind == _KIND:
        return model.Kind[held]
    if kind == _FINDING:
        return Finding[held]
    return date.fromisoformat(held) if kind == _DAY else datetime.fromisoformat(held)


@cache
def program() -> bytes:
    """Which program writes: Python's bytecode, and what compiles."""
    ours = Path(__file__).resolve().parents[1]
    files = sorted([*(ours / "language").glob("*.py"), *(ours / "contract").glob("datatype*.py")])
    made = sha256(importlib.util.MAGIC_NUMBER)
    for file in files:
        made.update(file.read_bytes())
    return made.digest()


class Cache:
    """Compiled interviews in `folder`, which is made if it can be. Nothing here raises: what cannot be kept is compiled again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, sources: Sources) -> Compiled | None:
        """What was compiled as `name`, if each file it was made of holds what it held and no other can have come in its place."""
        raw = self._read(self._path(name, sources))
        if raw is None:
            return None
        try:
            writer, places, read, compiled = marshal.loads(raw)  # noqa: S302  (see the module text)
            if writer != program() or any(_stamp(path) != stamp for path, stamp in places):
                return None
            found = tuple(Found(full, package, Path(path)) for full, package, path, _ in read)
            if any(digest_of(sources.text(one)) != digest for one, (*_, digest) in zip(found, read, strict=True)):
                return None
            interview, problems = load(compiled)
        except (LanguageError, ValueError, TypeError, EOFError, KeyError, IndexError, OSError) as error:
            log.info("compiled_unread", extra={"interview": name, "reason": type(error).__name__})
            return None
        return Compiled(interview, problems, found)

    def earlier(self, name: str, sources: Sources) -> Earlier | None:
        """What was compiled as `name` by the same program, from contents that may have changed since."""
        raw = self._read(self._path(name, sources))
        if raw is None:
            return None
        try:
            writer, *_, compiled = marshal.loads(raw)  # noqa: S302  (see the module text)
            return Earlier(*load(compiled)) if writer == program() else None
        except (ValueError, TypeError, EOFError, KeyError, IndexError) as error:
            log.info("compiled_unread", extra={"interview": name, "reason": type(error).__name__})
            return None

    def put(self, name: str, sources: Sources, made: Compiled, looked_at: Iterable[Path], *, before: int) -> None:
        """Keep what `name` compiled to. `looked_at`: modules and folders whose change may change it, though their text is none of it.

        Nothing is kept if one of them changed since `before` (ns), when compiling began.
        """
        try:
            contents = [(one.name, one.package, str(one.path), made.digests[one.name]) for one in made.sources]
            around = {str(one.path.parent) for one in made.sources} | {str(path) for path in looked_at}
            places = [(path, _stamp(path)) for path in sorted(around)]
            if any(stamp is None or stamp[0] >= before for _, stamp in places):
                return
            raw = marshal.dumps((program(), places, contents, dump((made.interview, made.problems))))
            self._write(self._path(name, sources), raw)
        except (_Unknown, ValueError, RecursionError, OSError) as error:
            log.info("compiled_unkept", extra={"interview": name, "reason": f"{type(error).__name__}: {error}"})

    def _path(self, name: str, sources: Sources) -> Path:
        asked = "\0".join([name, *(str(root) for root in sources.import_roots())])
        return self._folder / f"{sha256(asked.encode('utf-8', 'surrogatepass')).hexdigest()}.compiled"

    def _read(self, path: Path) -> bytes | None:
        """The bytes of a file that only this user can have written."""
        try:
            if not _ours(os.stat(self._folder)):
                return None
            with path.open("rb") as file:
                if not _ours(os.fstat(file.fileno())):
                    return None
                raw = file.read()
            os.utime(path)
        except OSError:
            return None
        digest, body = raw[:32], raw[32:]
        return body if sha256(body).digest() == digest else None

    def _write(self, path: Path, raw: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(os.stat(self._folder)):
            raise OSError("the folder of compiled interviews can be written by others")
        handle, new = tempfile.mkstemp(dir=self._folder, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sha256(raw).digest() + raw)
            os.replace(new, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(new)
            raise
        self._tidy()

    def _tidy(self) -> None:
        there = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in there[KEPT:]:
            with contextlib.suppress(OSError):
                path.unlink()


def _ours(status: os.stat_result) -> bool:
    """Written by this user alone."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
