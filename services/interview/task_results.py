"""Results of background tasks that an open page should be told (background.md, "Communicating results to the user interface")."""

from __future__ import annotations

from collections import OrderedDict

from shared.contract import typed
from shared.contract.encoding import encode
from shared.contract.errors import BadValue
from shared.contract.reply import Command, Progress
from shared.contract.tasks import ENDED, TaskStatus
from shared.markup.commands import printable
from shared.store.ports import Tasks
from shared.store.records import Session, Task

#: Acknowledgements in one check-in; a page that has more sends the rest with the next.
_ACKED = 500
#: … and tasks that one page waits for.
_WAITED = 50


#: Sessions of which it is known whether they have a task that tells its page anything.
_KNOWN = 10_000


class TaskResults:
    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        #: By session: the version at which it had none and the secret of the session (its id may be used again); or None, once it has one.
        self._known: OrderedDict[str, tuple[int, bytes] | None] = OrderedDict()

    def acknowledge(self, session: str, ack: object) -> None:
        """The page has shown the results of these tasks. Raises `BadValue` for what is no list."""
        if not isinstance(ack, list | None):
            raise BadValue("ack must be a list of the ids of tasks")
        for task_id in (ack or [])[:_ACKED]:
            if self._tasks.status(str(task_id), session=session) is not None:
                self._tasks.mark_delivered(str(task_id))

    def commands(self, session: Session, *, acknowledging: bool) -> list[bytes]:
        """JSON of a `Command` for each task that ended and was not delivered; without `acknowledging` they count as delivered now.

        `session` as it has just been seen.
        """
        made: list[bytes] = []
        if self._has_none(session):
            return made
        for task in self._tasks.undelivered(session.id):  # a page that has more to hear gets the rest with the next
            command = command_of(task)
            if not (acknowledging and command is not None) and not self._tasks.mark_delivered(task.id):
                continue  # another page of the session was faster
            if command is not None:
                made.append(encode(command))
        return made

    def _has_none(self, session: Session) -> bool:
        """Whether no task of the session tells its page anything. A task begins by a commit, and is there once it has left the outbox:

        a session of the same version with nothing in its outbox has none that it had not, so that most check-ins ask for nothing.
        """
        known = self._known.get(session.id, ())
        if known is None or session.outbox:
            return False
        now = session.version, session.secret
        if known == now:
            return True
        has_none = not self._tasks.tells(session.id)
        self._known[session.id] = now if has_none else None
        self._known.move_to_end(session.id)
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return has_none

    def waited(self, session: str, waits: object) -> tuple[tuple[str, ...], tuple[Progress, ...]]:
        """Which of these tasks of the session have ended, and how far the others are. Raises `BadValue` for what is no list."""
        if not isinstance(waits, list | None):
            raise BadValue("waits must be a list of the ids of tasks")
        ended: list[str] = []
        progress: list[Progress] = []
        for name in (waits or [])[:_WAITED]:
            task = self._tasks.get(str(name))
            if task is None or task.session != session:
                continue
            if task.status in ENDED:
                ended.append(task.id)
            elif task.progress:
                progress.append(typed.convert({"task": task.id, **task.progress}, Progress))
        return tuple(ended), tuple(progress)


def command_of(task: Task) -> Command | None:
    """What the end of `task`, whatever it was, has its page do; None for nothing.

    An error action speaks for its task as the task itself would. A failure that nobody handled is shown where a message was asked for, in
    the page's own words; a page that was to be loaded again is, whatever happened.
    """
    good, handled = task.status == TaskStatus.DONE, bool(task.result.get("handled"))
    if good or handled:
        return Command(task=task.id, extra=task.ui, value=printable(task.ui, task.result.get("plain")))
    if task.ui == "refresh":
        return Command(task=task.id, extra="refresh")
    if task.ui == "flash" and task.status == TaskStatus.FAILED:
        return Command(task=task.id, extra="flash", failed=True)
    return None
