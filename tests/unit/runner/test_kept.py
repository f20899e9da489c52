"""What is remembered in the clear, and that it is forgotten also where nobody asks for anything any more."""

from __future__ import annotations

import threading

from shared.runner.kept import Forgetting, Kept


def test_bytes_and_number_are_bounded() -> None:
    made: Kept[str, bytes] = Kept(len, most_bytes=10, most=3)
    for key in "abcd":
        made.put(key, b"xx")
    assert [made.get(key) for key in "abcd"] == [None, b"xx", b"xx", b"xx"]
    made.put("e", b"x" * 7)
    assert (made.get("b"), made.get("c"), made.get("d")) == (None, None, b"xx")
    made.put("f", b"x" * 11)
    assert (made.get("f"), made.get("e")) == (None, b"x" * 7), "what does not fit drives out nothing"
    made.put("e", b"y")
    made.drop("d")
    assert (len(made), made.get("e")) == (1, b"y")


def test_a_service_that_nobody_asks_forgets_all_the_same() -> None:
    now = [0.0]
    looks = threading.Semaphore(0)
    forgetting = Forgetting(sleep=lambda seconds: looks.acquire(timeout=30))
    made: Kept[str, bytes] = Kept(len, most_bytes=10, clock=lambda: now[0], forgetting=forgetting)
    made.put("answers", b"x")
    thread = forgetting.thread
    assert thread is not None
    now[0] = 30.0
    looks.release()
    assert len(made) == 1
    now[0] = 61.0
    looks.release(5)
    thread.join(30)
    assert len(made) == 0
    assert forgetting.thread is None, "nothing is left to look after"
    made.put("more", b"y")
    assert forgetting.thread is not None
    looks.release(5)
