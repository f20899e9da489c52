"""`DAGlobal`: attributes that outlive the session (objects.md, DAGlobal)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.session_host import SessionHost
from services.storage import change, whose
from shared.contract.effects import Keep
from shared.runner.engine import registry
from shared.state import classes
from shared.store.ports import Store
from tests.helpers.memory import memory_store
from tests.unit.engine.play import NOW, Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]

PROFILE = """
    objects:
      - profile: DAGlobal.using(base="user", key="profile")
    ---
    mandatory: True
    question: ${ profile.color }, ${ profile.pet.name }
    ---
    question: Color?
    fields:
      - Color: profile.color
    ---
    objects:
      - profile.pet: DAObject
    ---
    question: Pet?
    fields:
      - Pet: profile.pet.name
    """


class Kept:
    """What the steps of one session read of the store, and what they keep there."""

    def __init__(self, store: Store, session: str, client: str) -> None:
        self.store = store
        self.by = whose(session, f"pack:{session}.yml", {"id": None}, {"client": client})
        self.host = SessionHost(store, session, clock=lambda: NOW)
        self.host.acts_for(self.by)
        self.count = 0

    def get(self, area: str, name: str, key: str) -> Any:
        return self.host.stored(area, name, key)

    def keys(self, area: str, name: str) -> list[str]:
        return self.host.stored_keys(area, name, "")

    def take(self, effects: tuple[Any, ...]) -> None:
        for keep in effects:
            if isinstance(keep, Keep):
                self.count += 1
                change(self.store.storage, keep, self.by, mark=f"{self.by.session} {self.count}", now=NOW)


@pytest.fixture(autouse=True)
def _classes(pack: Pack) -> Iterator[None]:
    """What a child process may store."""
    standard = classes.standard()
    classes.use(registry(pack.sources))
    yield
    classes.use(standard)


@pytest.fixture
def store() -> Iterator[Store]:
    made = memory_store()
    yield made
    made.close()


@pytest.fixture
def session(play: Open, store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Play]:
    """Opens a session whose steps keep what they change in `store`; `client` is the browser."""
    run = Play.run

    def kept_run(self: Play, **parts: Any) -> Any:
        outcome = run(self, **parts)
        self.options["storage"].take(outcome.effects)
        return outcome

    monkeypatch.setattr(Play, "run", kept_run)
    return lambda text, name="s1", client="ann": play(text, storage=Kept(store, name, client))


def test_another_session_of_the_same_user_finds_the_attributes(session: Open) -> None:
    first = session(PROFILE)
    first.fill("green")
    first.fill("Rex")
    assert first.question == "green, Rex"
    assert session(PROFILE, "s2").question == "green, Rex"
    assert session(PROFILE, "s3", client="bob").question == "Color?"


def test_the_answers_hold_none_of_it(session: Open) -> None:
    first = session(PROFILE)
    first.fill("green")
    assert set(vars(first.variables["profile"])) == {"instanceName", "key", "base"}


def test_objects_in_it_are_named_after_the_object_that_holds_them_here(session: Open) -> None:
    first = session(PROFILE)
    first.fill("green")
    first.fill("Rex")
    other = session(
        PROFILE.replace("profile.pet.name }", "profile.pet.instanceName }").replace("profile", "mine"), "s2"
    )
    assert other.question == "Color?"  # another key
    text = PROFILE.replace("profile.pet.name }", "profile.pet.instanceName }")
    text = text.replace("profile", "mine").replace('key="mine"', 'key="profile"')
    assert session(text, "s3").question == "green, mine.pet"


POLL = """
    objects:
      - poll: DAGlobal.using(base="global", key="poll")
    ---
    mandatory: True
    code: |
      if not poll.attribute_defined("votes"):
        poll.votes = 0
    ---
    mandatory: True
    question: Vote
    fields:
      - Fruit: fruit
    ---
    mandatory: True
    code: |
      poll.votes += 1
      poll.last = fruit
    ---
    mandatory: True
    question: ${ poll.votes }
    """


def test_numbers_of_two_sessions_at_once_are_both_counted(session: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = session(POLL, "s1"), session(POLL, "s2", client="bob")
    assert one.question == two.question == "Vote"
    late: list[Any] = []
    storage = two.options["storage"]
    with monkeypatch.context() as held:  # the second session read before the first one kept
        held.setattr(storage, "take", late.append)
        two.fill("fig")
    one.fill("kiwi")
    storage.take(late[0])
    assert session(POLL, "s3").options["storage"].get("global", "numbers", "poll")["counts"] == {"votes": 2}


def test_keys_and_delete(session: Open) -> None:
    first = session("""
        objects:
          - a: DAGlobal.using(base="interview", key="one")
          - b: DAGlobal.using(base="interview", key="two")
        ---
        mandatory: True
        code: |
          a.x = 1
          a.y = "text"
          b.z = [2]
          known = DAGlobal.keys("interview")
        ---
        mandatory: True
        question: "${ known }"
        continue button field: seen
        ---
        mandatory: True
        code: |
          a.delete()
          left = [DAGlobal.keys("interview"), DAGlobal.keys("interview", "one"), DAGlobal.keys("user"), hasattr(a, "y")]
        ---
        mandatory: True
        question: "${ left }"
        continue button field: seen_too
        ---
        mandatory: True
        question: "${ DAGlobal.keys('interview') }, ${ b.z }"
        """)
    assert first.question == "['one', 'two']"
    first.answer({"seen": True})
    assert first.question == "[['two'], False, [], False]"
    first.answer({"seen_too": True})
    assert first.question == "['two'], [2]"


def test_a_base_that_is_none_is_named(play: Open) -> None:
    with pytest.raises(AssertionError, match="one of user, interview, global, not 'session'"):
        play("""
            objects:
              - a: DAGlobal.using(base="session", key="one")
            ---
            mandatory: True
            question: ${ a.x }
            """)
