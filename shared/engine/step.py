"""One step: a request meets a state. The only entry of the engine.

Pure but for changing `state` in place: everything it knows of the world is in the request, everything it wants done is in
the outcome. What kind of request it is decides who does the work: ``passes`` (a screen), ``answers``, ``checkin``, ``background``.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.authoring import memory
from shared.authoring.context import running
from shared.authoring.errors import MISSING, BackgroundResponse, BackgroundResponseAction, Signal, ValidationError
from shared.engine import (
    answers,
    background,
    checkin,
    endings,
    failures,
    internal,
    passes,
    progress,
    screens,
    seek,
    setup,
)
from shared.engine.context import StepContext
from shared.engine.errors import TooManyPasses
from shared.engine.outcome import Outcome, Rejection
from shared.engine.plan import plan_for
from shared.engine.request import Answer, Request
from shared.engine.run import Run
from shared.engine.screen import Screen
from shared.language.model import Interview
from shared.state.session import State


def step(interview: Interview, state: State, request: Request) -> Outcome:
    """Do what `request` asks of the session in `state`.

    Never raises for anything that an author or a user did: that is a `Failure` or a `Rejection` in the outcome. After a
    failure or a rejection the state must be thrown away (`save` is ``ignore``). Python's own ``random`` is left alone: an
    author who seeds it means its sequence to go on over his screens.
    """
    run = Run(plan_for(interview), state, request)
    new = internal.prepare(state, request)
    run.context = context = StepContext(run)
    namespace = state.variables
    with running(context):  # type: ignore[arg-type]  # `sought` is computed
        try:
            namespace["__builtins__"] = setup.layer(run.plan)
            _prepare(run, new=new)
            return _dispatch(run, new=new)
        except (
            Exception,
            SystemExit,
            Signal,
        ) as error:  # author code may call exit(), and signals where none is awaited
            return Outcome(save="ignore", failure=failures.describe(run, error))
        finally:
            namespace.pop("__builtins__", None)
            setup.release_locals(run)


def _prepare(run: Run, *, new: bool) -> None:
    request = run.request
    url_args = request.browser.get("url_args") or {}
    if new:
        run.namespace["url_args"] = dict(url_args)
        if request.browser.get("referer"):
            run.internal[memory.REFERER] = str(request.browser["referer"])
    elif url_args:
        run.namespace.setdefault("url_args", {}).update(url_args)
    if request.prior:
        run.internal["prior"] = dict(request.prior)
    setup.begin(run)


def _dispatch(run: Run, *, new: bool) -> Outcome:
    request = run.request
    if request.check_in is not None:
        return checkin.answer(run)
    if request.mode == "background":
        return background.work(run)
    if request.mode in ("callback", "error_callback", "cron", "email"):
        return background.respond(run)
    if request.answer is not None:
        return _answer(run)
    screen = _assemble(run)
    if request.action is not None:
        internal.touch(run.state, request)
    save = "new" if new or request.action is not None else "overwrite"
    return endings.outcome(run, screen, save)


def _answer(run: Run) -> Outcome:
    answer = run.request.answer
    assert answer is not None
    try:
        screen = _take(run, answer)
    except answers.Rejected as refused:
        return Outcome(save="ignore", rejection=refused.rejection, screen=_again(run))
    except ValidationError as error:
        rejection = Rejection(fields={error.field: error.message} if error.field else {}, message=error.message)
        return Outcome(save="ignore", rejection=rejection, screen=_again(run))
    internal.touch(run.state, run.request)
    progress.advance(run)
    if screen is None:
        screen = _assemble(run)
    return endings.outcome(run, screen, "new")


def _take(run: Run, answer: Answer) -> Screen | None:
    """Take the answer. What checking it needs and is not there (any more) is sought first; a question for that is shown."""
    for _ in range(run.request.loop_limit):
        try:
            return answers.take(run, answer)
        except MISSING as error:
            screen = passes.settle(run, passes.seeking(run, seek.name_missed(error)))
            if screen is not None:
                return screen
        except Signal as signal:  # validation code may end in message(), response() and kin
            return passes.settle(run, _raising(signal))
    raise TooManyPasses(run.request.loop_limit, tuple(run.history[-3:]))


def _raising(signal: Signal) -> Callable[[], Screen | None]:
    def work() -> Screen | None:
        raise signal

    return work


def _again(run: Run) -> Screen:
    """The screen that was refused, once more. What its texts need is sought as when it was first shown."""
    answer = run.request.answer
    assert answer is not None
    shown = answer.shown
    block, _ = answers.block_of(run, shown)
    path = tuple(int(index) for index in shown.kind.split("/") if index)
    for _ in range(run.request.loop_limit):
        answers.bind(run, shown)
        run.trail[:] = [shown.variable] if shown.variable else []
        try:
            return screens.build(run, block, variable=shown.variable, path=path, root=shown.block)
        except MISSING as error:
            screen = passes.settle(run, passes.seeking(run, seek.name_missed(error)))
            if screen is not None:
                return screen
    raise TooManyPasses(run.request.loop_limit, tuple(run.history[-3:]))


def _assemble(run: Run) -> Screen:
    while True:
        try:
            return passes.assemble(run)
        except (BackgroundResponse, BackgroundResponseAction):  # nobody waits for it: the logic goes on
            run.action_done = True
