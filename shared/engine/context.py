"""The `Context` of a step: what author functions may ask of the engine.

Holds no rules of its own; it hands each call to the module that knows. Lives as long as one step.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from shared.authoring.context import Files, Sessions, Storage, Tasks
from shared.authoring.objects.lazytexts import DALazyTableTemplate, DALazyTemplate
from shared.engine.documents import datablocks, tablefiles, tables
from shared.engine.doing import actions, dependents
from shared.engine.naming import lookup
from shared.engine.run import Run
from shared.language.model import Block, Interview
from shared.state.codec import decode_value, encode_value

T = TypeVar("T")

_NO_ARGUMENTS: Mapping[str, object] = MappingProxyType({})


class StepContext:
    """Implements `shared.authoring.context.Context`; see there for what each member means."""

    def __init__(self, run: Run) -> None:
        request, config = run.request, run.request.config
        self.run = run
        self.namespace: dict[str, Any] = run.namespace
        self.internal: dict[str, Any] = run.internal
        self.effects: list[Any] = []
        self.step: dict[str, Any] = {}
        self.now: datetime = request.now
        self.language = str(run.internal.get("language") or config.get("language") or run.interview.default_language)
        self.begins_with = self.language  #: the language that each step begins with
        self.locale = str(config.get("locale") or "en_US.utf8")
        self.country = str(config.get("country") or "US")
        self.timezone = str(config.get("timezone") or "America/New_York")
        self.user: Mapping[str, Any] = request.user
        name = run.interview.name
        page = request.browser.get("interview") or name  # as its addresses have it
        of_step = {"mode": request.mode, "interview": name, "page": page, "steps": request.steps}
        self.request: Mapping[str, Any] = {**request.browser, **of_step}
        self.arguments: Mapping[str, Any] = _NO_ARGUMENTS
        self.action: str | None = None
        self.task = request.task_id
        self.mode = "checkin" if request.check_in is not None else request.mode
        self.files: Files = request.files  # type: ignore[assignment]  # absent only in tests that use no files
        self.tasks: Tasks = request.tasks  # type: ignore[assignment]
        self.documents = request.documents
        self.storage: Storage | None = request.storage
        self.sessions: Sessions | None = request.sessions
        self.random = random.Random(request.seed % 2**64)  # noqa: S311  (must be reproducible; ids come from new_id)
        self.interview: Interview = run.interview
        self.config: Mapping[str, Any] = config
        self.prior: Mapping[str, Any] = run.internal.get("prior") or _NO_ARGUMENTS
        self.lasting: Mapping[str, Any] = request.lasting
        self.block: Block | None = None
        self._ids = 0

    @property
    def sought(self) -> tuple[str, ...]:
        return tuple(reversed(self.run.trail))

    def seek(self, name: str) -> Any:
        return lookup.evaluate(self.namespace, name)

    def defined(self, name: str) -> bool:
        return lookup.is_defined(self.namespace, name)

    def value(self, name: str) -> Any:
        return lookup.evaluate(self.namespace, name)

    def set_value(self, name: str, value: object) -> None:
        lookup.assign(self.namespace, name, value)

    def undefine(self, *names: str) -> None:
        for name in names:
            lookup.remove(self.namespace, name)

    def invalidate(self, *names: str) -> None:
        for name in names:
            dependents.invalidate(self.run, name)

    def reconsider(self, *names: str) -> None:
        dependents.reconsider(self.run, names)

    def process_action(self) -> None:
        actions.process(self.run)

    def forget_result_of(self, *ids: str) -> None:
        answered = self.internal["answered"]
        self.internal.pop("front", None)
        for block_id in ids:
            answered.pop(f"ID {block_id}", None)
            self.internal.get("chosen", {}).pop(f"ID {block_id}", None)

    def once(self, what: str, whom: object, do: Callable[[], T], *, task: str | None = None) -> T:
        return self.run.runs.once(what, whom, do, task=task)

    def emails(self, key: str | None) -> list[Mapping[str, Any]]:
        mails = self.run.request.mails
        return [] if mails is None else list(mails.heads(key))

    def email(self, mail_id: str) -> Mapping[str, Any] | None:
        mails = self.run.request.mails
        return None if mails is None else mails.whole(mail_id)

    def visits(self) -> list[Mapping[str, Any]]:
        visits = self.run.request.visits
        return [] if visits is None else list(visits.all())

    def email_raw(self, mail_id: str) -> bytes:
        mails = self.run.request.mails
        if mails is None:
            raise LookupError(f"the mail {mail_id} is not one of this session")
        return mails.raw(mail_id)

    def mail_status(self, task: str) -> Mapping[str, Any] | None:
        mails = self.run.request.mails
        return None if mails is None else mails.sent(task)

    def encode(self, value: object) -> bytes:
        return bytes(encode_value(value))

    def decode(self, value: bytes) -> Any:
        return decode_value(value)

    def template_part(self, template: DALazyTemplate, part: str) -> str:
        """The text of a template's subject or content, as it is now."""
        return datablocks.template_part(self.run, template, part)

    def template_with(self, template: DALazyTemplate, values: Mapping[str, object]) -> str:
        """The content, with these values of variables for once."""
        with datablocks.Values(self.run, values):
            return datablocks.template_part(self.run, template, "content")

    def table_text(self, table: DALazyTableTemplate, *, editable: bool) -> str:
        return tables.markdown(self.run, table, editable=editable)

    def table_values(self, table: DALazyTableTemplate) -> tuple[list[str], list[list[object]]]:
        return tables.values(self.run, table)

    def table_file(self, table: DALazyTableTemplate, filename: str | None, options: Mapping[str, object]) -> Any:
        return tablefiles.export(self.run, table, filename, options)

    def new_id(self, kind: str) -> str:
        """Ids are a hash of the step's seed (unguessable, given by the service) and a counter."""
        self._ids += 1
        seed = f"{self.run.request.seed}:{kind}:{self._ids}".encode()
        return hashlib.blake2b(seed, digest_size=16).hexdigest()
