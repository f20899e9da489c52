"""What authors write becomes what markup.md and documents.md promise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.markup import MarkupContext, to_html, to_inline, to_plain
from shared.markup.terms import term_id


def picture(reference: str, width: str | None, alt: str | None) -> str | None:
    return None if reference == "missing" else f'<img src="/{reference}" data-width="{width}" alt="{alt}">'


AROUND = MarkupContext(
    file_tag=picture,
    icon=lambda name: "<i>icon</i>" if name == "smile" else None,
    terms=("apple", "Green Apple"),
    host="interview.example.com",
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Plain words", "<p>Plain words</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("**bold**", "<p><strong>bold</strong></p>"),
        ("[CENTER] middle", '<p class="text-center">middle</p>'),
        ("[BOLDCENTER] middle", '<p class="text-center fw-bold">middle</p>'),
        ("[FLUSHRIGHT] end", '<p class="text-end">end</p>'),
        ("[INDENTBY 1in 0.5in] in", '<p style="padding-left:1in;padding-right:0.5in">in</p>'),
        ("a[BR]b", "<p>a<br>b</p>"),
        ("a[NEWLINE]b", "<p>a<br>b</p>"),
        ("a[NEWPAR]b", "<p>a</p>\n<p>b</p>"),
        ("`[BR]`", "<p><code>[BR]</code></p>"),
        ("[TARGET news]", '<div class="datargetnews" aria-live="polite"></div>'),
        ("so [TARGET a] it", '<p>so <span class="datargeta" aria-live="polite"></span> it</p>'),
        ("I am [FIELD user.age] old", '<p>I am <span data-field="user.age"></span> old</p>'),
        (":smile: at 10:30:45 :unknown:", "<p><i>icon</i> at 10:30:45 :unknown:</p>"),
        ("[NO_EMOJIS]:smile:", "<p>:smile:</p>"),
        ("[FILE a.png]", '<p><img src="/a.png" data-width="None" alt="None"></p>'),
        ("[FILE p:a.png, 50%, A face]", '<p><img src="/p:a.png" data-width="50%" alt="A face"></p>'),
        ("[FILE p:a.png, None, A face]", '<p><img src="/p:a.png" data-width="None" alt="A face"></p>'),
        ("[FILE missing]", "<p>[FILE missing]</p>"),
        ("{unknown} stays", "<p>{unknown} stays</p>"),
    ],
)
def test_markup(text: str, made: str) -> None:
    assert to_html(text, AROUND) == made


def test_terms_open_their_definition_whatever_their_case_and_shown_text() -> None:
    made = to_html("An {Apple} and a {green  apple|fruit}.", AROUND)
    assert f'popovertarget="{term_id("apple")}">Apple<' in made
    assert f'popovertarget="{term_id("Green Apple")}">fruit<' in made


def test_auto_terms_leave_links_code_and_attributes_alone() -> None:
    around = MarkupContext(auto_terms=("court", "high court"))
    made = to_html('The high court, [a court](/court) and `court` <b title="court">court</b> courtly.', around)
    assert made.count("<button") == 2
    assert "high court</button>" in made
    assert '<a href="/court">a court</a>' in made
    assert '<b title="court">' in made


def test_links_out_of_the_interview_open_in_another_tab() -> None:
    def link(address: str) -> str:
        return to_html(f"[x]({address})", AROUND)

    assert 'target="_blank"' in link("https://elsewhere.example.com/")
    assert 'rel="noopener noreferrer"' in link("https://elsewhere.example.com/")
    assert 'target="_blank"' in link("/uploadedfile/3/letter.pdf")
    assert "target" not in link("/interview?i=demos:welcome.yml")
    assert "target" not in link("https://interview.example.com/list")
    assert 'target="_blank"' in to_html('[x](/list){:target="_blank"}', AROUND)


def test_tables_have_the_class_the_author_asked_for() -> None:
    table = "|a|b|\n|---|---|\n|1|2 {: .text-end }|"
    made = to_html(table, MarkupContext(table_class="table table-bordered, thead-dark"))
    assert '<table class="table table-bordered">' in made
    assert '<thead class="thead-dark">' in made
    assert '<th scope="col">a</th>' in made
    assert '<td class="text-end">2</td>' in made


def test_two_columns_are_markdown_inside() -> None:
    made = to_html("[BEGIN_TWOCOL] **a** [BREAK] b [END_TWOCOL]")
    assert made.count('class="col-6"') == 2
    assert "<strong>a</strong>" in made


def test_videos_are_embedded_without_cookies() -> None:
    assert "https://www.youtube-nocookie.com/embed/RpgYyuLt7Dx" in to_html("[YOUTUBE RpgYyuLt7Dx]")
    assert "ratio-4x3" in to_html("[YOUTUBE4:3 RpgYyuLt7Dx]")
    assert "https://player.vimeo.com/video/1234" in to_html("[VIMEO 1234]")


def test_author_html_passes_and_markdown_in_it_only_where_asked() -> None:
    assert (
        to_html('<span style="color: red;">**x**</span>')
        == '<p><span style="color: red;"><strong>x</strong></span></p>'
    )
    assert "**x**" in to_html("<div>**x**</div>")
    assert "<strong>x</strong>" in to_html('<div markdown="1">**x**</div>')


def test_inline_text_loses_its_paragraph_but_blocks_stay() -> None:
    assert to_inline("**x** y") == "<strong>x</strong> y"
    assert to_inline("a\n\nb") == "<p>a</p>\n<p>b</p>"


def test_plain_text_for_titles() -> None:
    assert to_plain("**Tell** us\nabout <i>you</i> & me") == "Tell us about you & me"
    assert to_plain(None) == ""


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_converts_and_plain_words_keep_every_letter(text: str) -> None:
    assert isinstance(to_html(text, AROUND), str)
    words = re.sub(r"[^A-Za-z]+", " ", text).strip()
    assert to_plain(words) == words


@given(st.text(alphabet="ab'\"&>", min_size=1, max_size=60))
def test_what_is_no_markup_comes_out_as_it_went_in(text: str) -> None:
    assert to_plain(f"x{text}") == f"x{text}"


def test_a_qr_code_is_drawn_in_the_page() -> None:
    made = to_html("[QR https://example.com/a?b=1&c=2, 160px, The address]")
    assert made.count("<svg ") == 1
    assert 'aria-label="The address"' in made
    assert "width:160px" in made
    assert "[QR" not in made
    assert "[QR " in to_html("[QR " + "x" * 2000 + "]")


def test_icons_of_font_awesome_become_pictures() -> None:
    around = MarkupContext(icon=lambda name: f"<svg>{name}</svg>")
    assert "<svg>arrow-up</svg> Up" in to_html('<i class="fa-solid fa-arrow-up"></i> Up', around)
    assert '<i class="other"></i>' in to_html('<i class="other"></i>', around)
