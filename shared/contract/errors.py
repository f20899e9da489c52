"""What a call may end with, wherever it was made: to a service, to a child, to the store. One tree::

    CallFailed
     ├ Refused              what was asked cannot be done; asked again it is refused again
     │  ├ BadValue          an argument is not what it must be
     │  ├ BadToken          the answer is for a screen of another session
     │  ├ TooLarge          over a limit, which the message names
     │  ├ BadRecord         the store does not keep such a thing
     │  ├ NoSession         the session was deleted, or never was
     │  ├ NoInterview       there is no interview of this name
     │  ├ NoFile            the session has no such file
     │  ├ KeysWanted        the step looks into other sessions of who asks: their keys were not shown
     │  ├ NoMethod          the service has no such method
     │  └ BadCall           the method takes other arguments
     ├ InterviewFailed      the interview is at fault; its author must mend it
     │  ├ BadInterview      it does not load: `problems` has the places
     │  ├ StepFailed        a step of it ended with an error: `failure` says where
     │  └ TimeLimit         a step took too long
     ├ Unavailable          nobody's mistake; it passes
     │  ├ Busy              all children, or the session, are in use; or the service is stopping
     │  ├ StoreUnavailable  the database does not answer
     │  ├ BusUnavailable    the broker, or who should answer, is not there
     │  └ CallTimeout       no answer in time; it may have taken effect
     ├ Died                 a process ended before it answered; it may have been the work itself that ended it
     │  ├ ChildDied         a process of author code, by its own doing
     │  ├ ChildKilled       a process of author code, by somebody else's: it passes
     │  └ CallDied          a process of the service, each time it had this call
     └ Unknown              an error that this version has no class for, such as a bug on the other side

Each class says its `kind` (its name on the bus and over HTTP), whether to try `again`, and the HTTP `status`. Nobody asks for a
kind by its text: ``except``, `again` and `status` are for that. Not for: words for people (the gateway's).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, ClassVar, TypeVar

import msgspec

from shared.contract import typed
from shared.contract.effects import Effect
from shared.contract.outcome import Failure

T = TypeVar("T")


class Again(Enum):
    """Whether the same call may be made again."""

    NEVER = "never"  #: it would end in the same way
    LATER = "later"  #: yes, and it is no attempt: the cause lies elsewhere
    COUNTED = "counted"  #: yes, but a bounded number of times: the call may be the cause


class ProblemPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A problem of an interview's YAML, and where it is."""

    file: str | None
    block: str | None
    line: int | None
    message: str
    hint: str | None = None
    severity: str = "error"


class CallFailed(Exception):
    """Base. The message is for developers and logs: it holds no answer and no address."""

    kind: ClassVar[str] = "CallFailed"
    again: ClassVar[Again] = Again.COUNTED
    status: ClassVar[int] = 500
    #: Seconds after which trying again makes sense to somebody who waits (HTTP's Retry-After); None: it makes none.
    retry_after: ClassVar[int | None] = None

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    @property
    def data(self) -> dict[str, object]:
        """What travels beside kind and message, as JSON types."""
        return {}

    @classmethod
    def made_of(cls, message: str, data: Mapping[str, object]) -> CallFailed:
        """The error that travelled; `data` that cannot be read is left out."""
        return cls(message)


class Refused(CallFailed):
    kind = "Refused"
    again = Again.NEVER
    status = 400


class BadValue(Refused):
    kind = "BadValue"


class BadToken(Refused):
    kind = "BadToken"
    status = 409


class TooLarge(Refused):
    kind = "TooLarge"
    status = 413


class BadRecord(Refused):
    kind = "BadRecord"
    status = 500  # what an interview made, or we did: not the user's request


class NoSession(Refused):
    kind = "NoSession"
    status = 410


class NoInterview(Refused):
    kind = "NoInterview"
    status = 404


class NoFile(Refused):
    kind = "NoFile"
    status = 404


