"""The chain of steps of a session in MongoDB: the newest in its document, older ones in a collection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import Any, Final

from pymongo import ReplaceOne

from shared.store import checks
from shared.store.mongodb.blobs import Blobs, Missing
from shared.store.mongodb.connection import Connection, Document, repeat
from shared.store.ports import BadRecord
from shared.store.records import BELOW, Step

#: A document holds up to this many steps and bytes of them; then all but the newest few move out, so one commit in
#: about a dozen writes more than its own document.
_HELD: Final = 16
_HELD_BYTES: Final = checks.MIB
_STAY: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The part of a session's document that is about steps."""

    top: int | None
    step: int
    steps: tuple[Document, ...]
    #: What a fast Back left in the document: none of the chain's any more, until the document is next put in order.
    over: tuple[Document, ...] = ()

    @staticmethod
    def empty() -> Stack:
        return Stack(top=None, step=0, steps=())

    @staticmethod
    def of(document: Document) -> Stack:
        top = document.get("top")
        held = {step["u"]: step for step in document["steps"]}
        chain = []
        while top in held:
            chain.append(held.pop(top))
            top = chain[-1]["p"]
        return Stack(
            top=document.get("top"),
            step=document.get("step", 0),
            steps=tuple(reversed(chain)),
            over=tuple(held.values()),
        )

    def pushed(self, step: Document) -> Stack:
        return replace(self, top=step["u"], step=self.step + 1, steps=(*self.steps, step))

    def document(self) -> Document:
        return {
            "top": self.top,
            "step": self.step,
            "steps": list(self.steps),
            "steps_count": len(self.steps),
            "steps_bytes": sum(MongoSteps.size(step) for step in self.steps),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    stack: Stack
    popped: tuple[Document, ...]


class MongoSteps:
    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._steps = connection.collection("steps")
        self._blobs = blobs

    def held(self, session_id: str, step: Step) -> Document:
        """How a document holds `step`."""
        delta = self._blobs.wrap(session_id, step.delta)
        return {"u": step.uid, "n": step.number, "p": step.previous, "d": delta}

    @staticmethod
    def size(held: Document) -> int:
        return len(held["d"]) if isinstance(held["d"], bytes) else 0

    def room(self, pushed: Document) -> Document:
        """The condition on a document that it can take `pushed` as it is."""
        return {
            "top": pushed["p"],
            "steps_count": {"$lt": _HELD},
            "steps_bytes": {"$lte": _HELD_BYTES - self.size(pushed)},
        }

    @staticmethod
    def held_all(popped: Iterable[Step]) -> Document:
        """The condition on a document that it holds `popped` itself, the newest of which is on top."""
        uids = [step.uid for step in popped]
        return {"top": uids[0], "$and": [{"steps.u": uid} for uid in uids]}

    def move(self, session_id: str, stack: Stack, *, pop: int, push: Document | None) -> Moved:
        """Pop and push, and write to the collection what the document has too many of. Call the compare-and-set next."""
        if pop >= stack.step:
            popped = self._all(session_id, stack)
            stack = replace(Stack.empty(), over=stack.over)
        else:
            popped, stack = self._pop(session_id, stack, pop)
        stack = replace(
            stack, steps=tuple(one for one in stack.steps if stack.top is not None and one["u"] <= stack.top)
        )
        if push is not None:
            if push["p"] != stack.top:
                raise BadRecord(f"step {push['u']} goes on top of {stack.top}, not of {push['p']}")
            stack = stack.pushed(push)
        if len(stack.steps) > _HELD or sum(map(self.size, stack.steps)) > _HELD_BYTES:
            self._spill(session_id, stack.steps[:-_STAY])
            stack = replace(stack, steps=stack.steps[-_STAY:])
        return Moved(stack=replace(stack, over=()), popped=(*popped, *stack.over))

    def _pop(self, session_id: str, stack: Stack, pop: int) -> tuple[list[Document], Stack]:
        popped = []
        for _ in range(pop):
            below = self._find(session_id, stack, stack.top)
            if below is None:
                raise Missing(f"session {session_id}: step {stack.top} is missing")
            popped.append(below)
            stack = replace(stack, top=below["p"], step=stack.step - 1)
        return popped, stack

    def _all(self, session_id: str, stack: Stack) -> list[Document]:
        """Every step, without a look at each; of those outside the document only what `remove` needs."""
        if stack.top is None:
            return []
        where = {"session": session_id, "uid": {"$lte": stack.top}}
        fields = {"step.u": 1, "step.d.blob": 1, "step.d.chunks": 1}
        rows = repeat(lambda: list(self._steps.find(where, fields)))
        return [*stack.steps, *({"d": None, **row["step"]} for row in rows)]

    def get(self, session_id: str, stack: Stack, uid: int) -> Step | None:
        held = self._find(session_id, stack, uid)
        return None if held is None else self._step(held)

    def below(self, stack: Stack) -> tuple[Step, ...]:
        """The steps below the top that are here without another look, the newest first; at most `BELOW`."""
        here = takewhile(lambda held: isinstance(held["d"], bytes), reversed(stack.steps[:-1]))
        return tuple(map(self._step, islice(here, BELOW)))

    def _step(self, held: Document) -> Step:
        return Step(uid=held["u"], number=held["n"], previous=held["p"], delta=self._blobs.unwrap(held["d"]))

    def remove(self, session_id: str, popped: Iterable[Document]) -> None:
        """After the compare-and-set: nothing refers to them, and their uids are never used again."""
        gone = list(popped)
        ids = [_id(session_id, one["u"]) for one in gone]
        if ids:
            repeat(lambda: self._steps.delete_many({"_id": {"$in": ids}}))
            self._blobs.drop(one["d"] for one in gone)

    def _spill(self, session_id: str, steps: Iterable[Document]) -> None:
        rows = [
            {"_id": _id(session_id, step["u"]), "session": session_id, "uid": step["u"], "step": step} for step in steps
        ]
        writes = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        repeat(lambda: self._steps.bulk_write(writes, ordered=False))

    def _find(self, session_id: str, stack: Stack, uid: int | None) -> Document | None:
        for held in stack.steps:
            if held["u"] == uid:
                return held
        if uid is None:
            return None
        row: Any = repeat(lambda: self._steps.find_one({"_id": _id(session_id, uid)}))
        return None if row is None else row["step"]


def _id(session_id: str, uid: int) -> str:
    return f"{session_id}/{uid}"
