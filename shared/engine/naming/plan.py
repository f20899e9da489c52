"""What the engine derives once from a compiled interview: the index it seeks in and the names that author code finds.

A plan is made per version of an interview (its digest) and kept for as long as the process uses it, so that a step never
walks over blocks that have nothing to do with it. Holds nothing of any session.
"""

from __future__ import annotations

import builtins
import dis
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from shared.engine.naming.names import GENERIC, ITERATORS, canonical, parts_of
from shared.language.model import Block, Interview, Kind
from shared.language.phrases import Phrases

#: Compiled interviews that one process keeps plans for. A child of the runner serves one; the replay command many.
KEPT = 16

#: Variables that are another object for every browser session, device or user (docs special.md).
LOCALS = ("session_local", "device_local", "user_local")

_plans: OrderedDict[tuple[str, str], Plan] = OrderedDict()


@dataclass(slots=True)
class Plan:
    """`index` maps a name as written (in canonical form) to its blocks, in the order in which they are tried.

    `layer` becomes ``__builtins__`` of the namespace: Python's builtins, the functions and classes of
    ``shared.authoring`` and what imports and modules blocks bound. So `State.variables` holds the
    interview's variables and nothing else, and no step copies hundreds of names.
    """

    interview: Interview
    index: dict[str, tuple[Block, ...]]
    dependents: dict[str, tuple[Block, ...]]  #: canonical name as written -> blocks that depend on it
    on_change: dict[str, tuple[Block, ...]]
    reconsidered: tuple[Block, ...]  #: blocks with ``reconsider: True``
    resets: tuple[Block, ...]
    default_roles: tuple[str, ...]  #: of questions that name none
    stated_progress: tuple[float, ...]  #: every ``progress`` that is written as a number
    version: str  #: of the interview, short
    always: tuple[int, ...]  #: positions among the ordered blocks of those that may run in every pass
    events: tuple[str, ...]  #: names of all events that the interview offers
    layer: dict[str, object] = field(default_factory=dict)
    locals: tuple[str, ...] = ()  #: which of session_local, device_local and user_local the interview mentions
    given: dict[str, tuple[str, ...]] = field(default_factory=dict)  #: block name -> `given_to`, as far as known
    layered: bool = False  #: imports and modules have been run into `layer`
    phrases: Phrases | None = None  #: translations, once they were read (`spoken`)
    said: dict[tuple[str, str], Any] = field(default_factory=dict)  #: translated texts that were needed, compiled


def plan_for(interview: Interview) -> Plan:
    """The plan of `interview`, made at first use."""
    key = (interview.name, interview.digest)
    plan = _plans.get(key)
    if plan is not None and plan.interview is interview:
        _plans.move_to_end(key)
        return plan
    plan = _plans[key] = _make(interview)
    while len(_plans) > KEPT:
        _plans.popitem(last=False)
    return plan


def _make(interview: Interview) -> Plan:
    index: dict[str, list[Block]] = {}
    for name, blocks in interview.index.items():
        known = index.setdefault(canonical(name), [])
        known.extend(block for block in blocks if block not in known)
    dependents: dict[str, list[Block]] = {}
    on_change: dict[str, list[Block]] = {}
    for block in interview.blocks:
        for name in block.depends_on:
            dependents.setdefault(canonical(name), []).append(block)
        if block.on_change:
            on_change.setdefault(canonical(block.on_change), []).append(block)
    return Plan(
        interview=interview,
        index={name: tuple(reversed(blocks)) for name, blocks in index.items()},
        dependents={name: tuple(blocks) for name, blocks in dependents.items()},
        on_change={name: tuple(blocks) for name, blocks in on_change.items()},
        reconsidered=tuple(block for block in interview.blocks if block.reconsider is True),
        resets=tuple(block for block in interview.setup if block.kind is Kind.RESET),
        default_roles=_default_roles(interview),
        stated_progress=_stated_progress(interview),
        version=interview.digest[:16],
        always=tuple(
            index
            for index, block in enumerate(interview.ordered)
            if block.initial is not False or block.default_role is not None
        ),
        events=_events(interview),
        locals=tuple(name for name in LOCALS if any(name in block.source_text for block in interview.blocks)),
        layer=dict(builtins.__dict__),
    )


def _events(interview: Interview) -> tuple[str, ...]:
    """The events of all blocks; and that the interview wants to hear of mail that nobody wrote, which the interview service asks for."""
    offered = dict.fromkeys(name for block in interview.blocks for name in block.events)
    if str(interview.metadata.get("incoming email", "")).strip().lower() == "all":
        offered["incoming_email/all"] = None
    return tuple(offered)


def _default_roles(interview: Interview) -> tuple[str, ...]:
    stated = [block.default_role for block in interview.blocks if block.default_role]
    return tuple(role.strip() for role in stated[-1].split(",")) if stated else ()


def _stated_progress(interview: Interview) -> tuple[float, ...]:
    written = (block.question.options.get("progress") for block in interview.blocks if block.question is not None)
    return tuple(float(value) for value in written if isinstance(value, int | float) and not isinstance(value, bool))


def used_by(block: Block) -> tuple[str, ...]:
    """``x`` if the block is generic, and the index variables in the names that it sets."""
    written = [*block.sets]
    if block.question is not None:
        written.extend(field.variable for field in block.question.fields if field.variable)
    text = " ".join(written)
    generic = (GENERIC,) if block.generic is not None else ()
    return (*generic, *(iterator for iterator in ITERATORS if f"[{iterator}]" in text))


def given_to(block: Block) -> tuple[str, ...]:
    """Those of `used_by` that whoever seeks gives a value; others are the block's own: ``for i in range(3): tasks[i] = …``."""
    own = frozenset[object]()
    if block.code is not None:
        steps = dis.get_instructions(block.code.compiled)
        own = frozenset(step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL"))
    return tuple(name for name in used_by(block) if name == GENERIC or name not in own)


def is_generic_name(name: str) -> bool:
    """Whether `name` as written stands for many: it starts with ``x`` or has an index variable."""
    parts = parts_of(name)
    return (parts[0] == GENERIC and len(parts) > 1) or any(part[1:-1] in ITERATORS for part in parts if part[0] == "[")
