"""The exceptions by which author code tells the engine something.

    Exception
    ├── AttributeError
    │   └── MissingAttribute  (authors know it as DAAttributeError)  `.variable` is the full name that is missing
    ├── NameError             a plain missing name: the engine reads it from `.name`
    │   └── MissingItem       (DAIndexError; also an IndexError)     `.variable` is the full name of the item
    └── Signal                the author asked for something that ends the run
        ├── ForcedName        force_ask and kin: seek this name (or these actions) now
        ├── ResponseSignal    response(), json_response()
        ├── RerunLogic        re_run_logic(): begin again at the first block
        ├── CommandSignal     command()
        ├── MessageSignal     message()
        ├── BackgroundResponse / BackgroundResponseAction
        ├── Suspended         wait() or get() on a task that has not ended: the step is run again when it has
        │   └── BeingMade     the same for a document that takes long to be made
        └── ValidationError   validation_error(): the answer is refused (authors know it as DAValidationError)

`Signal` derives from BaseException on purpose: an author's ``except Exception`` must not swallow it.
`NotAvailable` (an Exception) is a function that this server cannot offer.
`ValidationError` is an Exception, because authors raise and catch it themselves.
"""

from __future__ import annotations


class MissingAttribute(AttributeError):
    """An attribute of an interview object is missing. `variable` is ``instanceName.attribute``.

    An AttributeError and no NameError (Python's layout does not allow both), because ``hasattr(user, 'spouse')`` is
    how authors ask whether an attribute is there.
    """

    def __init__(self, variable: str) -> None:
        super().__init__(f"name '{variable}' is not defined")
        self.variable = variable


class MissingItem(NameError, IndexError):
    """An item of an interview list or dict is missing. `variable` is ``instanceName[key]``."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"name '{variable}' is not defined")
        self.variable = variable


#: What makes the engine seek a variable.
MISSING = (NameError, MissingAttribute)


class Signal(BaseException):
    """Base of what ends a run on the author's word."""


class ForcedName(Signal):
    """Seek these now. `actions` are names or ``{"action": …, "arguments": {…}}`` and the documented kin, in order."""

    def __init__(
        self,
        *actions: object,
        gather: bool = False,
        priority: bool = False,
        next_action: object = None,
        **options: object,
    ) -> None:
        super().__init__(actions)
        self.actions = actions
        self.gather = gather
        self.priority = priority
        self.next_action = next_action
        self.options = options


class ResponseSignal(Signal):
    """Answer the request with this instead of a screen. Exactly one of `text`, `binary`, `json`, `file`, `url`, `all_variables` or null."""

    def __init__(self, **parts: object) -> None:
        super().__init__(parts)
        self.parts = parts


class RerunLogic(Signal):
    """Stop this pass and begin again at the first block: ``re_run_logic()``."""


class CommandSignal(Signal):
    """Do `command` (restart, exit, leave, logout, refresh, wait …) instead of showing a screen."""

    def __init__(self, command: str, **options: object) -> None:
        super().__init__(command, options)
        self.command = command
        self.options = options


class MessageSignal(Signal):
    """Show this screen. `question`, `subquestion`, and the button options of ``message()``."""

    def __init__(self, question: str | None = None, subquestion: str | None = None, **options: object) -> None:
        super().__init__(question, subquestion)
        self.question = question
        self.subquestion = subquestion
        self.options = options


class BackgroundResponse(Signal):
    """``background_response()``: `value` is already packed as documented, `kind` is flash, refresh, javascript, fields or None."""

    def __init__(self, value: object = None, kind: str | None = None) -> None:
        super().__init__(value, kind)
        self.value = value
        self.kind = kind


class BackgroundResponseAction(Signal):
    """``background_response_action()``: run `action` with `arguments` on the fresh state and save."""

    def __init__(self, action: str, arguments: dict[str, object]) -> None:
        super().__init__(action, arguments)
        self.action = action
        self.arguments = arguments


class Suspended(Signal):
    """``wait()``, ``get()`` and kin of a background task that has not ended: no process is held, the step is run again when it has."""

    def __init__(self, task_id: str) -> None:
        super().__init__(task_id)
        self.task_id = task_id


class BeingMade(Suspended):
    """A document that takes longer than a second: it goes on being made, and the step is run again until it is there."""

    def __init__(self) -> None:
        super().__init__("")


class NotAvailable(Exception):
    """A function needs something that this server does not have. The message says what, and what to do instead."""

    def __init__(self, function: str, needs: str, instead: str = "") -> None:
        text = f"{function} needs {needs}, which this server does not have."
        super().__init__(f"{text} {instead}".rstrip())
        self.function = function
        self.needs = needs


class ValidationError(Exception):
    """The answer is refused with this message, beside `field` if given."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
