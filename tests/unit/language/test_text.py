"""Mako: what a template renders, which names it looks up and when, and what its mistakes are called."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mako.exceptions import MakoException
from mako.template import Template

from shared.language.code import place_of
from shared.language.mako_nodes import BadTemplate
from shared.language.model import Place
from shared.language.text import Def, JoinedText, MakoText, PlainText, compile_text

PLACE = Place("pack:data/questions/main.yml", "Question_1", 1, 10)


def render(source: str, **names: Any) -> str:
    return compile_text(source, PLACE).render(names)


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("plain, 100% of it # and $5", "plain, 100% of it # and $5"),
        ("${ a }", "1"),
        ("a ${ a } b ${ word } c", "a 1 b x c"),
        ("${ None }", "None"),
        ("a${ }b${}c${ | h }d", "abcd"),
        ("a${ # not yet }\n}b${\n# one\n  # two\n}c", "abc"),
        ("${\n# the first\na }", "1"),
        ("${ {'k': a}['k'] }", "1"),
        ("${ word + '}' }", "x}"),
        ("${ 'a | b' }", "a | b"),
        ("${ '<b>' | h }", "&lt;b&gt;"),
        ("${ ' <b> ' | trim, h }", "&lt;b&gt;"),
        ("${ word | n }", "x"),
        ("${ 'x y' | u }", "x+y"),
        ("${ word | shout }", "X"),
        ("% if a == 1:\none\n% elif a == 2:\ntwo\n% else:\nmany\n% endif\n", "one\n"),
        ("% if a == 2:\n% else: # not\nempty if\n% endif\n", "empty if\n"),
        ("% for n in things:\n${ n },\n% endfor\nend", "1,\n2,\n3,\nend"),
        ("% for n in things:\n${ n }${ '' if loop.last else ',' }\\\n% endfor\n", "1,2,3"),
        (
            "% for n in things:\n% for m in things:\n${ loop.parent.index }${ loop.index } \\\n% endfor\n% endfor\n",
            "00 01 02 10 11 12 20 21 22 ",
        ),
        ("% for n in []:\n% else:\nnone\n% endfor\n", "none\n"),
        ("% while a < 0:\n% endwhile\nw", "w"),
        ("% try:\n${ 1 / 0 }\n% except ZeroDivisionError as e:\n${ e }\n% endtry\n", "division by zero\n"),
        ("<%\n  total = a + 1\n  text = '''one\n two'''\n%>${ total } ${ text }", "2 one\n two"),
        ("before\n<% return STOP_RENDERING %>after", "before\n"),
        ("<%def name='f(x, y=2)'>[${ x }${ y }]</%def>${ f(1) }${ f(1, y=5) }", "[12][15]"),
        ("<%def name='f()' filter='h'><i></%def>${ f() }", "&lt;i&gt;"),
        ("<%text>${ a } % if</%text>", "${ a } % if"),
        ("<%doc>not</%doc>shown", "shown"),
        ("## Heading ${ a }\n% if a:\n### Inner\n% endif\n  ## Last", "## Heading 1\n### Inner\n  ## Last"),
        ("<%\n## a comment of Python\nb = a\n%>${ b }\n## ${ a }", "1\n## 1"),
        ("%% not a control line\nx", "% not a control line\nx"),
        ("joined \\\nline", "joined line"),
        ("  % if a:\n  indented\n  % endif\n", "  indented\n"),
        ("${ [\n  a,\n  word,\n] }", "[1, 'x']"),
        ("${ (lambda y: y + a)(2) }", "3"),
        ("${ a\n}", "1"),
    ],
)
def test_renders_as_mako(source: str, result: str) -> None:
    assert render(source, a=1, word="x", things=[1, 2, 3], shout=str.upper) == result


def test_the_three_kinds_of_text() -> None:
    assert isinstance(compile_text("words", PLACE), PlainText)
    assert isinstance(compile_text("${ a.b(c)[0] } words", PLACE), JoinedText)
    assert isinstance(compile_text("${ a | h }", PLACE), MakoText)


@given(
    st.lists(
        st.one_of(st.text("ab\n %<>'\"{}", max_size=8), st.sampled_from(["${ a }", "${ b['k'] }", "${ a + 'x' }"])),
        max_size=6,
    )
)
def test_the_short_way_gives_what_mako_gives(parts: list[str]) -> None:
    source = "".join(parts)
    names = {"a": "A", "b": {"k": "B"}}
    try:
        expected = Template(source, strict_undefined=True).render(**names)
    except MakoException:
        with pytest.raises(BadTemplate):
            compile_text(source, PLACE)
        return
    assert compile_text(source, PLACE).render(dict(names)) == expected


def test_a_missing_name_is_missing_only_when_it_is_reached() -> None:
    source = "${ first }\n% if first:\n${ second }\n% else:\n${ third }\n% endif\n"
    with pytest.raises(NameError, match="name 'first' is not defined"):
        render(source)
    with pytest.raises(NameError, match="name 'second' is not defined"):
        render(source, first=1)
    assert render(source, first=0, third=3) == "0\n3\n"


def test_names_come_from_the_builtins_of_the_namespace_too() -> None:
    namespace = {"__builtins__": {"word": str.upper, "len": len}}
    assert compile_text("${ word('a') } ${ len('ab') }", PLACE).render(namespace) == "A 2"
    assert compile_text("% for word in [word('b')]:\n${ word }\n% endfor\n", PLACE).render(namespace) == "B\n"


def test_what_a_text_assigns_stays_in_the_text() -> None:
    names: dict[str, Any] = {"n": "outer", "things": [1]}
    text = compile_text("${ n }\n% for n in things:\n${ n }\n% endfor\n<% other = 1 %>${ n }", PLACE)
    assert text.render(names) == "outer\n1\n1"
    assert "other" not in names
    assert names["n"] == "outer"


def test_rendering_twice_gives_the_same() -> None:
    text = compile_text("% for n in range(3):\n${ n }\n% endfor\n", PLACE)
    assert text.render({}) == text.render({}) == "0\n1\n2\n"


@pytest.mark.parametrize(
    "source",
    [
        "one\n${ a }\n${ 1 / 0 }",
        "one\n\n<%\n%>\n${ 1 / 0 }".replace("\n\n<%\n%>", "\n"),
        "% if True:\none\n${ 1 / 0 }\n% endif",
        "one\ntwo\n<% x = 1 / 0 %>",
        "<%def name='f()'>\n\n${ 1 / 0 }</%def>${ f() }",
    ],
)
def test_a_traceback_names_the_line_of_the_file(source: str) -> None:
    text = compile_text(source, PLACE)
    expected = PLACE.line + source[: source.index("1 / 0")].count("\n")
    with pytest.raises(ZeroDivisionError) as caught:
        text.render({"a": 1})
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    place = place_of(last.filename, last.lineno or 0)
    assert place is not None
    assert (place.file, place.block, place.line) == (PLACE.file, PLACE.block, expected)


@pytest.mark.parametrize(
    "call",
    [
        "<%self:box title='A'>text ${ a }</%self:box>",
        "<%self:box title=\"${ word + 'y' }\">\n% if a:\nopen\n% endif\n</%self:box>",
        "<%self:box title='A'/>",
        "<%self:box title='A'><%self:box title='B'>inner</%self:box></%self:box>",
        "<%self:plain x='1'>not used</%self:plain>",
        "<%self:loud>quiet</%self:loud>",
        "<%self:twice args='n'>${ n };</%self:twice>",
    ],
)
def test_a_def_called_as_a_tag_is_what_it_is_in_mako(call: str) -> None:
    defs = """\
