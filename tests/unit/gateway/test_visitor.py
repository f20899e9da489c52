"""The cookie: what is remembered of a browser, and how little of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from services.gateway import visitor


@pytest.fixture(autouse=True)
def request_of_a_browser() -> Iterator[None]:
    app = Flask(__name__)
    app.secret_key = "a key of this test"
    with app.test_request_context():
        yield


def test_the_latest_session_of_an_interview_is_the_one_to_go_on_with() -> None:
    visitor.remember("a:x.yml", "s1")
    visitor.remember("b:y.yml", "s2")
    visitor.remember("a:x.yml", "s3")
    assert visitor.session_of("a:x.yml") == "s3"
    assert visitor.interview_of("s1") == "a:x.yml"
    assert visitor.last_interview() == "a:x.yml"
    assert visitor.knows("s1")
    visitor.forget("s3")
    assert visitor.session_of("a:x.yml") == "s1"


def test_the_oldest_are_forgotten() -> None:
    for number in range(visitor.REMEMBERED + 3):
        visitor.remember("a:x.yml", f"s{number}")
    assert len(visitor.sessions()) == visitor.REMEMBERED
    assert not visitor.knows("s0")


def test_long_names_leave_the_cookie_small_and_the_newest_in_it() -> None:
    for number in range(10):
        visitor.remember(f"{'a' * 490}:{number}.yml", f"s{number}")
    assert visitor.knows("s9")
    assert len(visitor.sessions()) == 4


def test_the_token_is_of_this_browser_and_compared_whole() -> None:
    token = visitor.csrf_token()
    assert visitor.csrf_token() == token
    assert visitor.csrf_matches(token)
    assert not visitor.csrf_matches(token[:-1])
    assert not visitor.csrf_matches(None)
    visitor.forget_all()
    assert not visitor.csrf_matches(token)
