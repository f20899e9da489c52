"""What can go wrong in a step, other than in the author's own Python.

    EngineError
    ├── NotDefinable     no block defines the variable
    ├── CircularSeek     every block that could define the variable needs that variable first
    ├── NoEndpoint       the last block was reached and there was nothing to show
    ├── TooManyPasses    the logic goes round in circles without getting anywhere
    ├── SourceError      a module of the author's uses a name that Python does not know
    ├── BadAuthorValue   a part of a block evaluated to something it cannot be
    ├── BadAction        a browser asks for an action that is none: nobody's mistake here, and nothing is done
    └── StaleAnswer      the answer is for a screen that the interview no longer has

Each message says what to do; file, block and line are added by `failures`.
"""

from __future__ import annotations

from shared.language.model import Place


class EngineError(Exception):
    """Base. `place` is where the author should look, if the error knows it better than the traceback."""

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(message)
        self.place = place


class NotDefinable(EngineError):
    """No block defines `variable`."""

    def __init__(
        self,
        variable: str,
        trail: tuple[str, ...] = (),
        place: Place | None = None,
        *,
        tried: tuple[Place, ...] = (),
        near: str = "",
        spoken: str = "",
    ) -> None:
        why = f" It is needed for {' < '.join(trail)}." if trail else ""
        if tried:
            blocks = " and ".join(f"{at.block} (line {at.line})" for at in tried)
            message = (
                f"{blocks} should have defined {variable!r} and did not.{why} Let every way through the code set it."
            )
        elif spoken:
            message = f"There is no block that defines {variable!r} in the language of the session.{why} {spoken}"
        else:
            meant = f" Did you mean {near!r}?" if near else ""
            message = (
                f"There is no block that defines {variable!r}.{why}{meant} Add a question or code block that sets it, or "
                "check its spelling, the conditions ('if') of the blocks that set it, and the class that 'generic object' names."
            )
        super().__init__(message, place=place)
        self.variable = variable


class CircularSeek(EngineError):
    """`variable` is needed to define itself."""

    def __init__(self, variable: str, trail: tuple[str, ...], place: Place | None = None) -> None:
        chain = " needs ".join([*reversed(trail), variable])
        super().__init__(
            f"Infinite loop: {variable!r} is needed in order to define {variable!r} ({chain}). "
            "Let one of these blocks do without the variable it asks for.",
            place=place,
        )
        self.variable = variable


class NoEndpoint(EngineError):
    """Nothing to show."""

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(
            "The interview has no endpoint: all mandatory blocks are done and none of them shows a screen. "
            "End with a mandatory question without fields, or seek an event in a mandatory code block.",
            place=place,
        )


class TooManyPasses(EngineError):
    """The limit of passes was reached."""

    def __init__(self, limit: int, last: tuple[str, ...]) -> None:
        recent = ", ".join(last) or "no variable was sought"
        super().__init__(
            f"The logic was evaluated {limit} times without reaching a screen; last: {recent}. "
            "Look for code that undefines or asks again for what it has just defined."
        )


class SourceError(EngineError):
    """A NameError in a module: a mistake there, not a variable of the interview."""


class BadAuthorValue(EngineError):
    """A part of a block is not what it must be."""


class BadAction(EngineError):
    """What a browser asks for is no action, or cannot be done with these arguments. The message repeats names, never values."""


class StaleAnswer(EngineError):
    """The block that the answer is for is not in the interview any more."""
