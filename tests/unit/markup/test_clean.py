"""What stays of HTML that somebody else may have written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.markup.clean import clean
from shared.markup.commands import printable


@pytest.mark.parametrize(
    "kept",
    [
        "no HTML at all & so on",
        '<p class="lead" style="color:red" title="a">Hi <b>there</b></p>',
        '<a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener">x</a>',
        '<a href="/relative">x</a><a href="mailto:a@example.com">m</a>',
        '<img src="data:image/png;base64,AA" alt="" width="4">',
        '<iframe src="https://example.com/" allowfullscreen="" loading="lazy"></iframe>',
        '<table class="table"><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td colspan="2">b</td></tr></tbody></table>',
        '<details open=""><summary>more</summary>text</details>',
        '<svg viewBox="0 0 4 4" class="icon" aria-hidden="true"><path d="M0 0h4" fill="none"></path></svg>',
        '<button type="button" class="term" popovertarget="term-1">t</button>',
        '<div data-bs-toggle="collapse" data-own-id="3" id="mine"></div>',
        '<span data-field="user.name"></span>',
        '<input type="checkbox" name="extra" checked="">',
        '<audio controls="" src="/packagestatic/a/b.mp3"></audio>',
    ],
)
def test_what_stays(kept: str) -> None:
    assert clean(kept) == kept


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("a<script>x</script>b", "ab"),
        ("a<style>x</style>b", "ab"),
        ("<template><b>x</b></template>", ""),
        ("<!-- x -->", ""),
        ("<p onclick=x ONERROR=y formaction=z>a</p>", "<p>a</p>"),
        ("<a href=javascript:x>a</a>", "<a>a</a>"),
        ("<a href=' JaVa&#10;script:x'>a</a>", "<a>a</a>"),
        ("<a href=data:text/html,x>a</a>", "<a>a</a>"),
        ("<img src=data:text/html,x>", "<img>"),
        ("<iframe srcdoc='<b>'></iframe>", "<iframe></iframe>"),
        ("<svg><use href=javascript:x></use><animate attributeName=href values=javascript:x></animate></svg>", "<svg><use></use></svg>"),
        ("<b data-author data-script=x data-conditions=x data-state data-item=1>a</b>", "<b>a</b>"),
        ("<i id=parley-page></i><i id=page></i><i id=answer></i><i id=f3></i>", "<i></i><i></i><i></i><i></i>"),
        ("<button name=':do' value=exit form=answer>a</button>", '<button value="exit">a</button>'),
        ("<object data=x></object><embed src=x><base href=x><meta http-equiv=refresh><link href=x>", ""),
        ("<b>open", "<b>open</b>"),
    ],
)  # fmt: skip
def test_what_goes(given: str, left: str) -> None:
    assert clean(given) == left


PIECES = [
    "<",
    ">",
    "/",
    "script",
    "style",
    "svg",
    "img",
    "a ",
    " onerror=",
    "href=",
    "javascript:",
    '"',
    "'",
    "x",
    "&lt;",
]


@given(st.lists(st.sampled_from([*PIECES, "<!--", "-->"]), max_size=40))
def test_nothing_that_runs_is_left(pieces: list[str]) -> None:
    left = clean("".join(pieces))
    assert not re.search(r"<script|<style|<[^>]*\son|<[^>]*javascript:", left.replace("&lt;", ""), re.I)
    assert clean(left) == left


def test_what_nests_deeper_than_browsers_show_is_text() -> None:
    assert clean("<div>" * 600) == "&lt;div&gt;" * 600
    assert clean("<li>a" * 600).count("<li>") == 600


def test_messages_and_contents_are_printed_cleaned_and_nothing_else_is_touched() -> None:
    bad = "<b>a</b><script>x</script>"
    assert printable("flash", bad) == "<b>a</b>"
    assert printable("backgroundresponse", {"target": "t", "content": bad}) == {"target": "t", "content": "<b>a</b>"}
    assert printable(None, [{"target": "t", "content": bad}, bad]) == [{"target": "t", "content": "<b>a</b>"}, bad]
    for extra in ("javascript", "fields", "refresh"):
        assert printable(extra, bad) == bad
    assert printable("flash", 5) == 5
    assert printable(None, {"content": bad}) == {"content": bad}