class KeysWanted(Refused):
    """Asked again with the asker's keys to `sessions` (`Entry.others`), it is done; a browser's gateway does so by itself."""

    kind = "KeysWanted"
    status = 409

    def __init__(self, message: str = "", sessions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.sessions = tuple(sessions)

    @property
    def data(self) -> dict[str, object]:
        return {"sessions": list(self.sessions)}

    @classmethod
    def made_of(cls, message: str, data: Mapping[str, object]) -> KeysWanted:
        return cls(message, _read(data.get("sessions"), tuple[str, ...]) or ())


class NoMethod(Refused):
    """Services of two versions run side by side: asked again, a newer one may answer."""

    kind = "NoMethod"
    again = Again.COUNTED
    status = 500


class BadCall(Refused):
    kind = "BadCall"
    again = Again.COUNTED  # as `NoMethod`
    status = 500


class InterviewFailed(CallFailed):
    kind = "InterviewFailed"
    again = Again.NEVER


class BadInterview(InterviewFailed):
    kind = "BadInterview"

    def __init__(self, message: str = "", problems: Iterable[ProblemPlace] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    @property
    def data(self) -> dict[str, object]:
        return {"problems": msgspec.to_builtins(self.problems)}

    @classmethod
    def made_of(cls, message: str, data: Mapping[str, object]) -> BadInterview:
        return cls(message, _read(data.get("problems"), tuple[ProblemPlace, ...]) or ())


class StepFailed(InterviewFailed):
    kind = "Failed"

    def __init__(self, message: str = "", failure: Failure | None = None, said: Iterable[Effect] = ()) -> None:
        super().__init__(message)
        self.failure = failure
        self.said = tuple(said)  #: what the step wrote to its log; known where it ran, it does not travel

    @property
    def data(self) -> dict[str, object]:
        return {} if self.failure is None else {"failure": msgspec.to_builtins(self.failure)}

    @classmethod
    def made_of(cls, message: str, data: Mapping[str, object]) -> StepFailed:
        return cls(message, _read(data.get("failure"), Failure))


class TimeLimit(StepFailed):
    """`failure` says where author code was, if it could still be asked."""

    kind = "TimeLimit"
    status = 503


class Unavailable(CallFailed):
    kind = "Unavailable"
    again = Again.LATER
    status = 503
    retry_after = 3


class Busy(Unavailable):
    kind = "Busy"


class StoreUnavailable(Unavailable):
    kind = "StoreUnavailable"


class BusUnavailable(Unavailable):
    kind = "BusUnavailable"


class CallTimeout(Unavailable):
    """Calls that change something carry a request id, so that asking again is safe."""

    kind = "CallTimeout"
    status = 504
    retry_after = 5


class Died(CallFailed):
    kind = "Died"


class ChildDied(Died):
    kind = "ChildDied"


class ChildKilled(Died):
    kind = "ChildKilled"
    again = Again.LATER
    status = 503
    retry_after = 3


class CallDied(Died):
    kind = "CallDied"


class Unknown(CallFailed):
    """`kind` is as the other side said it: the name of an exception's class."""

    def __init__(self, message: str = "", kind: str = "Unknown") -> None:
        super().__init__(message)
        self.kind = kind  # type: ignore[misc]  # the one class whose objects differ in it


class Wire(msgspec.Struct, frozen=True):
    """An error as it travels: ``{"kind", "message", "data"}``."""

    kind: str
    message: str
    data: dict[str, Any] = {}


def to_wire(error: BaseException) -> Wire:
    """What `error` looks like on the bus. Of what is not of this tree only class and text are told."""
    if isinstance(error, CallFailed):
        return Wire(error.kind, str(error), error.data)
    return Wire(type(error).__name__, str(error))


def from_wire(wire: Wire) -> CallFailed:
    """The error that `to_wire` described; of a kind that this version does not know, `Unknown`."""
    cls = KINDS.get(wire.kind)
    return Unknown(wire.message, wire.kind) if cls is None else cls.made_of(wire.message, wire.data)


def _tree(cls: type[CallFailed]) -> Iterable[type[CallFailed]]:
    for part in cls.__subclasses__():
        yield part
        yield from _tree(part)


#: The classes of this module by the kind under which they travel.
KINDS: Mapping[str, type[CallFailed]] = {cls.kind: cls for cls in _tree(CallFailed) if cls is not Unknown}


def _read(value: object, into: type[T]) -> T | None:
    try:
        return typed.convert(value, into)
    except msgspec.ValidationError:
        return None
