"""Open runs: what blocks did before they were interrupted, so that they find it when they run again from their first line.

A *run* is one execution of a block by the author's reckoning. It begins when the block is entered and no run of it is open,
and is over when the block has come to its end; one that was interrupted (a missing name, a signal) stays open, and entering the
block again goes on with it. An effect that an open run called before is not done again: it gives what it gave. Open runs are
kept in ``State.internal["done"]``, ``{run: {call: [value, {guard: worth}]}}``: they are part of the answers, so Back and
restart undo them. Rules: ``docs/adr/0019-durable-blocks.md``. Not here: what a call is (``places``, ``arguments``), what a guard is
(``guards``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from shared.authoring.functions import tracking
from shared.engine.keeping import guards, places
from shared.engine.keeping.arguments import digest, shape
from shared.engine.naming.plan import Plan, given_to
from shared.language.model import Block

#: The key of `State.internal`; absent while no run is open.
DONE = "done"
#: Beside it, of blocks without an ``id``: the name of the block of each run. It changes where an author edits what the block does, and
#: the run is then found again by what it called.
RAN = "ran"
#: Runs kept of blocks that are not there (any more): they may have been edited, or may come back.
_GONE = 20
#: Calls kept of one run. The interview's order, up to a final screen, never ends: what it called long ago and does not call
#: any more is forgotten first …
KEPT = 500
#: … and of a loop that calls more than this, the first.
MOST = 5000
#: Guards that are not variables: the counter of a task, by its name.
_TASK = "task: "

#: Kinds of author text that have runs of their own.
CODE, TEXT, CHOICES, ANSWER = "code", "text", "choices", "answer"
#: Those that are over when the screen has been answered, and not before.
_OF_SCREENS = (TEXT, CHOICES)

T = TypeVar("T")


class OpenRun:
    """A run while its block is being executed."""

    __slots__ = ("_key", "block", "context", "counts", "entry", "kind", "touched")

    def __init__(self, block: Block, kind: str, context: tuple[object, ...], entry: str | None) -> None:
        self.block = block
        self.kind = kind
        self.context = context
        self.entry = entry
        self.counts: dict[str, int] = {}
        self.touched: dict[str, tuple[str, ...]] = {}  #: the calls of this execution, and their guards
        self._key: str | None = None

    @property
    def own(self) -> str:
        """What the key says of the block, whatever action it is for."""
        return digest(self.kind, self.block.name, self.context)

    @property
    def key(self) -> str:
        if self._key is None:
            self._key = self.own if self.entry is None else f"{self.entry}.{self.own}"
        return self._key


class Runs:
    """The runs of one step. `trail` is that of the step: the names being sought."""

    def __init__(self, plan: Plan, *, namespace: dict[str, Any], internal: dict[str, Any], trail: list[str]) -> None:
        self._plan = plan
        self._namespace = namespace
        self._internal = internal
        self._trail = trail
        self._running: OpenRun | None = None
        self._left: dict[tuple[str, str], OpenRun] = {}  #: how each block was left last, by kind and name
        self._ending: set[str] = set()  #: runs that are over when the step is
        names: Mapping[str, str] = internal.get(RAN) or {}
        self._gone = [run for run, name in names.items() if name not in plan.interview.by_name]
        self.action: tuple[str, str] | None = None  #: name of the action being pursued, and its `entry_of`

    # ------------------------------------------------------------------ entering and leaving

    def recall(self, block: Block, kind: str = CODE) -> None:
        """`block` is about to be entered: forget the calls of its open run that the author has taken back.

        To be called before anything that the engine itself undefines for the block.
        """
        if DONE in self._internal:
            self._recall(self._opened(block, kind))

    def enter(self, block: Block, kind: str) -> tuple[OpenRun, OpenRun | None]:
        """Author code of `block` begins, in a new run or in the open one. Gives what `leave` needs."""
        opened = self._opened(block, kind)
        if kind != CODE and DONE in self._internal:
            self._recall(opened)
        outer, self._running = self._running, opened
        return opened, outer

    def leave(self, opened: OpenRun, outer: OpenRun | None, *, begins_again: bool = False) -> None:
        """It came to its last line, or was interrupted. The run stays open: see `end`.

        `begins_again`: the author had the logic begin again, so what he undefined before that is to be done anew.
        """
        self._running = outer
        self._left[opened.kind, opened.block.name] = opened
        if DONE in self._internal:
            self._ending.discard(opened.key)
            self._keep(opened, begins_again=begins_again)

    def end(self, block: Block, kind: str = CODE) -> None:
        """The block has come to its end. One that runs on every pass is over when the step is."""
        opened = self._left.pop((kind, block.name), None)
        if opened is None or DONE not in self._internal:
            return
        if block.initial is not False or block.default_role is not None:
            self._ending.add(opened.key)
        else:
            self._internal[DONE].pop(opened.key, None)

    def answered(self, *blocks: Block) -> None:
        """The screen of `blocks` (a question, and the one that it is embedded in) has been answered: its texts are over."""
        if DONE not in self._internal:
            return
        over = {self._opened(block, kind).own for block in blocks for kind in _OF_SCREENS}
        self._drop(lambda key: key.rpartition(".")[2] in over)

    def forget_action(self, entry: str) -> None:
        """The runs for this action (see `entry_of`) are over: it was asked for again, or its event has happened."""
        if DONE in self._internal:
            self._drop(lambda key: key.startswith(f"{entry}."))

    def close(self) -> None:
        """The step ends: forget what nobody can go on with. Actions can be gone on with as long as they wait on a stack."""
        if DONE not in self._internal:
            self._internal.pop(RAN, None)
            return
        waiting = {entry_of(client, entry) for client, stack in self._internal["stack"].items() for entry in stack}
        self._drop(lambda key: key in self._ending or ("." in key and key.partition(".")[0] not in waiting))
        done = self._internal[DONE]
        for run in [run for run, calls in done.items() if not calls] + self._gone[:-_GONE]:
            done.pop(run, None)
        if not done:
            del self._internal[DONE]
        names = {run: name for run, name in self._internal.pop(RAN, {}).items() if run in done}
        if names:
            self._internal[RAN] = names

    # ------------------------------------------------------------------ calling

    def once(self, what: str, whom: object, do: Callable[[], T], *, task: str | None = None) -> T:
        """See ``Context.once``."""
        running = self._running
        if running is None:
            return do()
        frames = places.author_frames()
        same = digest(what, places.place(self._plan.interview, frames), shape(whom))
        count = running.counts[same] = running.counts.get(same, 0) + 1
        call = same if count == 1 else f"{same}.{count}"
        calls = self._calls(running)
        names = guards.guards_of(frames, running.block, self._namespace)
        running.touched[call] = names if task is None else (*names, _TASK + task)
        found = calls.get(call)
        if found is None:
            found = calls[call] = self._adopted(call, running) or [do(), {}]
        return cast(T, found[0])  # what `do` gave, when it was done

    # ------------------------------------------------------------------ inside

    def _calls(self, running: OpenRun) -> dict[str, list[Any]]:
        done: dict[str, Any] = self._internal.setdefault(DONE, {})
        if running.key not in done:
            done[running.key] = {}
            if running.block.id is None:
                self._internal.setdefault(RAN, {})[running.key] = running.block.name
        calls: dict[str, list[Any]] = done[running.key]
        return calls

    def _of_before(self, running: OpenRun) -> Iterator[dict[str, list[Any]]]:
        """What runs called that may have been this one before its block was edited."""
        done = self._internal.get(DONE, {})
        entry = running.key.rpartition(".")[0]
        for run in self._gone:
            if run in done and run.rpartition(".")[0] == entry:
                yield done[run]

    def _adopted(self, call: str, running: OpenRun) -> list[Any] | None:
        """The same call by the same lines, of a block that is not there any more: taken over from its run."""
        if self._gone and running.block.id is None:
            for calls in self._of_before(running):
                if call in calls:
                    return calls.pop(call)
        return None

    def _opened(self, block: Block, kind: str) -> OpenRun:
        entry = None
        if self.action is not None and (block.event or (self._trail and self._trail[-1] == self.action[0])):
            entry = self.action[1]
        return OpenRun(block, kind, self._context(block), entry)

    def _context(self, block: Block) -> tuple[object, ...]:
        """What ``x`` and the index variables of the block's names stand for. Others may be the block's own loops."""
        given = self._plan.given.get(block.name)
        if given is None:
            given = self._plan.given[block.name] = given_to(block)
        if not given:
            return ()
        values = ((name, self._namespace.get(name)) for name in given)
        return tuple((name, getattr(value, "instanceName", None) or shape(value)) for name, value in values)

    def _recall(self, opened: OpenRun) -> None:
        own = self._internal[DONE].get(opened.key)
        before = self._of_before(opened) if own is None and self._gone else ()
        for calls in (own or {}, *before):
            for call in [call for call, (_, kept) in calls.items() if self._taken_back(kept)]:
                del calls[call]

    def _taken_back(self, kept: Mapping[str, str]) -> bool:
        return any(self._worth(name) != worth for name, worth in kept.items())

    def _worth(self, name: str) -> str | None:
        if not name.startswith(_TASK):
            return guards.worth(self._namespace, name)
        task = name.removeprefix(_TASK)
        performed = tracking.task_performed(task) or tracking.task_performed(task, persistent=True)
        return "performed" if performed else None

    def _keep(self, opened: OpenRun, *, begins_again: bool) -> None:
        """Note what the guards are worth now; what is not there (any more) is none. Forget what is too much."""
        calls = self._internal[DONE].get(opened.key, {})
        for call, names in opened.touched.items():
            if call in calls:
                kept = calls[call][1]
                for name in names:
                    now = self._worth(name)
                    if now is not None:
                        kept[name] = now
                    elif not begins_again:
                        kept.pop(name, None)
        if len(calls) > KEPT:
            old = [call for call in calls if call not in opened.touched][: len(calls) - KEPT]
            for call in (*old, *list(opened.touched)[:-MOST]):
                calls.pop(call, None)

    def _drop(self, over: Callable[[str], bool]) -> None:
        done = self._internal[DONE]
        for key in [key for key in done if over(key)]:
            del done[key]


def entry_of(client: str, entry: Mapping[str, object]) -> str:
    """18 hex digits that stand for an action of a browser: its name and arguments."""
    return digest(client, entry["action"], shape(entry.get("arguments") or {}))
