"""What the sender of an answer is told besides the next screen: it replaced a newer one, or leads to the same screen again.

An answer to an older screen is taken, as a change of mind: it is how the browser's own Back works. It may come from a forgotten tab, too,
and then somebody's newer answer is gone: that is said.
"""

from __future__ import annotations

from collections.abc import Callable

from services.interview import history
from shared.contract import typed
from shared.contract.outcome import StepResult
from shared.contract.reply import Notice
from shared.engine.request import Answer, Shown
from shared.store.records import Session, Step

#: How many steps are looked through for a newer answer; whoever is further behind is not told.
LOOK = 50


def replaced(session: Session, answer: Answer, step_of: Callable[[int], Step | None]) -> tuple[str, ...]:
    """The variables that were answered otherwise since the page of `answer` was shown. `step_of` gives an older step by its uid."""
    since = answer.shown.version
    if since is None or since >= session.version:
        return ()
    names: set[str] = set()
    screen = history.screen_of(answer.shown)
    step = session.top
    for _ in range(LOOK):
        if step is None or step.uid <= since:
            break
        names |= _of_step(history.answered_at(step), answer, screen, since)
        step = None if step.previous is None else step_of(step.previous)
    return tuple(sorted(names))


def _of_step(newer: history.Answered, answer: Answer, screen: str, since: int) -> set[str]:
    if newer.at <= since:
        return set()
    both = newer.values.keys() & answer.values.keys()
    names = {name for name in both if newer.values[name] != answer.values[name]}
    if not names and newer.screen == screen and not answer.values and newer.button != answer.button:
        names = {answer.shown.variable or answer.shown.block}  # buttons are answers, too
    return names


def repeated(answer: Answer, result: StepResult) -> Notice | None:
    """That the answer was taken, and the same screen comes again all the same."""
    screen = result.screen
    if screen is None or screen.kind in ("command", "response", "end", "wait") or result.rejection is not None:
        return None
    now = Shown(**typed.from_json(screen.shown))
    if not history.same_screen(now, answer.shown):
        return None
    sought = (now.variable,) if now.variable else ()
    why = f"{now.variable} is still sought" if now.variable else "it has not been answered"
    return Notice(kind="repeated", variables=sought, message=f"The same screen comes again: {why}.")


def notices(answer: Answer, result: StepResult, replaced: tuple[str, ...]) -> tuple[Notice, ...]:
    made = []
    if replaced and result.rejection is None and result.failure is None:
        text = f"This answer replaced a newer one, given since its screen was shown: {', '.join(replaced)}."
        made.append(Notice(kind="replaced", variables=replaced, message=text))
    again = repeated(answer, result)
    return (*made, again) if again is not None else tuple(made)
