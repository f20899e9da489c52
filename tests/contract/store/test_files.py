"""Files of sessions: whole or not there, of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from shared.store import checks
from shared.store.ports import BadRecord, Store, TooLarge
from shared.store.readers import for_everybody
from shared.store.records import FileInfo
from tests.contract.store.make import at


def put(store: Store, *content: bytes, session: str = "s", filename: str = "a.txt") -> FileInfo:
    return store.files.put(session=session, filename=filename, mimetype="text/plain", content=content, now=at(0))


@pytest.mark.parametrize("sizes", [[], [0], [1], [0, 5, 0], [1_048_576], [1_048_577], [700_000] * 4, [3_000_000]])
def test_what_is_put_is_read(store: Store, sizes: list[int]) -> None:
    content = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    whole = b"".join(content)
    info = put(store, *content, filename="été/.. weird.txt")
    assert store.files.info(info.number) == info
    kept = b"".join(getattr(store, "inner", store).files.read(info.number))
    assert (info.size, info.sha256) == (len(whole), hashlib.sha256(kept).hexdigest())
    assert (info.session, info.filename, info.mimetype, info.created) == ("s", "été/.. weird.txt", "text/plain", at(0))
    assert b"".join(store.files.read(info.number)) == whole


@pytest.mark.parametrize("offset", [0, 1, 1_048_575, 1_048_576, 1_048_577, 2_500_000, 2_999_999, 3_000_000, 9_000_000])
def test_a_file_is_read_from_any_byte_on(store: Store, offset: int) -> None:
    whole = bytes(range(250)) * 12_000
    info = put(store, whole)
    assert b"".join(store.files.read(info.number, offset=offset)) == whole[offset:]


def test_numbers_differ_and_are_not_used_again(store: Store) -> None:
    first, second = put(store, b"1"), put(store, b"2", session="other")
    assert first.number != second.number
    assert store.files.of_session("s") == [first]
    assert store.files.delete(second.number) is True
    assert store.files.delete(second.number) is False
    assert store.files.info(second.number) is None
    assert list(store.files.read(second.number)) == []
    assert put(store, b"3").number > second.number
    assert [one.number for one in store.files.of_session("s")] == sorted(
        one.number for one in store.files.of_session("s")
    )


def test_a_file_is_not_seen_before_it_is_whole(store: Store) -> None:
    seen: list[int] = []

    def content() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * checks.MIB
            seen.append(len(store.files.of_session("s")))

    info = store.files.put(session="s", filename="f", mimetype="m", content=content(), now=at(0))
    assert seen == [0, 0, 0]
    assert store.files.of_session("s") == [info]


def test_content_that_breaks_off_leaves_nothing(store: Store) -> None:
    def content() -> Iterator[bytes]:
        yield b"x" * 3 * checks.MIB
        raise ConnectionResetError("the browser went away")

    with pytest.raises(ConnectionResetError):
        store.files.put(session="s", filename="f", mimetype="m", content=content(), now=at(0))
    assert store.files.of_session("s") == []
    assert store.sessions.delete("s") is False


def test_a_file_over_the_limit_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "FILE_BYTES", 3 * checks.MIB)
    with pytest.raises(TooLarge, match="limit of 3145728 bytes"):
        put(store, b"x" * checks.MIB, b"y" * checks.MIB, b"z" * checks.MIB, b"!")
    assert store.files.of_session("s") == []
    assert store.sessions.delete("s") is False


def lasting(store: Store, session: str, *, time: float) -> int:
    whose = for_everybody(session, lasting=True)
    return store.files.put(session=whose, filename="f", mimetype="m", content=[b"x"], now=at(time)).number


def test_files_that_outlast_their_sessions_say_when_they_were_of_use(store: Store) -> None:
    ordinary = put(store, b"1")
    first, second, third = (lasting(store, name, time=time) for name, time in (("a", 1), ("b", 2), ("a", 3)))
    assert store.files.unused(before=at(3)) == [(first, "a"), (second, "b")]
    assert store.files.unused(before=at(9), limit=1) == [(first, "a")]
    for number in (first, ordinary.number, 10**9):
        store.files.use(number, now=at(5))
    assert store.files.unused(before=at(9)) == [(second, "b"), (third, "a"), (first, "a")]
    assert store.files.delete(second) is True
    assert store.files.unused(before=at(5)) == [(third, "a")]
    assert [one and one.used for one in map(store.files.info, (first, third, ordinary.number))] == [at(5), at(3), None]


def test_what_a_crash_leaves_of_a_file_goes_as_one_that_is_of_no_use(store: Store) -> None:
    left: list[list[tuple[int, str]]] = []

    def content() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * checks.MIB
        left.append(store.files.unused(before=at(9)))
        store.files.delete(left[0][0][0])
        left.append(store.files.unused(before=at(9)))
        raise ConnectionResetError("the end")

    with pytest.raises(ConnectionResetError):
        store.files.put(
            session=for_everybody("s", lasting=True), filename="f", mimetype="m", content=content(), now=at(1)
        )
    assert [[session for _, session in one] for one in left] == [["s"], []]


@pytest.mark.parametrize("content", [b"bytes", "text", ["text"], [None]])
def test_content_is_an_iterable_of_bytes(store: Store, content: object) -> None:
    with pytest.raises(BadRecord, match="bytes"):
        store.files.put(session="s", filename="f", mimetype="m", content=content, now=at(0))  # type: ignore[arg-type]
    assert store.files.of_session("s") == []


@pytest.mark.parametrize("number", [0, 10**9])
def test_unknown_files(store: Store, number: int) -> None:
    assert store.files.info(number) is None
    assert list(store.files.read(number)) == []
    assert store.files.delete(number) is False
