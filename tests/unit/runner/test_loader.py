"""Loading interviews: what is remembered of one that does not load, and of processes that end. The zygote is the test's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.contract.errors import Busy, NoInterview, StepFailed
from shared.language.errors import LanguageError
from shared.runner import failures, loader
from shared.runner.loader import Loader
from shared.runner.settings import Setup
from shared.runner.wire import Message, Wire, WireError
from tests.helpers.script import Script

LOADED: Message = {"digest": "d1", "events": [], "sources": []}
NO_SUCH: Message = {"errors": failures.write(LanguageError("there is no interview demos:a.yml"))}


class Zygote:
    """Its templates say what the test has put into `says`, one entry each; None: it is gone itself."""

    made: list[Zygote]
    says: list[Message | None]
    pid = 17

    def __init__(self, setup: Setup) -> None:
        self.closed = False
        self.scripts: list[Script] = []
        self.setups: list[Setup | None] = []
        Zygote.made.append(self)

    def template(self, interview: str, *, until: float, last_good: bool = False, setup: Setup | None = None) -> Wire:
        self.setups.append(setup)
        says = Zygote.says.pop(0)
        if says is None:
            raise WireError("the other side closed")
        self.scripts.append(Script(*([says] if says else [])))
        return self.scripts[-1].wire

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def zygotes(monkeypatch: pytest.MonkeyPatch) -> type[Zygote]:
    Zygote.made, Zygote.says = [], []
    monkeypatch.setattr(loader, "Zygote", Zygote)
    return Zygote


@pytest.fixture
def loads(zygotes: type[Zygote]) -> Iterator[Loader]:
    made = Loader(Setup(roots=(), folder="nowhere"))
    yield made
    made.close()


def test_the_zygote_starts_with_the_first_interview(loads: Loader, zygotes: type[Zygote]) -> None:
    assert loads.zygote_pid is None
    assert zygotes.made == []
    zygotes.says = [LOADED]
    loads.load("demos:a.yml")
    assert loads.zygote_pid == 17


def test_the_zygote_is_there_before_the_first_interview_where_somebody_began(
    loads: Loader, zygotes: type[Zygote]
) -> None:
    Loader(Setup(roots=(), folder="elsewhere"), lender=loads).begin()
    assert loads.zygote_pid == 17
    loads.begin()
    zygotes.says = [LOADED, LOADED]
    assert loads.load("demos:a.yml").digest == "d1"
    loads.load("demos:b.yml")
    assert len(zygotes.made) == 1
    loads.close()
    assert zygotes.made[0].closed
    assert loads.zygote_pid is None


def test_an_interview_that_does_not_load_is_not_tried_again_at_once(loads: Loader, zygotes: type[Zygote]) -> None:
    zygotes.says = [NO_SUCH, LOADED]
    for _ in range(3):
        with pytest.raises(NoInterview, match="there is no interview"):
            loads.load("demos:a.yml")
    loads.load("demos:b.yml")
    assert zygotes.says == [], "one template for the broken one, one for the other"


def test_a_mended_interview_is_loaded_a_moment_later(
    loads: Loader, zygotes: type[Zygote], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "_BROKEN_SECONDS", 0)
    zygotes.says = [NO_SUCH, LOADED]
    with pytest.raises(NoInterview):
        loads.load("demos:a.yml")
    assert loads.load("demos:a.yml").digest == "d1"


def test_a_zygote_that_died_is_replaced_once(loads: Loader, zygotes: type[Zygote]) -> None:
    zygotes.says = [None, LOADED]
    assert loads.load("demos:a.yml").digest == "d1"
    assert [one.closed for one in zygotes.made] == [True, False]
    zygotes.says = [None, None, LOADED]
    with pytest.raises(Busy, match="cannot be reached"):
        loads.load("demos:a.yml")
    assert all(one.closed for one in zygotes.made)
    assert loads.load("demos:a.yml").digest == "d1", "and the next request begins anew"


def test_a_template_that_ends_again_and_again_is_the_interviews_own_doing(loads: Loader, zygotes: type[Zygote]) -> None:
    zygotes.says = [{}, {}, {}, LOADED]
    for _ in range(2):
        with pytest.raises(Busy):
            loads.load("demos:a.yml")
    for _ in range(2):
        with pytest.raises(StepFailed, match="3 times in a row: does it compute for ever"):
            loads.load("demos:a.yml")
    assert zygotes.says == [LOADED], "it is left alone for a moment"


def test_two_ends_long_apart_are_no_three_in_a_row(loads: Loader, zygotes: type[Zygote]) -> None:
    zygotes.says = [{}, {}, LOADED, {}, {}]
    for _ in range(2):
        with pytest.raises(Busy):
            loads.load("demos:a.yml")
    loads.load("demos:a.yml")
    for _ in range(2):
        with pytest.raises(Busy):
            loads.load("demos:a.yml")


def test_who_borrows_has_no_zygote_and_is_set_up_by_what_it_says(loads: Loader, zygotes: type[Zygote]) -> None:
    other = Setup(roots=(), folder="elsewhere")
    borrower = Loader(other, lender=loads)
    zygotes.says = [LOADED, LOADED]
    borrower.load("calls")
    loads.load("demos:a.yml")
    borrower.close()
    (one,) = zygotes.made
    assert one.setups == [other, None]
    assert not one.closed


def test_a_zygote_that_died_is_replaced_for_who_borrows_it(loads: Loader, zygotes: type[Zygote]) -> None:
    borrower = Loader(Setup(roots=(), folder="elsewhere"), lender=loads)
    zygotes.says = [None, LOADED]
    assert borrower.load("calls").digest == "d1"
    assert len(zygotes.made) == 2
