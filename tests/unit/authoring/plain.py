"""A plain `Context` for unit tests of the authoring layer: dictionaries, no engine, no I/O.

It seeks by looking a name up in a table of answers, so that a test can say what a user would have answered and read in
`asked` what was asked, in order.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from shared.authoring import context as running_context
from shared.authoring.errors import MISSING, MissingAttribute, MissingItem

NOW = datetime(2026, 1, 15, 15, 30, tzinfo=UTC)
UNDEFINED = (*MISSING, AttributeError, KeyError, IndexError)


class PlainFiles:
    """Files of a session held in a dictionary."""

    def __init__(self) -> None:
        self.contents: dict[int, tuple[str, str, bytes]] = {}
        self.package: dict[str, bytes] = {}
        self.shared: dict[int, bool] = {}  #: files that everybody may read, and whether they outlive the session

    def read(self, number: int) -> bytes:
        return self.contents[number][2]

    def info(self, number: int) -> Mapping[str, Any]:
        filename, mimetype, content = self.contents[number]
        extension = filename.rpartition(".")[2] if "." in filename else ""
        return {"filename": filename, "mimetype": mimetype, "size": len(content), "extension": extension}

    def write(self, *, filename: str, mimetype: str, content: bytes) -> int:
        number = len(self.contents) + 1
        self.contents[number] = (filename, mimetype, content)
        return number

    def share(self, *, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        number = self.write(filename=filename, mimetype=mimetype, content=content)
        self.shared[number] = lasting
        return number

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        if reference not in self.package:
            raise FileNotFoundError(reference)
        return reference.rpartition("/")[2], self.package[reference]

    def url(self, reference: str) -> str:
        return f"/files/{reference}"


class PlainTasks:
    """Background tasks held in a dictionary: put a view in `views` to finish one."""

    def __init__(self) -> None:
        self.views: dict[str, dict[str, Any]] = {}

    def view(self, task_id: str) -> Mapping[str, Any]:
        return self.views.get(task_id, {"status": "queued"})

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, Any]:
        return self.view(task_id)

    def on_progress(self, fraction: float | None, text: str) -> None:
        pass

    def on_error(self, action: str, arguments: bytes) -> None:
        self.views["on error"] = {"action": action, "arguments": arguments}


class PlainStorage:
    """What is kept beyond the session, in a dictionary: what a step changes is in its effects."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str, str], dict[str, Any]] = {}

    def get(self, area: str, name: str, key: str) -> Mapping[str, Any] | None:
        return self.items.get((area, name, key))

    def keys(self, area: str, name: str) -> list[str]:
        return sorted(key for of_area, of_name, key in self.items if (of_area, of_name) == (area, name))


