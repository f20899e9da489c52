"""Caller may be asked a question: the ``role`` modifier and the ``default role``.

Rules: docs roles.md, modifiers.md ("role"), initial.md ("default role").
"""

from __future__ import annotations

from shared.engine.naming import lookup
from shared.engine.run import Run
from shared.language.model import Block

#: What is sought, and shown, when somebody else has to answer.
EVENT = "role_event"


def check(run: Run, block: Block) -> None:
    """Raise the missing `EVENT` if the user's role is not one that may be asked `block`.

    Without a ``role`` variable (the default role's code has not set it yet) everybody may be asked.
    """
    needed = block.roles or run.plan.default_roles
    if not needed or EVENT in block.events:
        return
    role = run.namespace.get("role")
    if role is None:
        return
    held = {role} if isinstance(role, str) else set(role)
    if held.isdisjoint(needed):
        run.namespace["role_needed"] = list(needed)
        run.note(f"{block.place.block} is for {', '.join(needed)}; the user is {role}")
        raise lookup.Unset(EVENT)
