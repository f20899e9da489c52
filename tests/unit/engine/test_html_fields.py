"""HTML of an author's with values in it: what he wrote stays, values are made harmless where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.fields.html import Html, bracketed, taken_apart


def made(source: str, value: str) -> Html:
    return taken_apart(source.replace("$", bracketed(value)))


@pytest.mark.parametrize(
    ("source", "value", "printed"),
    [
        ("<p>$</p>", "<b>x</b><script>y</script>", "<p><b>x</b></p>"),
        ("</div><tr onclick='a()'>$", "<i>x", "</div><tr onclick='a()'><i>x</i>"),
        ('<p title="$">', '" onfocus=x', '<p title="&quot; onfocus=x">'),
        ("<p title='$'>", "'><script>", "<p title='&#x27;&gt;&lt;script&gt;'>"),
        ('<a href="$">', "javascript:x", '<a href="#">'),
        ('<a href="$">', "/a?b=c&d=e", '<a href="/a?b=c&d=e">'),
        ('<img src="$">', "data:image/png;base64,AA", '<img src="data:image/png;base64,AA">'),
        ('<a href="/x?$">', "javascript:x", '<a href="/x?javascript:x">'),
        ("<p $>", "onclick=x class=y", '<p class="y">'),
        ("<p $>", "><script>x</script>", "<p >"),
        ("<p class=$>", "x onclick=y", '<p class="x onclick=y">'),
        ("<style>a { b: $ }</style>c", "</style><b>", "<style>a { b: \\3c /style>\\3c b> }</style>c"),
        ("<!-- it's $ --><b>", "--><script>", "<!-- it's >\\3c script> --><b>"),
        ("it's <b>$</b>", "x", "it's <b>x</b>"),
    ],
)
def test_values_where_they_stand(source: str, value: str, printed: str) -> None:
    assert made(source, value) == Html(printed)


def test_scripts_leave_and_a_value_cannot_end_one() -> None:
    found = made(
        '<b>a</b><script src="x.js"></script><SCRIPT type=module>if (1 < 2) f("$")</script >c', '</script><!--"'
    )
    assert found.printed == "<b>a</b>c"
    assert found.scripts == (
        '<script src="x.js"></script>',
        '<SCRIPT type=module>if (1 < 2) f("<\\/script><\\!--"")</script >',
    )


@given(
    st.text(alphabet="<>/\"'= scriptonx!-", max_size=60),
    st.sampled_from(["<p>$</p>", '<p a="$">', "<p $>", "<p a=$>", "<style>$</style>"]),
)
def test_no_value_becomes_a_script(value: str, source: str) -> None:
    found = made(source, value)
    assert found.scripts == ()
    assert "<script" not in found.printed.lower()


def test_a_value_cannot_pretend_to_be_the_authors() -> None:
    inside = bracketed("\ufdd0<script>x</script>\ufdd1%EF%B7%90")
    assert taken_apart(f"<p>{inside}</p>") == Html("<p></p>")