class PlainContext:
    """A `Context` whose world is what the test puts in it."""

    def __init__(self, **variables: Any) -> None:
        self.namespace: dict[str, Any] = variables
        self.internal: dict[str, Any] = {}
        self.effects: list[Any] = []
        self.now = NOW
        self.language = "en"
        self.locale = "en_US.utf8"
        self.country = "US"
        self.timezone = "America/New_York"
        self.user: Mapping[str, Any] = {"privileges": ["user"], "is_anonymous": True, "is_authenticated": False}
        self.request: Mapping[str, Any] = {
            "url_root": "http://localhost",
            "interview_url": "http://localhost/interview",
            "session": "s1",
            "interview": "demos:plain.yml",
            "ip": "127.0.0.1",
            "user_agent": "test",
        }
        self.arguments: Mapping[str, Any] = {}
        self.action: str | None = None
        self.task: str | None = None
        self.mode = "foreground"
        self.files = PlainFiles()
        self.tasks = PlainTasks()
        self.storage = PlainStorage()
        self.sessions: Any = None
        self.random = random.Random(7)
        self.interview: Any = None
        self.config: Mapping[str, Any] = {}
        self.step: dict[str, Any] = {}
        self.prior: Mapping[str, Any] = {}
        self.lasting: Mapping[str, Any] = {}
        self.block: Any = None
        self.answers: dict[str, Any] = {}  #: what the user would answer; a callable is called each time
        self.asked: list[str] = []  #: what `run` and `seek` had to answer, in order
        self.seeking: list[str] = []
        self.sent: dict[str, Mapping[str, Any]] = {}  #: what became of mails, by task
        self.mails: list[Mapping[str, Any]] = []
        self.visited: list[Mapping[str, Any]] = []
        self.forgotten: list[str] = []
        self.ids = 0

    def seek(self, name: str) -> Any:
        """The value of `name`, after answering it and whatever it needs from `answers`."""
        return self.run(lambda: self.value(name))

    def run(self, action: Callable[[], Any], *, limit: int = 200) -> Any:
        """Do `action` again and again, answering each missing name from `answers`, as the engine's passes do."""
        for _ in range(limit):
            try:
                return action()
            except (MissingAttribute, MissingItem) as missing:
                self.answer(missing.variable)
            except NameError as missing:
                if not missing.name:
                    raise
                self.answer(missing.name)
        raise AssertionError(f"still undefined after {limit} answers; the last were {self.asked[-5:]}")

    def answer(self, name: str) -> None:
        self.asked.append(name)
        if name not in self.answers:
            raise AssertionError(f"nothing answers {name!r}; asked so far: {self.asked}")
        value = self.answers[name]
        self.seeking.append(name)
        try:
            self.set_value(name, value() if callable(value) else value)
        finally:
            self.seeking.pop()

    def defined(self, name: str) -> bool:
        try:
            self.value(name)
        except UNDEFINED:
            return False
        return True

    def value(self, name: str) -> Any:
        return eval(name, self.namespace)

    def set_value(self, name: str, value: Any) -> None:
        self.namespace["_plain_value"] = value
        exec(f"{name} = _plain_value", self.namespace)
        del self.namespace["_plain_value"]

    def undefine(self, *names: str) -> None:
        for name in names:
            if self.defined(name):
                exec(f"del {name}", self.namespace)

    def invalidate(self, *names: str) -> None:
        dirty = self.internal.setdefault("dirty", {})
        for name in names:
            if self.defined(name):
                dirty[name] = self.value(name)
        self.undefine(*names)

    def reconsider(self, *names: str) -> None:
        self.undefine(*names)
        for name in names:
            self.seek(name)

    @property
    def sought(self) -> tuple[str, ...]:
        return tuple(reversed(self.seeking))

    def process_action(self) -> None:
        """Nothing to process: a plain step has no actions."""

    def forget_result_of(self, *ids: str) -> None:
        self.forgotten.extend(ids)

    def emails(self, key: str | None) -> list[Mapping[str, Any]]:
        return [
            {name: value for name, value in mail.items() if name != "raw"}
            for mail in self.mails
            if key is None or mail.get("key") == key
        ]

    def visits(self) -> list[Mapping[str, Any]]:
        return self.visited

    def email(self, mail_id: str) -> Mapping[str, Any] | None:
        found = next((mail for mail in self.mails if mail["id"] == mail_id), None)
        return None if found is None else {name: value for name, value in found.items() if name != "raw"}

    def email_raw(self, mail_id: str) -> bytes:
        return next(bytes(mail["raw"]) for mail in self.mails if mail["id"] == mail_id)

    def mail_status(self, task: str) -> Mapping[str, Any] | None:
        return self.sent.get(task)

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, default=str).encode()

    def decode(self, value: bytes) -> Any:
        return json.loads(value)

    def once(self, what: str, whom: Any, do: Callable[[], Any], *, task: str | None = None) -> Any:
        """A plain step has no blocks, so whatever it is told to do is done."""
        return do()

    def new_id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}{self.ids}"


@contextmanager
def plain_step(**variables: Any) -> Iterator[PlainContext]:
    """Run a with block inside a plain step: ``with plain_step(x=1) as step: ...``."""
    step = PlainContext(**variables)
    with running_context.running(step):
        yield step
