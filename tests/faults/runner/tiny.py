"""The smallest engine: an interview is a Python file below the root, a step runs it, ``say`` is the question.

It stands where `shared.runner.engine` stands, so that these tests are about the runner and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.engine.request import Request
from shared.language.errors import LanguageErrors, NoSource, Problem
from shared.language.findings import Finding
from shared.language.model import Place
from shared.runner.reach import Reach
from shared.state import classes
from shared.state.session import State


@dataclass(frozen=True)
class Loaded:
    digest: str
    code: CodeType
    sources: tuple[tuple[str, int, int], ...]
    root: str


def prepare() -> None:
    pass


def warm() -> None:
    pass


def load(name: str, roots: Iterable[str]) -> Loaded:
    (root,) = roots
    path = Path(root, "pkg", f"{name}.py")
    if not path.is_file():
        raise NoSource(name)
    text = path.read_text()
    try:
        code = compile(text, str(path), "exec")
    except SyntaxError as error:
        raise LanguageErrors(
            [Problem(Finding.BAD_PYTHON, Place(str(path), "Question_0", 0, error.lineno or 0), "bad Python", "look")]
        ) from None
    found = os.stat(path)
    classes.use(classes.ClassRegistry(lambda module: None))
    return Loaded(str(hash(text)), code, ((str(path), found.st_mtime_ns, found.st_size),), root)


def run(loaded: Loaded, state: State, request: Request) -> Outcome:
    space: dict[str, Any] = state.variables
    space.update(request=request, save="new")
    exec(loaded.code, space)
    del space["request"]
    return Outcome(save=space.pop("save"), screen=Screen(kind="end", question=str(space.pop("say", ""))))


def place_of(loaded: Loaded, name: str) -> None:
    return None


def files(loaded: Loaded) -> Any:
    return ModuleType("no_files")


def module_roots(loaded: Loaded) -> tuple[str, ...]:
    return (loaded.root,)


def readable(loaded: Any, roots: Iterable[str], *, guarded: Iterable[str] = ()) -> Reach:
    folders = tuple(str(Path(root, "pkg")) for root in roots)
    return Reach(read=folders, listed=folders)
