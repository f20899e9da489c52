"""Links that expire, as steps leave them and visitors follow them, over every store."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.interview.links import Links
from services.session_host import SessionHost
from services.storage import Whose, change
from shared.contract.effects import Keep
from shared.contract.links import AREA, Link, key_of
from shared.store.ports import Store
from tests.helpers.hands import Hands

ANN = Whose(session="s1", interview="p:a.yml", user={}, client="browser-of-ann")
CODE = "c0de" * 8


def made(store: Store, now: datetime, *, once: bool = False, value: bytes | None = None) -> None:
    link = value if value is not None else msgspec.json.encode(Link(url="/interview?i=p:a.yml", once=once))
    keep = Keep(area=AREA, key=key_of(CODE), value=link, seconds=3600)
    change(store.storage, keep, ANN, mark="m", now=now)


def test_it_leads_there_as_often_as_one_likes_until_its_time_is_over(store: Store, hands: Hands) -> None:
    made(store, hands.now)
    links = Links(store.storage, clock=hands)
    assert [links.follow(code=CODE).url for _ in range(3)] == ["/interview?i=p:a.yml"] * 3
    assert links.follow(code=CODE[:-1]).url is None
    hands.move(minutes=59)
    assert links.follow(code=CODE).url is not None
    hands.move(minutes=1)
    assert links.follow(code=CODE).url is None
    assert store.storage.expire(before=hands.now + timedelta(seconds=1), limit=10) == 1, "and nothing of it stays"


def test_one_for_a_single_visit_leads_there_once_also_of_many_at_a_time(store: Store, hands: Hands) -> None:
    made(store, hands.now, once=True)
    found: list[str | None] = []
    links = Links(store.storage, clock=hands)
    threads = [threading.Thread(target=lambda: found.append(links.follow(code=CODE).url)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, found)) == [False] * 7 + [True]


@pytest.mark.parametrize("value", [b"", b"no json", b"[]", b'{"url": 5}', b'{"once": true}'])
def test_what_author_code_wrote_in_its_place_leads_nowhere(store: Store, hands: Hands, value: bytes) -> None:
    made(store, hands.now, value=value)
    assert Links(store.storage, clock=hands).follow(code=CODE).url is None
    assert Links(store.storage, clock=hands).follow(code=CODE * 100).url is None


def test_author_code_reads_none(store: Store) -> None:
    """Their addresses hold the ids of other people's sessions."""
    now = datetime(2026, 1, 15, 12, tzinfo=UTC)
    made(store, now)
    host = SessionHost(store, "s1", clock=lambda: now)
    host.acts_for(ANN)
    with pytest.raises(LookupError):
        host.stored(AREA, "", key_of(CODE))
    with pytest.raises(LookupError):
        host.stored_keys(AREA, "", "")


@pytest.fixture
def hands() -> Hands:
    return Hands()
