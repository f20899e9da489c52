"""Reading YAML: scalars of YAML 1.2, documents, lines, mistakes of form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from math import inf, isnan

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.language import yamlfile
from shared.language.scalars import resolve
from shared.language.yamlfile import RawBlock, YamlMap, read_blocks, split
from tests.helpers.examples import examples


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("", None),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("-7", -7),
        ("+7", 7),
        ("12:30", "12:30"),
        ("1:30:00", "1:30:00"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -inf),
        (".INF", inf),
        ("1.2.3", "1.2.3"),
        ("555-1212", "555-1212"),
        ("2026-01-15", date(2026, 1, 15)),
        ("2026-02-30", "2026-02-30"),
        ("2026-01-15 10:30:00", datetime(2026, 1, 15, 10, 30)),
        ("2026-01-15T10:30:00.5Z", datetime(2026, 1, 15, 10, 30, 0, 500000, UTC)),
        ("2026-01-15T10:30:00-05:00", datetime(2026, 1, 15, 10, 30, tzinfo=timezone(timedelta(hours=-5)))),
        ("0o", "0o"),
        ("0o9", "0o9"),
        ("-", "-"),
        (".", "."),
    ],
)
def test_plain_scalars_are_of_yaml_1_2(written: str, value: object) -> None:
    result = resolve(written)
    assert result == value
    assert type(result) is type(value)


def test_nan_is_a_number() -> None:
    assert isnan(resolve(".nan"))


def test_a_number_too_long_for_python_is_text() -> None:
    assert resolve("9" * 10_000) == "9" * 10_000


def test_quoted_scalars_are_text() -> None:
    (block,) = read_blocks("a: '010'\nb: \"true\"\nc: |\n  5\n")
    assert block.value == {"a": "010", "b": "true", "c": "5\n"}


def test_documents_are_split_at_lines_of_three_dashes_only() -> None:
    blocks = read_blocks("a: 1\n---   \nb: |\n  text\n  --- not here\n  ---\n---\nc: 3\n----\n")
    assert [block.value for block in blocks[:2]] == [{"a": 1}, {"b": "text\n--- not here\n---\n"}]
    assert [block.line for block in blocks] == [1, 2, 7]


def test_tabs_are_two_spaces() -> None:
    (block,) = read_blocks("a:\n\tb: 1\n\tc: 2\n")
    assert block.value == {"a": {"b": 1, "c": 2}}


def test_lines_are_those_of_the_file() -> None:
    _, block = read_blocks("first: 1\n---\ncode: |\n  x = 1\nfields:\n  - A: a\n  - B: b\n")
    value = block.value
    assert isinstance(value, YamlMap)
    assert value.key_lines == {"code": 3, "fields": 5}
    assert value.value_lines["code"] == 4
    assert value["fields"].lines == [6, 7]


def test_a_key_written_twice_is_told_with_both_lines() -> None:
    (block,) = read_blocks("a: 1\nb: 2\na: 3\n")
    (flaw,) = block.flaws
    assert flaw.line == 3
    assert "'a' is written twice" in flaw.message
    assert "line 1" in flaw.hint


def test_merge_keys() -> None:
    (block,) = read_blocks("base: &b\n  x: 1\n  y: 2\nmore:\n  <<: *b\n  y: 3\n")
    assert block.value["more"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: b: c\n", 1, "mapping values"),
        ("a: 1\nb: [1, 2\n", 3, "not YAML"),
        ("a: *nowhere\n", 1, "undefined alias"),
        ("a: 'open\n", 1, "not YAML"),
        ("a: &x\n  b: *x\n", 1, "refers to the list or mapping it is in"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("? [a, b]\n: 1\n", 1, "a key must be text"),
        ("a: 1\n...\nb: 2\n", 3, "not YAML"),
        ("a: \x00\n", 1, "not YAML"),
    ],
)
def test_mistakes_of_form_are_flaws_with_a_line(text: str, line: int, words: str) -> None:
    (block,) = read_blocks(text)
    assert words in block.flaws[0].message
    assert block.flaws[0].line == line


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 100_000, "? " * 100_000])
def test_absurd_nesting_is_refused_before_the_parser_sees_it(text: str) -> None:
    (block,) = read_blocks(text)
    assert "nested too deeply" in block.flaws[0].message


def test_aliases_cannot_multiply_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (block,) = read_blocks("\n".join(lines))
    assert "too large" in block.flaws[0].message


_ANY_YAML = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**6), 10**6),
        st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "P")), max_size=12),
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefg", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@examples(30)
@given(_ANY_YAML)
def test_both_parsers_read_the_same(value: object) -> None:
    text = yaml.safe_dump({"key": value}, allow_unicode=True)
    fast, pure = read_blocks(text), read_blocks(text, pure=True)
    assert [_plain(block) for block in fast] == [_plain(block) for block in pure]
    assert not fast[0].flaws


def _plain(block: RawBlock) -> object:
    return block.value, block.line, block.value.key_lines, block.value.value_lines


@given(st.lists(st.text("ab -\n", max_size=20), max_size=5))
def test_splitting_loses_nothing(parts: list[str]) -> None:
    text = "\n---\n".join(parts)
    assert "---".join(part for _, part in split(text)).replace(" ", "") == text.replace(" ", "")


def test_libyaml_is_what_reads_here() -> None:
    assert yamlfile.CParser is not None, "PyYAML without libyaml: loading is some ten times slower"
