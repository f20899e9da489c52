"""The processes of a service in which author code runs, as the settings want them. Services without any do not load this."""

from __future__ import annotations

from services import walls, wordfiles
from services.running import sealed_store
from services.settings import Settings
from shared.runner.pool import ProcessPool
from shared.vault.store import VaultedStore

#: Sessions that have a process each: of the embedded system, of a service.
_CHILDREN = {False: 24, True: 64}
#: So long a service that starts waits for its processes before it takes calls all the same.
READY_SECONDS = 30.0


def ports(settings: Settings, *, ready: bool = False) -> tuple[VaultedStore, ProcessPool]:
    """The store and a pool of children, which starts nothing yet unless it is to be `ready`.

    Raises `StoreUnavailable` if the database does not answer (yet).
    """
    # Whoever may begin must find a process, or it waits for one until it is turned away as busy.
    at_once = max(settings.interview_workers, settings.task_workers * (1 + len(settings.task_queues)))
    pool = children(settings, at_once=at_once)
    try:
        if ready:
            pool.lender.begin()  # what it imports and what the database is asked take half a second each
        store = sealed_store(settings)
    except BaseException:
        pool.close()
        raise
    if ready:
        # Whoever takes calls before it can answer any holds people up for seconds, while another instance would not.
        pool.ready(READY_SECONDS)
    return store, pool


def children(settings: Settings, *, at_once: int) -> ProcessPool:
    """The pool in which author code runs, large enough for `at_once` steps."""
    return ProcessPool(
        roots=settings.packages,
        cache=settings.var / "compiled",
        good=settings.var,
        words=wordfiles.read(settings.words, settings.packages),
        max_children=max(settings.children or _CHILDREN[settings.distributed], at_once),
        # Each of those that begin at once may be of another interview.
        max_templates=max(settings.templates, at_once),
        # An author who saves and clicks at once sees the new version; elsewhere sources hardly ever change.
        check_seconds=0.0 if settings.debug else 0.25,
        last_good=not settings.debug,
        shared=walls.shared(settings),
        rules=walls.rules(settings),
    )
