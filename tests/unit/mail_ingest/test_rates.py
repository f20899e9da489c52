"""So many mails a minute from one peer, and no memory without end."""

from __future__ import annotations

from services.mail_ingest import rates
from services.mail_ingest.rates import Rates


class Hands:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_peer_may_send_so_many_and_again_when_time_has_passed() -> None:
    hands = Hands()
    limit = Rates(per_minute=3, clock=hands)
    assert [limit.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert limit.take("b")
    hands.now += 19.9
    assert not limit.take("a")
    hands.now += 0.2
    assert [limit.take("a") for _ in range(2)] == [True, False]
    hands.now += 3600
    assert [limit.take("a") for _ in range(4)] == [True, True, True, False]


def test_no_limit() -> None:
    limit = Rates(per_minute=0, clock=Hands())
    assert all(limit.take("a") for _ in range(1000))


def test_only_so_many_peers_are_remembered(monkeypatch) -> None:
    monkeypatch.setattr(rates, "PEERS", 10)
    limit = Rates(per_minute=1, clock=Hands())
    assert all(limit.take(f"peer {number}") for number in range(100))
    assert len(limit._buckets) == 10
    assert not limit.take("peer 99")
    assert limit.take("peer 0")
