"""Ports that mail_ingest cannot have. One that is taken: tests/e2e/test_mail_reception.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.mail_ingest.server import Kind, Listener, listening

_FIRST = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


@pytest.fixture
def nobody() -> Iterator[None]:
    """The tests may be run by root, who may have any port."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(
    not _FIRST.exists() or int(_FIRST.read_text()) <= 25,
    reason="needs a kernel that keeps port 25 for root; this one gives it to all",
)
@pytest.mark.parametrize("kind", [Kind.SMTP, Kind.LMTP])
def test_a_port_that_is_forbidden_is_said_with_what_allows_it(nobody: None, kind: Kind) -> None:
    with pytest.raises(PermissionError) as refused:
        listening(Listener(host="127.0.0.1", port=25, kind=kind))
    assert f"{kind} on 127.0.0.1:25" in str(refused.value)
    assert "CAP_NET_BIND_SERVICE" in str(refused.value)
