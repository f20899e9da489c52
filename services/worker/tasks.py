"""One background task, from its job to its result (background.md, "Background processes").

A task is held by a lease, renewed while its child runs. A worker that dies lets the lease run out, and another takes the
task; whoever ends it does so once, because ending it needs the lease. What the result is made of: `conclusion`.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from services import mail_turns, storage
from services.erasing import erase
from services.results import failed
from services.runs.reports import RunReports, Work, failure_of, said_before
from services.session_host import SessionHost
from services.worker.conclusion import Conclusion, conclude, died
from services.worker.progress import Progress, Usual
from services.worker.reach import TaskReach
from shared.bus.messages import Bus, Job, Notification, Retry
from shared.contract import typed
from shared.contract.effects import Effect
from shared.contract.errors import Again, Busy, CallFailed, TimeLimit
from shared.contract.outcome import Failure, StepResult
from shared.contract.tasks import PRIORITIES, TaskOptions, TaskStatus
from shared.engine.request import Action, Request
from shared.runner.ports import Cancelled, HostApi, Limits, Runner
from shared.store.ports import BadRecord, Store, TooLarge
from shared.store.records import Ended, Session, Task
from shared.vault.ports import KeyAway

log = logging.getLogger(__name__)

#: Deaths of its child, by its own doing, after which a task counts as failed: author code would otherwise do so for ever.
MAX_DEATHS = 5

#: Runs after which it counts as failed, whoever ended them. A worker or a child that somebody else ended is not the task's fault, and
#: fifty in a row are: the kernel kills what takes all memory, and does not say on whose account.
MAX_RUNS = 50

#: Seconds until a task is tried again: what was interrupted goes on soon, what found no process leaves the others time to end.
SOON, LATER = 1.0, 5.0

#: Seconds that a job may have lain in its queue and yet count as taken at once: by a worker that had nothing else to do.
PROMPT = 0.05

#: How often one message comes back to a task that somebody else holds.
LOOKS = 3


class TaskRunner:
    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        runner: Runner,
        host: Callable[[str], SessionHost],
        clock: Callable[[], datetime],
        seed: Callable[[], int] = lambda: secrets.randbits(64) - 2**63,
        limits: Limits | None = None,
        lease: timedelta = timedelta(seconds=15),
        config: Mapping[str, object] | None = None,
        reports: RunReports | None = None,
        keeps: bool = False,
    ) -> None:
        """`keeps`: the session keeps the child of its task, for `runner` runs the response action and the session's screens, too."""
        self._store = store
        self._bus = bus
        self._runner = runner
        self._host = host
        self._clock = clock
        self._seed = seed
        self._limits = limits or Limits(seconds=3600)
        self._lease = lease
        self._config = dict(config or {})
        self._reports = reports or RunReports(store.runs, clock=clock)
        self._keeps = keeps
        self._stopping = threading.Event()
        self._running: dict[str, tuple[Task, threading.Event]] = {}
        self._usual = Usual()
        self._lock = threading.Lock()

    def stop(self, grace: float) -> None:
        """In `grace` seconds end what still runs then, and hand it back to other workers. Does not wait."""
        timer = threading.Timer(grace, self._stop_now)
        timer.daemon = True
        timer.start()

    def _stop_now(self) -> None:
        self._stopping.set()
        with self._lock:
            running = list(self._running.values())
        for task, cancel in running:
            # The row first: ending a child on a machine under load may take longer than this process has. What the child says
            # afterwards is not kept, because that needs the lease.
            self._hand_back(task)
            cancel.set()

    def handle(self, job: Job) -> None:
        """One ``task`` job: ``{"task": id}``. Raises `Retry` if another worker holds the task."""
        task_id = str(job.body["task"])
        if self._stopping.is_set():
            raise Retry(SOON, "the worker is stopping")
        if (wait := self._until(job)) > 0:
            raise Retry(wait, "it is not due")
        task = self._taken(job)
        if task is None:
            known = self._store.tasks.get(task_id)
            if known is not None and known.status.held and job.attempt < LOOKS:
                # Held by a worker that may be dead: look again when its lease has run out. After that the sweep does.
                raise Retry(self._lease.total_seconds(), "held by another worker")
            return
        job.claimed()
        if task.status == TaskStatus.RESPONDING:
            self._respond(task)
        elif task.attempts > MAX_RUNS:
            text = f"the task ended {MAX_RUNS} times without a result"
            self._fail(task, failed("TaskDied", text), Failure(type="TaskDied", message=text))
        else:
            self._run(task)

    def _taken(self, job: Job) -> Task | None:
        """The task of `job`, or one of its queue that goes before it; None if it is somebody else's, or has ended.

        A job brings a worker to its queue, and priorities say to which of the tasks there. A task that went before another leaves its own
        job behind, which then brings a worker to one that it went before: so there is a job for each.
        """
        own, priority = str(job.body["task"]), int(str(job.body.get("priority", 0)))
        tasks, now = self._store.tasks, self._clock()
        # Where nothing waits, nothing more urgent does.
        prompt = job.waited is not None and 0 <= job.waited < PROMPT
        if priority < max(PRIORITIES.values()) and not prompt:
            first = tasks.urgent(job.queue, now=now, above=priority)
            if first is not None and (task := self._claimed(first)) is not None:
                return task
        if (task := self._claimed(own)) is not None or priority == min(PRIORITIES.values()):
            return task
        other = tasks.urgent(job.queue, now=now, below=priority)
        return None if other is None else self._claimed(other)

    def _claimed(self, task_id: str) -> Task | None:
        lease = secrets.token_hex(12)
        try:
            return self._store.tasks.claim(task_id, lease=lease, now=self._clock(), length=self._lease)
        except KeyAway:
            self._too_late(task_id, lease)
            return None

    def _too_late(self, task_id: str, lease: str) -> None:
        """The task waited for longer than it may open its session. All that can be kept of it is that."""
        result = {"ok": False, "error_type": KeyAway.__name__}
        self._store.tasks.finish(task_id, lease=lease, status=TaskStatus.FAILED, result=result, now=self._clock())
        log.error("task_too_late", extra={"task": task_id})

    def _until(self, job: Job) -> float:
        """Seconds until the task of `job` is due."""
        due = job.body.get("due")
        return 0.0 if due is None else (datetime.fromisoformat(str(due)) - self._clock()).total_seconds()

    def _run(self, task: Task) -> None:
        host = self._host(task.session)
        host.watcher = Progress(task, self._store.tasks, self._bus, clock=self._clock, usual=self._usual.of(task))
        try:
            with self._held(task) as cancel:
                session = self._store.sessions.load(task.session)
                result = None if session is None else self._step(task, session, host, cancel)
        except Cancelled:
            if self._stopping.is_set():
                self._hand_back(task)
                raise Retry(SOON, "the worker is stopping") from None
            log.info("task_cancelled", extra={"task": task.id, "session": task.session})
            return
        except CallFailed as error:
            self._ended_early(task, error, host)
            return
        except Exception:
            raise  # a mistake of ours: the lease runs out, and another worker tries
        except BaseException:  # the process stops, and does not wait for this
            self._hand_back(task)
            raise
        if result is None:
            # Deleted while the task was being published: nobody else would ever remove its row.
            erase(self._store, task.session)
            log.info("task_orphaned", extra={"task": task.id})
            return
        conclusion = conclude(task, result, host.error_action)
        if conclusion.status == TaskStatus.FAILED and self._again(task):
            return
        self._usual.took(task, result.seconds)
        self._save(task, conclusion, host)

    def _again(self, task: Task) -> bool:
        """Queue a task that failed once more, if its author wants that and it has not had its times."""
        options = typed.convert(dict(task.options), TaskOptions)
        if task.attempts > options.times:
            return False
        wait = options.delay * options.backoff ** (task.attempts - 1)
        at = self._clock() + timedelta(seconds=wait)
        if self._store.tasks.requeue(task.id, lease=task.lease or "", at=at) is None:
            return True  # it is somebody else's by now, or revoked
        log.info("task_runs_again", extra={"task": task.id, "session": task.session})
        self._bus.send(
            Job(
                queue=task.queue,
                id=f"{task.id}.{task.attempts}",
                body={"task": task.id, "due": at.isoformat(), "priority": task.priority},
            )
        )
        return True

    def _hand_back(self, task: Task) -> None:
        """Another worker goes on with it at once, and this was no attempt. Never raises: else the lease runs out."""
        try:
            if self._store.tasks.release(task.id, lease=task.lease or "", ended=Ended.UNBEGUN):
                log.info("task_handed_back", extra={"task": task.id})
        except Exception as error:
            log.warning(
                "task_not_handed_back",
                extra={"task": task.id, "error": type(error).__name__},
            )

    def _step(self, task: Task, session: Session, host: SessionHost, cancel: threading.Event) -> StepResult:
        request = Request(
            now=self._clock(),
            seed=self._seed(),
            action=Action(name=task.action, encoded=task.arguments),
            mode="background",
            task_id=task.id,
            user=task.user,
            browser=task.browser,
            config=self._config,
            lasting=session.extra.get("lasting") or {},
            steps=session.step,
        )
        host.acts_for(storage.whose(session.id, session.interview, task.user, task.browser))
        host.reach = TaskReach(self._bus, user=task.user, browser=task.browser)
        return self._runner.step(
            session.interview,
            session.state,
            request,
            host=host,
            limits=self._limits_of(task),
            session=session.id if self._keeps else None,
            cancel=cancel,
        )

    def _limits_of(self, task: Task) -> Limits:
        stated = task.options.get("time_limit")
        seconds = self._limits.seconds if stated is None else min(float(stated), self._limits.seconds)
        return replace(self._limits, seconds=seconds)

    def _ended_early(self, task: Task, error: CallFailed, host: HostApi) -> None:
        """The step had no result. Raises `Retry` if the task is to run again.

        Its job comes back; or when that has come back often enough, the sweep brings another.
        """
        ended = _how(error)
        last = (ended is Ended.DIED and task.deaths + 1 >= MAX_DEATHS) or (
            ended is Ended.INTERRUPTED and task.attempts >= MAX_RUNS
        )
        if error.again is Again.NEVER or last:
            if isinstance(error, TimeLimit) and self._again(task):
                return
            final = failed(error.kind, str(error), trail=(task.action,))
            said = tuple(said_before(error))
            self._save(task, died(final, host.error_action, failure_of(error), said), host)
            return
        self._store.tasks.release(task.id, lease=task.lease or "", ended=ended)
        raise Retry(LATER if ended is Ended.UNBEGUN else SOON, error.kind) from error

    def _save(self, task: Task, conclusion: Conclusion, host: HostApi) -> None:
        try:
            if conclusion.response is None:
                if self._finish(task, conclusion.status, conclusion.final):
                    self._reports.ended(_work(task), conclusion.failure, conclusion.said)
                return
            held = self._store.tasks.responding(task.id, lease=task.lease or "", response=conclusion.response)
        except (TooLarge, BadRecord) as refused:
            self._refuse(task, refused, conclusion, host)
            return
        if held:
            self._reports.ended(_work(task), conclusion.failure, conclusion.said)
            self._respond(task)

    def _refuse(self, task: Task, refused: TooLarge | BadRecord, conclusion: Conclusion, host: HostApi) -> None:
        """The store does not take what the task ended with. Running it again would end the same way."""
        final = failed(refused.kind, str(refused), trail=(task.action,))
        failure = Failure(type=type(refused).__name__, message=str(refused))
        if host.error_action is None or conclusion.status == TaskStatus.FAILED:
            self._fail(task, final, failure)
        else:
            self._save(task, died(final, host.error_action, failure), host)

    def _respond(self, task: Task) -> None:
        """Have the interview service save what the task answered. The last time it is asked, it ends the task whatever comes."""
        last = task.deaths + 1 >= MAX_DEATHS
        try:
            self._bus.call("interview", "respond", task=task.id, **({"last": True} if last else {}))
        except CallFailed as error:
            ended = Ended.DIED if error.again is Again.COUNTED else Ended.UNBEGUN
            if error.again is Again.NEVER or (ended is Ended.DIED and last):
                self._fail(task, failed(error.kind, str(error)))
                return
            self._store.tasks.release(task.id, lease=task.lease or "", ended=ended)
            raise Retry(2.0, f"the interview service could not save it: {error.kind}") from error

    @contextmanager
    def _held(self, task: Task) -> Iterator[threading.Event]:
        """Renew the task's lease for as long as this lasts. The event is set if the lease is lost, the task revoked, or this worker stops."""
        cancel, stop = threading.Event(), threading.Event()
        with self._lock:
            self._running[task.id] = (task, cancel)
        if self._stopping.is_set():
            cancel.set()
        threading.Thread(target=self._beat, args=(task, cancel, stop), daemon=True).start()
        try:
            yield cancel
        finally:
            stop.set()
            with self._lock:
                self._running.pop(task.id, None)

    def _beat(self, task: Task, cancel: threading.Event, stop: threading.Event) -> None:
        every = self._lease.total_seconds() / 5
        while not stop.wait(every):
            try:
                held = self._store.tasks.heartbeat(
                    task.id, lease=task.lease or "", now=self._clock(), length=self._lease
                )
            except Exception as error:  # the store may be away for a moment: the lease tells in the end
                log.warning(
                    "heartbeat_failed",
                    extra={"task": task.id, "error": type(error).__name__},
                )
                continue
            if not held:
                cancel.set()
                return

    def _fail(
        self, task: Task, result: Mapping[str, object], failure: Failure | None = None, said: Iterable[Effect] = ()
    ) -> None:
        """End `task` as failed, and say so if the fault is the action's own."""
        if self._finish(task, TaskStatus.FAILED, result) and failure is not None:
            self._reports.ended(_work(task), failure, said)

    def _finish(self, task: Task, status: TaskStatus, result: Mapping[str, object]) -> bool:
        """End `task`. False if it had ended, or this worker has lost it. Raises `TooLarge` and `BadRecord`."""
        ended = self._store.tasks.finish(task.id, lease=task.lease, status=status, result=result, now=self._clock())
        if ended:
            log.info("task_ended", extra={"task": task.id, "session": task.session, "status": status})
            self._bus.notify(Notification(session=task.session, event="task", data={"task": task.id, "ui": task.ui}))
            mail_turns.task_ended(task, store=self._store, bus=self._bus)
        return ended


def _work(task: Task) -> Work:
    return Work(
        what="mail" if task.origin == "email" else "task",
        session=task.session,
        interview=task.interview,
        name=task.action,
        task=task.id,
        scheduled=task.origin == "cron",
    )


def _how(error: CallFailed) -> Ended:
    if isinstance(error, Busy):
        return Ended.UNBEGUN
    return Ended.INTERRUPTED if error.again is Again.LATER else Ended.DIED
