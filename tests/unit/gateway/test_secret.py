"""What a browser's one secret gives, and that nothing of it shows."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.client.secret import BadSecret, BrowserSecret

ONE, OTHER = BrowserSecret(bytes(32)), BrowserSecret(bytes(range(32)))


def test_everything_derived_is_the_same_again_and_of_its_own() -> None:
    def derived(secret: BrowserSecret) -> list[str]:
        keys = [secret.key("s1"), secret.key("s2"), secret.key("s1 ")]
        sessions = [secret.new_session("a:b.yml", "r1"), secret.new_session("a:b.yml", "r2")]
        return [*keys, *sessions, secret.browser, secret.csrf, secret.name, secret.text]

    assert derived(ONE) == derived(BrowserSecret(bytes(32)))
    assert len({*derived(ONE), *derived(OTHER)}) == 2 * len(derived(ONE))


def test_the_key_is_that_of_the_specification() -> None:
    # HKDF-SHA256, salt = id of the session, info = "parley session 1": written out, so that it cannot drift.
    raw = HKDF(algorithm=SHA256(), length=32, salt=b"s1", info=b"parley session 1").derive(bytes(32))
    assert ONE.key("s1") == base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_nothing_shows() -> None:
    assert repr(ONE) == str(ONE) == "BrowserSecret(…)"


@given(st.binary(min_size=32, max_size=32))
def test_a_secret_is_read_as_it_was_written(raw: bytes) -> None:
    assert BrowserSecret.parse(BrowserSecret(raw).text) == BrowserSecret(raw)


@pytest.mark.parametrize(
    "text", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "B", "é" * 43, "A" * 42 + "=", "A" * 42 + "+", "A" * 42 + "²"]
)
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(BadSecret):
        BrowserSecret.parse(text)


def test_a_secret_has_32_bytes() -> None:
    with pytest.raises(BadSecret):
        BrowserSecret(b"short")


def test_what_is_asked_for_again_is_not_derived_again(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[bytes] = []

    def counted(**given: Any) -> HKDF:
        derived.append(given["salt"] + given["info"])
        return HKDF(**given)

    monkeypatch.setattr("services.gateway.client.secret.HKDF", counted)
    secret, known = BrowserSecret(bytes(32)), (ONE.name, ONE.browser, ONE.csrf)
    derived.clear()
    for _ in range(3):  # a request names its cookie, checks its token, and shows its key to each call that it makes
        assert (secret.name, secret.browser, secret.csrf) == known
        assert secret.key("s1") != secret.key("s2")
    assert len(derived) == len({*derived}) == 5
    BrowserSecret(bytes(32)).key("s1")
    assert len(derived) == 6, "another request has a secret of its own: nothing is kept beyond one"


def test_what_is_kept_of_it_is_bounded() -> None:
    secret = BrowserSecret(bytes(32))
    for number in range(1000):
        secret.new_session("a:b.yml", str(number))
    assert len(secret._known) < 100
