"""Addresses: of actions, sessions, files and pages; and the markup that carries them."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.authoring.errors import NotAvailable
from shared.authoring.text.markup import (
    action_button_html,
    interview_url_action_as_qr,
    interview_url_as_qr,
    qr_code,
    static_image,
)
from shared.authoring.text.urls import (
    BadAction,
    action_menu_item,
    decode_action,
    encode_action,
    interview_url,
    interview_url_action,
    url_action,
    url_ask,
    url_of,
)
from shared.contract.links import AREA, Link, key_of
from tests.helpers.examples import examples


class NothingKept:
    """A store beyond the session in which there is nothing yet."""

    def get(self, area, name, key):
        return None

    def keys(self, area, name):
        return []


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def action(url):
    return decode_action(query(url)["action"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)


@examples(20)
@given(st.text(min_size=1), st.dictionaries(st.text(), json_values))
def test_actions_come_back(name, arguments):
    code = encode_action(name, arguments)
    assert decode_action(code) == (name, arguments)
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("text", ["", "!!", "bm90IGpzb24", "W10", "e30", "eyJhY3Rpb24iOjF9", "\u00e4"])
def test_a_link_that_is_none_is_refused(text):
    with pytest.raises(BadAction):
        decode_action(text)


def test_url_action(step):
    url = url_action("set_stuff", fish="trout", money=65433, action="x")
    assert url.startswith("?i=demos:plain.yml&action=")
    assert action(url) == ("set_stuff", {"fish": "trout", "money": 65433, "action": "x"})
    assert action(url_action("page", _forget_prior=True, a=1)) == (
        "_da_priority_action",
        {"_action": "page", "_arguments": {"a": 1}},
    )
    with pytest.raises(TypeError, match="name of an action"):
        url_action(None)


def test_url_ask(step):
    assert action(url_ask("fruit")) == ("_da_force_ask", {"variables": ["fruit"]})
    assert action(url_ask(["fruit", {"recompute": ["cost"]}])) == (
        "_da_force_ask",
        {"variables": ["fruit", {"recompute": ["cost"]}]},
    )


def test_menu_items(step):
    item = action_menu_item("Get more", "change", increment=1, _screen_size="small")
    assert (item["label"], item["screen_size"]) == ("Get more", "small")
    assert action(item["url"]) == ("change", {"increment": 1})


def test_interview_url(step):
    assert query(interview_url()) == {"i": "demos:plain.yml", "session": "s1"}
    assert interview_url().startswith("http://localhost/interview?")
    assert interview_url(local=True).startswith("?")
    assert query(interview_url(fruit="apple", n=3)) == {
        "i": "demos:plain.yml",
        "session": "s1",
        "fruit": "apple",
        "n": "3",
    }
    assert query(interview_url(i="other.yml")) == {"i": "demos:other.yml"}
    assert query(interview_url(i="x:y.yml", session="abc")) == {"i": "x:y.yml", "session": "abc"}
    assert query(interview_url(new_session=1)) == {"i": "demos:plain.yml", "new_session": "1"}
    assert query(interview_url(reset=1))["reset"] == "1"
    assert interview_url(style="short") == "http://localhost/run/demos/plain?session=s1"


def test_interview_url_action(step):
    url = interview_url_action("check", status="normal")
    assert query(url)["session"] == "s1"
    assert action(url) == ("check", {"status": "normal"})
    assert "session" not in query(interview_url_action("check", i="other.yml"))
    assert action(interview_url_action("check", _forget_prior=True))[0] == "_da_priority_action"


def test_an_address_that_expires_leads_to_the_address(step):
    step.storage = NothingKept()
    url = interview_url(temporary=48)
    assert re.fullmatch(r"http://localhost/goto\?c=\w+", url)
    (kept,) = step.effects
    assert (kept.area, kept.seconds) == (AREA, 48 * 3600)
    assert kept.key == key_of(url.rpartition("=")[2]), "the letters themselves are kept nowhere"
    link = msgspec.json.decode(kept.value, type=Link)
    assert not link.once
    assert query(link.url) == {"i": "demos:plain.yml", "session": "s1"}


@pytest.mark.parametrize("given", [0, None, "soon", True, -3, float("nan")])
def test_without_a_number_of_hours_it_is_a_day(step, given):
    step.storage = NothingKept()
    interview_url(**({"temporary": given} if given is not None else {"temporary": 0}))
    assert step.effects[0].seconds == 24 * 3600


def test_one_visit_and_an_action(step):
    step.storage = NothingKept()
    interview_url_action("check", once_temporary=2, status="normal")
    link = msgspec.json.decode(step.effects[0].value, type=Link)
    assert link.once
    assert action(link.url) == ("check", {"status": "normal"})
    assert interview_url(temporary=1, local=True).startswith("/goto?c=")


def test_a_page_that_is_shown_again_shows_the_same_link_while_most_of_its_time_is_left(step):
    step.storage = NothingKept()
    first, once = interview_url(temporary=10), interview_url(once_temporary=10)
    step.step.clear()
    assert interview_url(temporary=10) == first
    assert interview_url(once_temporary=10) != once, "that one may have been used"
    assert interview_url(temporary=11) != first
    step.step.clear()
    step.now += timedelta(hours=2)
    assert interview_url(temporary=10) != first


def test_short_addresses_of_others(step):
    step.storage = NothingKept()
    assert url_of("redirect", url="https://example.com/", expire=60, local=True).startswith("/goto?c=")
    assert step.effects[0].seconds == 60
    assert url_of("temp_url", url="https://example.com/", one_time=True).startswith("http://localhost/goto?c=")
    assert step.effects[1].seconds == 7_776_000
    with pytest.raises(ValueError, match="`url`"):
        url_of("temp_url")
    with pytest.raises(NotAvailable, match="accounts"):
        url_of("login_url")


def test_without_a_store_an_address_that_expires_is_refused_rather_than_permanent(step):
    step.storage = None
    with pytest.raises(NotAvailable, match="an address that expires"):
        interview_url(temporary=1)


def test_url_of_files(step):
    assert url_of("brochure.pdf") == "/files/demos:data/static/brochure.pdf"
    assert url_of("x.y:brochure.pdf") == "/files/x.y:data/static/brochure.pdf"
    assert url_of("x.y:data/templates/a.md", _external=True) == "http://localhost/files/x.y:data/templates/a.md"
    assert url_of("a.pdf", _attachment=True) == "/files/demos:data/static/a.pdf?attachment=1"
    step.block = SimpleNamespace(place=SimpleNamespace(file="included:data/questions/part.yml"), id=None)
    assert url_of("a.pdf") == "/files/included:data/static/a.pdf"


def test_url_of_pages(step):
    assert url_of("root", _external=True) == "http://localhost/"
    assert query(url_of("login", next="http://x/y?z=1")) == {"next": "http://x/y?z=1"}
    assert url_of("signin") == url_of("login")
    assert query(url_of("interview", i="q.yml")) == {"i": "demos:q.yml"}
    assert url_of("https://example.com", query="Hello, world!") == "https://example.com?query=Hello%2C+world%21"
    assert url_of("mailto:a@b.c", subject="x") == "mailto:a@b.c?subject=x"


@pytest.mark.parametrize("name", ["restart", "exit", "leave", "new_session", "logout", "exit_logout"])
def test_url_of_commands(step, name):
    assert url_of(name) == f"?i=demos:plain.yml&command={name}"
    assert query(url_of(name, next="http://x?a=b")) == {"i": "demos:plain.yml", "command": name, "next": "http://x?a=b"}
    assert url_of(name, _external=True) == f"http://localhost/interview?i=demos:plain.yml&command={name}"


def test_buttons():
    assert action_button_html(
        "https://docassemble.org", label="Visit our web site", color="primary", size="md"
    ).strip() == ('<a href="https://docassemble.org" class="btn btn-primary btn-darevisit">Visit our web site</a>')
    made = action_button_html("x", icon="pencil-alt", block=True, classname="mine", id_tag="b1", new_window=True)
    assert '<i class="fas fa-pencil-alt"></i>' in made
    assert 'class="btn btn-sm btn-block btn-dark btn-darevisit mine"' in made
    assert 'id="b1"' in made
    assert 'target="_blank"' in made
    assert 'target="_self"' in action_button_html("x", new_window=False)
    assert 'class="fab fa-windows"' in action_button_html("x", icon="fab-fa-windows")


def test_what_goes_into_a_button_is_escaped():
    made = action_button_html('"><script>', label="<b>", classname='"', id_tag="'\"")
    assert "<script>" not in made
    assert "<b>" not in made


def test_markup(step):
    assert qr_code("http://google.com", width="200px") == "[QR http://google.com, 200px]"
    assert qr_code("http://yahoo.com") == "[QR http://yahoo.com]"
    assert qr_code("x", alt_text="a code") == "[QR x, None, a code]"
    assert static_image("crawling.png", width="2in") == "[FILE demos:data/static/crawling.png, 2in]"
    assert interview_url_as_qr(alt_text="go", a=1) == f"[QR {interview_url(a=1)}, None, go]"
    assert interview_url_action_as_qr("x", width="1in") == f"[QR {interview_url_action('x')}, 1in]"