<%def name="box(title)">[${ title }: ${ caller.body() if caller else '' }]</%def>
<%def name="plain(x)">(${ x })</%def>
<%def name="loud()" filter="str.upper">${ caller.body() }!</%def>
<%def name="twice()">${ caller.body(n=1) }${ caller.body(n=2) }</%def>
"""
    names = {"a": 1, "word": "x"}
    assert render(defs + call, **names) == Template(defs + call).render(**names)


def test_defs_of_other_blocks_keep_their_place() -> None:
    shared = Def(
        "tools",
        "<%def name='explain(x)'>\n${ x } is ${ missing }</%def>",
        Place("pack:data/questions/defs.yml", "Question_0", 0, 3),
    )
    text = compile_text("So: ${ explain('this') }", PLACE, defs=[shared])
    assert text.render({"missing": "fine"}) == "So: \nthis is fine"
    with pytest.raises(NameError, match="missing") as caught:
        text.render({})
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    place = place_of(last.filename, last.lineno or 0)
    assert place is not None
    assert (place.file, place.line) == ("pack:data/questions/defs.yml", 4)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("% if a:\nopen", 10, "Unterminated control keyword"),
        ("% endif", 10, "No starting keyword"),
        ("x\n${ a", 11, "unterminated"),
        ("${ a + }", 10, "not Python"),
        ("${ a; b }", 10, "not Python"),
        ("${ a) + (b }", 10, "not Python"),
        ("${ x = 1 }", 10, "not Python"),
        ("one\n% if a\ntwo\n% endif", 11, "colon"),
        ("% for x of y:\n% endfor", 10, "not Python"),
        ("% unless x:\n% endunless", 11, "No starting keyword"),
        ("% if a:\n% except:\n% endif", 11, "not a legal"),
        ("% if a:\n% else:\n% else:\n% endif", 12, "too late"),
        ("% if a:\n% else:\n% elif b:\n% endif", 12, "too late"),
        ("% unless x:\n", 10, "does not"),
        ("% if a:\n% else b:\n% endif", 11, "must be % else:"),
        ("<% x = %>", 10, "not Python"),
        ("x\n<%\n  y = 1\n  z = (\n%>", 13, "not Python"),
        ("<%include file='x'/>", 10, "<%include> cannot be used"),
        ("<%inherit file='x'/>", 10, "cannot be used"),
        ("<%block>x</%block>", 10, "cannot be used"),
        ("<%def name='f()'>x", 10, "Unclosed tag"),
        ("<%def name='f'>x</%def>", 10, "parenthesis"),
        ("% if a:\n<%def name='f()'>\n% endif\n</%def>", 12, "does not belong"),
        ("<%def name='f()'>\n% if a:\n</%def>\n% endif", 10, "not ended inside"),
        ("% try:\nx\n% endtry", 12, "% try needs"),
        ("% if a: b = 1\n% endif", 10, "colon"),
        ("<% break %>", 10, "not Python"),
        ("</%def>", 10, "Closing tag without opening"),
        ("<%nothing/>", 10, "No such tag"),
        ("x\n<%self:none/>", 11, "no <%def> of that name"),
        ("<%other:none/>", 10, "cannot be used"),
    ],
)
def test_mistakes_in_mako_have_a_line_and_a_reason(source: str, line: int, words: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        compile_text(source, PLACE)
    assert words in str(caught.value)
    assert caught.value.line == line


@given(st.text("${}%<>/\\ \n\"'|#()ifendfor:dtxn=", max_size=40))
def test_any_text_compiles_or_is_refused_in_words(source: str) -> None:
    try:
        result: object = compile_text(source, PLACE).source
    except BadTemplate as error:
        result = (str(error), error.line)
    assert result == source or (isinstance(result, tuple) and result[0] and result[1] >= PLACE.line)
