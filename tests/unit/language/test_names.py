"""Names: their one form, what code assigns, the index, precedence, and the names of blocks."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.names import assigned, normalise, why_not
from tests.unit.language.sample import Pack


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a", "a"),
        (" a.b ", "a.b"),
        ("a[0].b[i].c", "a[0].b[i].c"),
        ('a["b"]', "a['b']"),
        ("a[ 'b' ]", "a['b']"),
        ('a["it\'s"].c', 'a["it\'s"].c'),
        ("a[-1]", "a[-1]"),
        ("a[b.c]", "a[b.c]"),
        ("a[i + 1]", "a[i + 1]"),
        ("a[1, 2]", "a[(1, 2)]"),
        ("x", "x"),
        ("a.for", None),
        ("for", None),
        ("a b", None),
        ("a-b", None),
        ("8th", None),
        ("a()", None),
        ("a[1:2]", None),
        ("a.b().c", None),
        ("", None),
        ("a.", None),
        ("a[", None),
        ("None", None),
        ("a = 1", None),
        ("a\nb", None),
    ],
)
def test_a_name_has_one_form(written: str, name: str | None) -> None:
    assert normalise(written) == name


@given(st.text("abx.[]'\"0i ", max_size=12))
def test_the_form_of_a_name_is_its_own_form(text: str) -> None:
    name = normalise(text)
    assert name is None or normalise(name) == name
    if name is None:
        assert why_not(text)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = 1", "a"),
        ("a = b = c", "a b"),
        ("a, (b, *c) = d", "a b c"),
        ("a += 1", ""),
        ("a: int = 1", "a"),
        ("a: int", ""),
        ("a.b[i].c = 1", "a.b[i].c"),
        ('a["b"] = 1', "a['b']"),
        ("f().x = 1", ""),
        ("a[1:2] = b", ""),
        ("for a in b:\n  c = a\nelse:\n  d = 1", "a c d"),
        ("while a:\n  b = 1", "b"),
        ("with a as b, c as (d, e):\n  f = 1", "b d e f"),
        ("import a.b, c as d\nfrom e import f as g, h\nfrom i import *", "a d g h"),
        ("def f(x):\n  y = 1\n  return y", "f"),
        ("class A:\n  b = 1", "A"),
        ("if (n := f()):\n  pass", "n"),
        ("x = [y := z for z in w]", "x y"),
        ("g = lambda q: (r := q)", "g"),
        ("try:\n  a = 1\nexcept E as e:\n  b = 2\nfinally:\n  c = 3", "a b c"),
        ("del a", ""),
        ("if a:\n  b = 1\nelif c:\n  d = 1\nelse:\n  e = 1", "b d e"),
        ("match a:\n  case [b, *c]:\n    d = 1\n  case {'k': v, **rest}:\n    pass", "b c d v rest"),
        ("global a\na = 1", "a"),
        ("a\nneed(b)", ""),
        ("define('a.b', 1)\ndefine(c, 2)\nx.define('d', 3)\ndefine('e f', 4)", "a.b"),
        ("a = 1\na = 2", "a"),
    ],
)
def test_what_code_assigns(code: str, names: str) -> None:
    assert set(assigned(ast.parse(code))) == set(names.split())


def test_the_index_knows_blocks_by_every_name_in_order_of_precedence(pack: Pack) -> None:
    interview = pack.interview(
        """\
        code: a = 1
        ---
        question: q
        fields:
          - A: a
          - B: user["x"].b
        ---
        code: |
          a = 2
          c = a
        scan for variables: False
        ---
        code: a = 3
        only sets: d
        ---
        code: del a
        """
    )
    first, asked, _, only, _ = interview.blocks
    assert interview.index["a"] == (first, asked)
    assert interview.index["user['x'].b"] == (asked,)
    assert interview.index["d"] == (only,)
    assert "c" not in interview.index


def names_in_order(pack: Pack, more: str) -> list[str | None]:
    blocks = "".join(f"---\nid: {name}\ncode: a = 1\n" for name in ("one", "two", "three"))
    return [block.id for block in pack.interview(blocks + more).index["a"]]


@pytest.mark.parametrize(
    ("more", "order"),
    [
        ("", ["one", "two", "three"]),
        ("---\norder: [one, two, three]\n", ["three", "two", "one"]),
        ("---\norder:\n  - one\n  - three\n", ["two", "three", "one"]),
        ("---\norder: [nobody, one]\n", ["one", "two", "three"]),
        ("---\nid: four\nsupersedes: [one]\ncode: a = 2\n", ["one", "two", "three", "four"]),
    ],
)
def test_order(pack: Pack, more: str, order: list[str]) -> None:
    assert names_in_order(pack, more) == order


def test_supersedes(pack: Pack) -> None:
    interview = pack.interview(
        "id: one\nsupersedes: two\ncode: a = 1\n---\nid: two\ncode: a = 2\n---\nid: three\ncode: a = 3\n"
    )
    assert [block.id for block in interview.index["a"]] == ["two", "one", "three"]


def test_blocks_that_supersede_each_other_keep_their_order(pack: Pack) -> None:
    interview = pack.interview("id: one\nsupersedes: two\ncode: a = 1\n---\nid: two\nsupersedes: one\ncode: a = 2\n")
    assert [block.id for block in interview.index["a"]] == ["one", "two"]


BLOCKS = [
    "question: One\nyesno: a\n",
    "question: Two\nfields:\n  - B: b\n",
    "mandatory: True\ncode: |\n  final\n",
    "event: final\nquestion: End\n",
    "id: kept\ncode: c = 1\n",
]


@given(
    st.integers(0, len(BLOCKS)),
    st.sampled_from(["question: New\nyesno: n\n", "code: m = 1\n", "metadata:\n  title: T\n", "imports: [json]\n"]),
)
def test_inserting_a_block_renames_no_other(tmp_path_factory: pytest.TempPathFactory, position: int, new: str) -> None:
    pack = Pack(tmp_path_factory.mktemp("names"))
    before = {block.source_text.strip(): block.name for block in pack.interview("---\n".join(BLOCKS)).blocks}
    more = [*BLOCKS[:position], new, *BLOCKS[position:]]
    after = {block.source_text.strip(): block.name for block in pack.interview("---\n".join(more)).blocks}
    assert {text: after[text] for text in before} == before
    assert len(set(after.values())) == len(after)


def test_rewording_a_question_does_not_rename_it(pack: Pack) -> None:
    (before,) = pack.interview("question: Old\nyesno: a\n").blocks
    (after,) = pack.interview("question: New words\nsubquestion: More\nyesno: a\n").blocks
    assert after.name == before.name


def test_blocks_alike_have_names_of_their_own_and_all_can_be_found(pack: Pack) -> None:
    interview = pack.interview(
        "question: q\nyesno: a\n---\nquestion: q\nyesno: a\n---\nid: x\ncode: a = 1\n---\nid: x\ncode: a = 2\n"
    )
    names = [block.name for block in interview.blocks]
    assert len(set(names)) == 4
    assert [interview.by_name[name] for name in names] == list(interview.blocks)
    assert interview.by_name["Question_1"] is interview.blocks[1]
