"""One step while it runs: the interview, the state, the request, and the three ways to run what an author wrote.

Every module of the engine takes a `Run` and calls its `evaluate`, `execute` and `render`. Does not decide
anything about the order of blocks (``passes``, ``seek``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shared.authoring import memory
from shared.authoring.errors import RerunLogic
from shared.contract.screen import Screen
from shared.engine.keeping.internal import client_of
from shared.engine.keeping.runs import CODE, Runs
from shared.engine.naming import packages
from shared.engine.naming.plan import Plan
from shared.engine.naming.spoken import spoken
from shared.engine.request import Request
from shared.language.model import Block, Code, Expr, Interview, Place, Question
from shared.state.resting import wake_for
from shared.state.session import State

#: Readable lines kept for the author's error page; older ones are dropped.
HISTORY = 400


def _nothing(reference: str) -> tuple[str, bytes]:
    raise FileNotFoundError(reference)


class Run:
    """The mutable half of a step. `context` is set by ``step`` (it needs the run)."""

    def __init__(self, plan: Plan, state: State, request: Request) -> None:
        self.plan = plan
        self.interview: Interview = plan.interview
        self.state = state
        self.request = request
        self.namespace: dict[str, Any] = state.variables
        self.internal: dict[str, Any] = state.internal
        self.before: Mapping[str, int] = dict(state.internal.get(memory.TASKS) or {})  #: the counters of tasks
        self.context: Any = None
        self.trail: list[str] = []  #: names being sought, outermost first
        self.attempts: list[tuple[int, str]] = []  #: (block number, name) being tried, outermost first
        self.missed: dict[str, BaseException] = {}  #: what said that a name is missing: its traceback knows the line
        self.tries = 0
        self._own = f"{packages.of(self.interview.name)}:"
        self._around = 0  #: texts of other packages that are being rendered, each within the one before
        self.place: Place | None = None  #: of what ran last: where an error without a traceback of ours belongs
        self.history: list[str] = []
        self.action_done = False  #: the action of the request was consumed
        self.action_asked: Screen | None = None  #: the screen by which the action's own block was interrupted
        self.action_ended = False  #: the action's own block has come to its end, and the logic goes on
        self.no_action = ""  #: what the request asks for, if no block of the interview is an action of that name
        self.queueing = True  #: False during check-ins and in the background: force_ask then queues nothing
        self.changed: set[str] = set()
        self.sent: Mapping[
            str, Any
        ] = {}  #: choices that a check-in gave to fields of the screen being built (``fields.sent``)
        self.question: Question | None = None  #: that was built last
        self.documents: Sequence[Any] = ()  #: of the screen that was built, `documents.described.Described`
        self.runs = Runs(plan, namespace=self.namespace, internal=self.internal, trail=self.trail)

    @property
    def client(self) -> str:
        return client_of(self.request)

    @property
    def language(self) -> str:
        return str(self.context.language)

    def evaluate(self, expr: Expr) -> Any:
        """The value of an author's expression. Raises whatever it raises."""
        self.place = expr.place
        wake_for(self.namespace, expr.compiled)
        return eval(expr.compiled, self.namespace)  # noqa: S307  (author code; it runs in a child process)

    def execute(self, code: Code) -> None:
        """Run an author's statements in the namespace."""
        self.place = code.place
        wake_for(self.namespace, code.compiled)
        exec(code.compiled, self.namespace)  # noqa: S102  (author code; it runs in a child process)

    def render(self, text: Any, string: Callable[[object], str] = str) -> str:
        """The text after Mako, values written by `string`. A plain string is itself."""
        if self.interview.translations:
            text = spoken(self.plan, text, self.language, self.request.files.find if self.request.files else _nothing)
        if isinstance(text, str):
            return text
        elsewhere = text.place.package is not None or not text.place.file.startswith(self._own)
        if elsewhere or self._around:
            return self._written_out(text, string, around=elsewhere)
        return self._rendered(text, string)

    def _rendered(self, text: Any, string: Callable[[object], str]) -> str:
        if text.is_plain:
            return str(text.source)
        self.place = text.place
        wake_for(self.namespace, text.code)
        return str(text.render(self.namespace, string))

    def _written_out(self, text: Any, string: Callable[[object], str], *, around: bool) -> str:
        """A text of another package, or one that such a text shows: files that it names are those of its own package."""
        self._around += around
        try:
            made = self._rendered(text, string)
        finally:
            self._around -= around
        package = text.place.package or packages.of(text.place.file)
        return packages.in_text(made, package, self.interview.images) if package and "[FILE" in made else made

    def value(self, value: object) -> Any:
        """A YAML value with its texts rendered and its expressions evaluated."""
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, Expr):
            return self.evaluate(value)
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if hasattr(value, "render"):
            return self.render(value)
        if hasattr(value, "items"):
            return {key: self.value(item) for key, item in value.items()}
        return value

    def truth(self, value: object) -> bool:
        """Whether an attribute that may be a bool, an expression or a text is true."""
        if isinstance(value, bool) or value is None:
            return bool(value)
        if isinstance(value, str):
            return value.strip().lower() not in ("", "false", "no", "none", "0")
        result = self.value(value)
        if isinstance(result, str) and not isinstance(value, Expr):
            return result.strip().lower() not in ("", "false", "no", "none", "0")
        return bool(result)

    def note(self, line: str) -> None:
        """Add a readable line for the author."""
        self.history.append(line)
        if len(self.history) > HISTORY:
            del self.history[0]

    @contextmanager
    def within(self, block: Block, kind: str = CODE) -> Iterator[None]:
        """Author code of `block` runs: author functions see the block, and what it does is done once (see ``keeping.runs``)."""
        context = self.context
        outer, context.block = context.block, block
        opened = self.runs.enter(block, kind)
        begins_again = False
        try:
            yield
        except RerunLogic:
            begins_again = True
            raise
        finally:
            self.runs.leave(*opened, begins_again=begins_again)
            context.block = outer
