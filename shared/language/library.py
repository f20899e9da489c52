"""Compiled interviews, kept until a source of theirs changes.

Thread-safe, and usable in a process forked from one that used it: the lock is made anew after a fork. An interview is read again only
if the time or size of one of its files changed, and compiled again only if a content did.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from shared.language import customtypes
from shared.language.cachefile import Cache
from shared.language.compile import Compiled, compile_interview
from shared.language.errors import LanguageErrors, Problem
from shared.language.findings import Severity
from shared.language.model import Interview
from shared.language.sources import Found, Sources, locate

#: Interviews kept; a process serves few.
KEPT = 64

_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    compiled: Compiled
    stamps: dict[str, _Stamp | None]


_libraries: weakref.WeakSet[Library] = weakref.WeakSet()


def _after_fork() -> None:
    for library in list(_libraries):
        library.after_fork()


os.register_at_fork(after_in_child=_after_fork)


class Library:
    """`load` gives the compiled interview of a name; equal content gives the same object."""

    def __init__(self, sources: Sources, *, cache: Cache | None = None) -> None:
        """With `cache`, what was compiled before, by any process, is taken from there."""
        self.sources = sources
        self._cache = cache
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._full_names: dict[str, str] = {}  # as asked for -> package:path
        self._lock = threading.Lock()
        _libraries.add(self)

    def after_fork(self) -> None:
        """A thread of the parent may have held the lock when it forked."""
        self._lock = threading.Lock()

    def load(self, name: str) -> Interview:
        """The interview `name`, ``package:path``.

        Raises `NoSource` or `SourceRefused` (no such interview), `LanguageErrors` (it does not compile).
        """
        compiled = self.compiled(name)
        if compiled.interview is None:
            raise LanguageErrors(p for p in compiled.problems if p.severity is Severity.ERROR)
        return compiled.interview

    def problems(self, name: str) -> tuple[Problem, ...]:
        """Every error and warning that compiling found. Raises `NoSource`, `SourceRefused`."""
        return self.compiled(name).problems

    def compiled(self, name: str) -> Compiled:
        """What became of `name`, errors or not. Raises `NoSource`, `SourceRefused`."""
        with self._lock:
            kept = self._kept.get(self._full_names.get(name, name))
        # A broken interview is always read again: the file it missed may have come since.
        if (
            kept is not None
            and kept.compiled.interview is not None
            and all(_stamp(path) == stamp for path, stamp in kept.stamps.items())
        ):
            return kept.compiled
        found = self.sources.interview(name)
        compiled = self._compile(found.name)
        stamps = {str(source.path): _stamp(str(source.path)) for source in compiled.sources}
        with self._lock:
            if len(self._full_names) > 16 * KEPT:
                self._full_names.clear()
            self._full_names[name] = found.name
            old = self._kept.get(found.name)
            if old is not None and _same(old.compiled, compiled):
                compiled = old.compiled
            self._kept[found.name] = _Kept(compiled, stamps)
            self._kept.move_to_end(found.name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return compiled

    def _compile(self, name: str) -> Compiled:
        known = self._cache.get(name, self.sources) if self._cache is not None else None
        if known is not None:
            return known
        started = time.time_ns()
        earlier = self._cache.earlier(name, self.sources) if self._cache is not None else None
        compiled = compile_interview(name, self.sources, earlier)
        if self._cache is not None and compiled.interview is not None:
            looked_at = [path for package in compiled.modules_of for path in customtypes.modules(package, self.sources)]
            folders = {path.parent for path in looked_at}
            self._cache.put(name, self.sources, compiled, [*looked_at, *folders], before=started)
        return compiled

    def load_path(self, path: Path | str) -> Interview:
        """The interview in the file `path`, in the package the file lies in. Raises as `load`."""
        sources, name = locate(path, self.sources)
        if not sources.same(self.sources):  # a name may now mean another file
            with self._lock:
                self.sources = sources
                self._kept.clear()
                self._full_names.clear()
        return self.load(name)


def _same(old: Compiled, new: Compiled) -> bool:
    return (
        old.interview is not None
        and new.interview is not None
        and old.interview.digest == new.interview.digest
        and _paths(old.sources) == _paths(new.sources)
    )


def _paths(sources: tuple[Found, ...]) -> list[Path]:
    return [source.path for source in sources]


def _stamp(path: str) -> _Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
