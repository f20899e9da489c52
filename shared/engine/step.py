"""One step: a request meets a state. The only entry of the engine.

Pure but for changing `state` in place: everything it knows of the world is in the request, everything it wants done is in
the outcome. What kind of request it is decides who does the work: ``passes`` (a screen), ``answers``, ``checkin``, ``background``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shared.authoring import memory
from shared.authoring.context import running
from shared.authoring.errors import (
    MISSING,
    BackgroundResponse,
    BackgroundResponseAction,
    BeingMade,
    Signal,
    ValidationError,
)
from shared.authoring.objects import global_objects, working_copies
from shared.contract import others
from shared.contract.effects import Effect, LogMessage
from shared.contract.screen import Screen
from shared.engine import failures
from shared.engine.answering import answers
from shared.engine.answering.rejected import Rejected
from shared.engine.asking import progress, screens
from shared.engine.context import StepContext
from shared.engine.documents import collected, mailed
from shared.engine.doing import asked, responses
from shared.engine.errors import TooManyPasses
from shared.engine.keeping import internal
from shared.engine.naming.plan import plan_for
from shared.engine.outcome import Outcome, Rejection
from shared.engine.request import Answer, Request
from shared.engine.run import Run
from shared.engine.seeking import passes, seek
from shared.engine.steps import background, checkin, endings, setup
from shared.language.model import Interview
from shared.state.session import State


def step(interview: Interview, state: State, request: Request) -> Outcome:
    """Do what `request` asks of the session in `state`.

    Never raises for anything that an author or a user did: that is a `Failure`, a `Rejection` or `refused` in the outcome. After any
    of them the state must be thrown away (`save` is ``ignore``). Python's own ``random`` is left alone: an
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
            outcome = _dispatch(run, new=new)
            run.runs.close()
            working_copies.commit_all(context)  # type: ignore[arg-type]  # as above
            return _with_globals(run, outcome)
        except (
            Exception,
            SystemExit,
            Signal,
        ) as error:  # author code may call exit(), and signals where none is awaited
            refused = asked.refusal(run, error)
            if refused is not None:
                return Outcome(save="ignore", refused=refused, effects=_said(run))
            return Outcome(save="ignore", failure=failures.describe(run, error), effects=_said(run))
        finally:
            namespace.pop("__builtins__", None)
            setup.release_locals(run)
            working_copies.discard_all(context)  # type: ignore[arg-type]  # as above


def _with_globals(run: Run, outcome: Outcome) -> Outcome:
    """The outcome with what is to be kept of objects that outlive the session; of a step that changes nothing, nothing."""
    if run.request.document is not None or outcome.failure or outcome.rejection or outcome.refused or outcome.waits:
        return outcome
    kept = global_objects.changes(run.context)
    return replace(outcome, effects=(*outcome.effects, *kept)) if kept else outcome


def _prepare(run: Run, *, new: bool) -> None:
    request = run.request
    url_args = request.browser.get("url_args") or {}
    if new:
        run.namespace["url_args"] = dict(url_args)
        if request.browser.get("referer"):
            run.internal[memory.REFERER] = str(request.browser["referer"])
    elif url_args:
        run.namespace.setdefault("url_args", {}).update(url_args)
    if request.action is not None and request.action.save is not None:
        run.context.step[memory.SAVE] = request.action.save
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
    if request.mode == "mail_failed":
        return background.mail_failed(run)
    if request.mode == others.MODE:
        return background.for_other(run)
    if request.answer is not None:
        return _answer(run)
    screen = _assemble(run)
    if run.no_action:  # forgiven, as documented; only the author hears of it
        run.context.effects.append(LogMessage(message=seek.no_action(run)))
    if request.document is not None:
        try:
            return Outcome(save="ignore", screen=collected.wanted(run, screen))
        except BeingMade:
            return Outcome(save="ignore", screen=responses.suspended(run, soon=True))
    if request.action is not None and request.action.name == mailed.ACTION:
        mailed.send(run, screen, request.action.arguments)
        return endings.outcome(run, screen, "overwrite")
    if request.action is not None:
        internal.touch(run.state, request)
    save = "new" if new or request.action is not None else "overwrite"
    return endings.outcome(run, screen, save)


def _answer(run: Run) -> Outcome:
    answer = run.request.answer
    assert answer is not None
    begins_with = run.context.language
    # What is said about an answer is said in the language of its page: set_language() in an `initial` block runs later.
    run.context.language = answer.shown.language or begins_with
    try:
        screen = _take(run, answer)
    except Rejected as refused:
        return Outcome(save="ignore", rejection=refused.rejection, screen=_again(run), effects=_said(run))
    except ValidationError as error:
        rejection = Rejection(fields={error.field: error.message} if error.field else {}, message=error.message)
        return Outcome(save="ignore", rejection=rejection, screen=_again(run), effects=_said(run))
    internal.touch(run.state, run.request)
    progress.advance(run)
    run.context.language = begins_with
    if screen is None:
        screen = _assemble(run)
    return endings.outcome(run, screen, "new")


def _said(run: Run) -> tuple[Effect, ...]:
    """What author code wrote to the log: said "immediately" (functions.md, log()), whatever becomes of the step."""
    return tuple(effect for effect in run.context.effects if isinstance(effect, LogMessage))


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
            with answers.checking(run):
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
