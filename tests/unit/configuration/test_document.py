"""A file becomes a tree with lines; keys given twice stay; what is no configuration is one clear error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.configuration.document import (
    MAX_BYTES,
    Entry,
    Listing,
    NoDocument,
    Scalar,
    Table,
    parse,
    plain,
    read,
    repeated,
)
from tests.helpers.scheduler import TWICE


def test_lines_are_those_of_the_file() -> None:
    table = parse("# a comment\na: 1\n\nb:\n  - x\n  - c: y\n", "f.yml")
    assert table == Table(
        (
            Entry("a", Scalar(1, 2), 2),
            Entry("b", Listing((Scalar("x", 5), Table((Entry("c", Scalar("y", 6), 6),), 6)), 5), 4),
        ),
        2,
    )


def test_keys_given_twice_are_both_there() -> None:
    jobs = parse(TWICE, "f.yml").entries[0].value
    assert isinstance(jobs, Table)
    assert [(entry.key, entry.line, plain(entry.value)) for entry in jobs.entries] == [
        ("log level", 2, "debug"),
        ("test.heartbeat", 3, {"type": "interval", "minutes": 1}),
        ("test.heartbeat", 6, {"type": "cron", "day": 1, "hour": 0, "minute": 1}),
    ]
    assert [(entry.line, first.line) for entry, first in repeated(jobs)] == [(6, 3)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("True", True),
        ("17:00", "17:00"),
        ("010", 10),
        ("'5'", "5"),
        ("", None),
        ("null", None),
        ("2026-01-02", "2026-01-02"),
        ("|\n  a\n  b", "a\nb\n"),
        ("1.5", 1.5),
    ],
)
def test_scalars_are_those_of_interviews(written: str, value: object) -> None:
    assert plain(parse(f"a: {written}\n", "f.yml")) == {"a": value}


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "null\n"])
def test_an_empty_file_says_nothing(content: str) -> None:
    assert parse(content, "f.yml").entries == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: [\n", "f.yml, line 3: this is not YAML"),
        (b"a: 1\nb: \xff\n", "f.yml, line 2: this is not UTF-8"),
        (b"a: 1\nb: \x00\n", "f.yml, line 2: a character that YAML does not allow"),
        (b"- a\n", "f.yml, line 1: expected a mapping"),
        (b"text\n", "f.yml, line 1: expected a mapping"),
        (b"a: 1\n[1, 2]: b\n", "f.yml, line 2: a key must be a text"),
        (b"a: &x [*x]\n", "f.yml, line 1: is nested deeper"),
        (b"a: " + b"[" * 60 + b"]" * 60, "nested deeper"),
        (b"a: " + b"[" * 20000, "nested deeper"),
        (b"a: 1\n---\nb: 1\n", "f.yml, line 2: this is not YAML"),
        (b"#" * (MAX_BYTES + 1), "larger than 1000 kB"),
        (b"a: *nowhere\n", "line 1: this is not YAML"),
    ],
)
def test_what_is_no_configuration_is_told_with_its_line(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "f.yml").write_bytes(content)
    with pytest.raises(NoDocument, match=re.escape(told)):
        read(tmp_path / "f.yml")


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(NoDocument, match="more than 50000 values"):
        parse("\n".join(lines), "f.yml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoDocument, match=r"cannot read .*nowhere\.yml: No such file"):
        read(tmp_path / "nowhere.yml")
    with pytest.raises(NoDocument, match="Is a directory"):
        read(tmp_path)
