"""From an exception to the variable that was missing, by what the exception holds and never by the words of its message.

Does not live here: which exceptions begin a search (``authoring.errors.MISSING``), and the search itself (``seek``).
"""

from __future__ import annotations

import dis
from types import TracebackType

from shared.engine.naming.names import canonical, is_name


def missing_name(error: BaseException) -> str | None:
    """The variable whose absence raised `error`, or None if the error is about something else.

    Interview objects give the full name (``user.name.first``) in `variable`; Python gives the identifier in
    ``NameError.name``, or, for a local variable of a function that has no value yet, in the instruction that failed.
    """
    variable = getattr(error, "variable", None)
    if isinstance(variable, str) and variable:
        return canonical(variable)
    if isinstance(error, UnboundLocalError) and error.name is None:
        name = _local_variable(error.__traceback__)
    else:
        name = error.name if isinstance(error, NameError) else None
    return canonical(name) if is_name(name) else None


def _local_variable(trace: TracebackType | None) -> str | None:
    """What the instruction that raised was about: CPython fills ``UnboundLocalError.name`` in no version so far."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return None
    for instruction in dis.get_instructions(trace.tb_frame.f_code):
        if instruction.offset == trace.tb_lasti:
            return instruction.argval if isinstance(instruction.argval, str) else None
    return None
