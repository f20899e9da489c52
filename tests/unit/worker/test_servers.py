"""A server in short, as the environment names it: how it is spoken to. What is said to servers: tests/contract/services/test_mails.py."""

from __future__ import annotations

import pytest

from services.outgoing import from_address


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, None, None, "")),
        ("smtp://u%40x:p%2Fq@h:587", ("h", 587, "u@x", "p/q", "starttls")),
        ("smtps://u:p@h", ("h", 465, "u", "p", "implicit")),
    ],
)
def test_a_password_goes_out_only_after_encryption(address: str, expected: tuple[object, ...]) -> None:
    server = from_address(address)
    assert (server.host, server.port, server.username, server.password, server.tls) == expected
