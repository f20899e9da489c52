"""Compiling again after a change: what was as it was is taken over, and what comes of it is what compiling anew gives."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType

import pytest

from shared.language import blocks
from shared.language import compile as compiling
from shared.language.again import Earlier
from shared.language.cachefile import Cache
from shared.language.compile import Compiled, compile_interview
from shared.language.library import Library
from shared.language.sources import Sources
from shared.language.text import JoinedText, MakoText, PlainText

ROOT = Path(__file__).parents[3]
MAIN = """include: more.yml
---
question: ${ greeting } with Mako
fields:
  - Name: name
    show if:
      code: |
        greeting
  - Kind: kind
    datatype: colour
---
usedefs: named
question: ${ called() }
yesno: agreed
---
objects:
  - person: Individual
---
id: last
mandatory: True
code: |
  def inner():
    return name
  greeting
  wrong = inner()
"""
MORE = "def: named\nmako: |\n  <%def name='called()'>Who?</%def>\n---\ncode: |\n  greeting = 'Hello'\n---\nodd: 1\nquestion: b\n"
TYPE = "class Colour(CustomDataType):\n    name = 'colour'\n"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    folder = tmp_path / "pack" / "data" / "questions"
    folder.mkdir(parents=True)
    (folder / "main.yml").write_text(MAIN, "utf-8")
    (folder / "more.yml").write_text(MORE, "utf-8")
    (tmp_path / "pack" / "types.py").write_text(TYPE, "utf-8")
    return folder


def shape(value: object) -> Iterator[object]:
    """All that tells one compiled interview from another, in order."""
    if isinstance(value, CodeType):
        # (what comes before a template's own text has no line of its file)
        yield value.co_filename, value.co_code, max(line or 0 for *_, line in value.co_lines()), value.co_names
        yield [list(shape(one)) if isinstance(one, CodeType) else repr(one) for one in value.co_consts]
    elif isinstance(value, PlainText | JoinedText | MakoText):
        yield type(value), value.source, value.place, *shape(value.code)
    elif is_dataclass(value):
        for part in fields(value):
            yield from shape(getattr(value, part.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from shape(item)
    elif hasattr(value, "items"):
        for key, item in value.items():
            yield key
            yield from shape(item)
    else:
        yield value


def again(before: Compiled, sources: Sources, name: str = "pack:main.yml") -> Compiled:
    assert before.interview is not None
    return compile_interview(name, sources, Earlier(before.interview, before.problems))


def assert_same(one: Compiled, other: Compiled) -> None:
    assert one.interview is not None
    assert other.interview is not None
    assert list(shape(one.interview)) == list(shape(other.interview))
    assert one.problems == other.problems


@pytest.mark.parametrize(
    ("file", "put"),
    [
        ("main.yml", lambda text: text.replace("Hello", "Good day")),
        ("main.yml", lambda text: text + "---\nevent: later\nquestion: Later\n"),
        ("main.yml", lambda text: "# a line\n\n" + text),
        ("more.yml", lambda text: "comment: one more block\n---\n" + text),
        ("more.yml", lambda text: text.replace("Who?", "Whoever?")),
        ("more.yml", lambda text: "default language: es\n---\n" + text),
        ("more.yml", lambda text: text + "---\n" + text.partition("---\n")[2]),
    ],
)
def test_compiled_again_is_compiled_anew(questions: Path, file: str, put: object) -> None:
    sources = Sources([questions.parents[2]])
    before = compile_interview("pack:main.yml", sources)
    path = questions / file
    path.write_text(put(path.read_text("utf-8")), "utf-8")  # type: ignore[operator]
    assert_same(again(before, sources), compile_interview("pack:main.yml", sources))


def test_a_datatype_that_is_gone_is_found_out(questions: Path) -> None:
    sources = Sources([questions.parents[2]])
    before = compile_interview("pack:main.yml", sources)
    (questions.parents[1] / "types.py").unlink()
    assert_same(again(before, sources), compile_interview("pack:main.yml", sources))


@pytest.mark.parametrize("demo", sorted(path.name for path in (ROOT / "demos" / "data" / "questions").glob("*.yml")))
def test_every_demo_moved_down_is_as_if_written_there(demo: str, tmp_path: Path) -> None:
    package = tmp_path / "demos"
    package.symlink_to(ROOT / "demos")
    name, sources = f"demos:{demo}", Sources([ROOT])
    before = compile_interview(name, sources)
    path = ROOT / "demos" / "data" / "questions" / demo
    moved = Sources([ROOT], kept={str(path): b"comment: above\n---\n" + path.read_bytes()})
    assert_same(again(before, moved, name), compile_interview(name, moved))


def test_a_library_compiles_only_what_changed(questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = questions.parents[2]
    cache = Cache(root / "cache")
    Library(Sources([root]), cache=cache).load("pack:main.yml")
    compiled: list[str] = []
    real = blocks.compile_block

    def noted(data: object, text: str, *rest: object) -> object:
        compiled.append(text)
        return real(data, text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(compiling, "compile_block", noted)
    main = questions / "main.yml"
    main.write_text(MAIN.replace("wrong =", "right ="), "utf-8")
    time.sleep(0.01)  # nothing is kept that changed while it was compiled
    Library(Sources([root]), cache=cache).load("pack:main.yml")
    assert "right = inner()" in compiled[-1]
    assert not any("greeting = 'Hello'" in text or "objects:" in text for text in compiled)
