"""Text functions: the documented examples, and that escaping and cutting lose nothing."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.memory import ATTACHMENT
from shared.authoring.text.formatting import (
    bold,
    decode_name,
    encode_name,
    fix_punctuation,
    from_b64_json,
    indent,
    italic,
    manual_line_breaks,
    noyes,
    plain,
    quote_paragraphs,
    redact,
    single_paragraph,
    single_to_double_newlines,
    space_to_underscore,
    split,
    verbatim,
    yesno,
)
from shared.markup import to_html


def test_emphasis_of_nothing_is_nothing():
    assert (bold("202-555-2030"), bold(""), bold(None)) == ("**202-555-2030**", "", "")
    assert bold("", default="Not available") == "**Not available**"
    assert (italic("apple"), italic(""), italic(None, default="x")) == ("_apple_", "", "_x_")
    assert (plain("a", default="b"), plain("", default="b"), plain(None), plain(0)) == ("a", "b", "", "0")


def test_lines():
    assert single_to_double_newlines("a\nb\r\n\nc") == "a\n\nb\n\nc"
    assert single_paragraph("a\nb\r\n\nc") == "a b c"
    assert indent("a\n\nb") == "    a\n    \n    b"
    assert indent("a", by=2) == "  a"
    assert quote_paragraphs("a\nb").strip() == "> a\n> \n> b"
    assert manual_line_breaks("a\nb") == "a [BR] b"


def test_file_names_are_safe():
    assert space_to_underscore("John Wilkes Booth") == "John_Wilkes_Booth"
    assert space_to_underscore("../../etc/passwd") == "etc_passwd"


@pytest.mark.parametrize(
    ("reason", "fixed"),
    [
        ("I have a valid claim", "I have a valid claim."),
        ("I have a valid claim.", "I have a valid claim."),
        ("I have a valid claim!", "I have a valid claim!"),
        ("I have a valid claim? ", "I have a valid claim?"),
        ("", ""),
    ],
)
def test_fix_punctuation(reason, fixed):
    assert fix_punctuation(reason) == fixed


def test_fix_punctuation_with_another_mark():
    assert fix_punctuation("Stop", mark="!") == "Stop!"
    assert fix_punctuation("Stop;", other_marks=[";"]) == "Stop;"


def test_verbatim_of_plain_text():
    assert verbatim("Sample text") == "<span>Sample text</span>"


@pytest.mark.parametrize(
    "text", ["*a* _b_", "<script>x</script>", "[a](http://x)", "# head", "1. one", "a `b` ~c~", "[BR] $x$ {term}"]
)
def test_verbatim_shows_what_was_typed(text):
    made = to_html(verbatim(text))
    assert html.unescape(made).replace("<p>", "").replace("</p>", "").strip() == f"<span>{text}</span>"


@pytest.mark.parametrize(
    ("kind", "shown"), [("pandoc", "&#42;a&#42; &lt;b&gt;"), ("docx", "*a* <b>"), ("pdf", "*a* <b>")]
)
def test_verbatim_has_no_html_in_documents(step, kind, shown):
    step.step[ATTACHMENT] = {"format": kind}
    assert verbatim("*a* <b>") == shown


def test_redact_depends_on_the_document(step):
    assert redact("000-22-2299") == "\u2588" * 11
    step.step[ATTACHMENT] = {"redact": False}
    assert redact("000-22-2299") == "000-22-2299"
    step.step[ATTACHMENT] = {"redact": True}
    assert "2299" not in redact("000-22-2299")


def test_yes_and_no():
    assert (yesno(True), yesno(0), yesno(True, invert=True), noyes(True), noyes(False)) == (
        "Yes",
        "No",
        "No",
        "No",
        "Yes",
    )


def test_split_documented():
    phrase = "The quick brown fox jumped over the lazy dog"
    # The documentation's own example lets the second part have 21 characters; its text says 20 at most, as a form needs.
    assert [split(phrase, [12, 20], part) for part in range(4)] == [
        "The quick",
        "brown fox jumped",
        "over the lazy dog",
        "",
    ]
    assert [split(phrase, [12, 21], part) for part in range(3)] == [
        "The quick",
        "brown fox jumped over",
        "the lazy dog",
    ]
    assert split(phrase, 12, 0) == "The quick"
    assert split(phrase, 12, 1) == "brown fox jumped over the lazy dog"
    assert split("short", [12, 20], 1) == ""


@given(st.text(alphabet=st.sampled_from("abc de"), max_size=60), st.lists(st.integers(1, 20), min_size=1, max_size=3))
def test_split_keeps_every_letter_and_no_part_is_too_long(text, lengths):
    parts = [split(text, lengths, index) for index in range(len(lengths) + 1)]
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert all(len(part) <= length for part, length in zip(parts, lengths, strict=False))


@given(st.text())
def test_names_come_back(name):
    assert decode_name(encode_name(name)) == name


def test_encoded_names():
    assert encode_name("favorite_fruit") == "ZmF2b3JpdGVfZnJ1aXQ"
    with pytest.raises(ValueError, match="not a name made by encode_name"):
        decode_name("!!")


def test_from_b64_json():
    assert from_b64_json("eyJhIjogMX0=") == {"a": 1}
    with pytest.raises(ValueError, match="base64-encoded JSON"):
        from_b64_json("bm8")
