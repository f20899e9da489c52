"""Running one block: its conditions, what it needs, and what a block of its kind does.

Does not live here: which block is tried for which name (``seek``), how a question becomes a screen (``screens``).
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType
from typing import Any

from shared.contract.screen import Screen
from shared.engine.asking import emptychoices, screens
from shared.engine.documents import datablocks, targets
from shared.engine.doing import actions, dependents
from shared.engine.errors import BadAuthorValue
from shared.engine.naming import contexts, lookup
from shared.engine.naming.names import Variant, canonical, specific
from shared.engine.run import Run
from shared.engine.seeking import roles
from shared.language.model import Block, Kind, ObjectSpec

#: What `attempt` returns when the name is defined now, or when the logic must begin again because an event ran.
DEFINED = True


def applies(run: Run, block: Block, name: str) -> bool:
    """Whether the block may be used now: its ``if`` holds, and its field for `name` is not excluded by code."""
    for condition in block.conditions:
        if not run.evaluate(condition):
            run.note(f"{block.place.block} is skipped: its condition is false")
            return False
    if block.question is not None and block.question.fields:
        for field in block.question.fields:
            if field.variable is None or not any(rule.code is not None for rule in field.show_ifs):
                continue
            if canonical(specific(field.variable, contexts.context_of(run.namespace, block))) != name:
                continue
            for rule in field.show_ifs:
                if rule.code is not None and not rule.disable and bool(run.evaluate(rule.code)) != rule.sign:
                    run.note(f"{block.place.block} is skipped: its field for {name} is not shown")
                    return False
    return True


def attempt(
    run: Run, block: Block, name: str, variant: Variant, *, question_only: bool = False
) -> Screen | bool | None:
    """Use the block to define `name`: a Screen, `DEFINED`, or None if it left the name undefined.

    Raises what author code raises; missing names among it.
    """
    prepare(run, block)
    run.note(f"{block.place.block} is tried for {name}")
    if block.kind is Kind.QUESTION:
        return _question(run, block, name, question_only=question_only)
    if block.kind is Kind.CODE:
        done = _code_for(run, block, name)
    else:
        define(run, block, name, variant)
        done = True
    finish(run, block)
    if question_only and not block.event:
        return None
    return DEFINED if done else None


def prepare(run: Run, block: Block) -> None:
    """What comes before the block: ``undefine``, ``reconsider``, ``need``."""
    run.place = block.place
    run.runs.recall(block)
    if block.kind is Kind.QUESTION:
        roles.check(run, block)
    for name in block.undefine:
        lookup.remove(run.namespace, specific(name, contexts.context_of(run.namespace, block)))
    if isinstance(block.reconsider, tuple) and block.reconsider:
        names = [specific(name, contexts.context_of(run.namespace, block)) for name in block.reconsider]
        dependents.reconsider(run, names)
    for need in block.needs:
        if not need.post:
            run.evaluate(need.expr)


def finish(run: Run, block: Block) -> None:
    """What comes after it: ``need`` with ``post``. Then it has come to its end, and when it runs again it begins anew."""
    for need in block.needs:
        if need.post:
            run.evaluate(need.expr)
    run.runs.end(block)


def run_code(run: Run, block: Block) -> None:
    """Execute a code block's statements."""
    if block.code is not None:
        with run.within(block):
            run.execute(block.code)


def _code_for(run: Run, block: Block, name: str) -> bool:
    if block.event:
        try:
            run_code(run, block)
        except Exception:
            raise
        except BaseException:  # a response, a command: the event has happened
            actions.pop_events(run, block, name)
            if run.runs.action is not None and run.runs.action[0] in (name, *block.events):
                run.runs.forget_action(run.runs.action[1])
            raise
        actions.pop_events(run, block, name)
        return True
    old = lookup.fetch_or(run.namespace, name, lookup.NOTHING)
    had = old is not lookup.NOTHING
    watched = dependents.watch(run, block)
    if had and not name.endswith("]"):  # deleting an item of a list would move those behind it
        lookup.remove(run.namespace, name)
    try:
        run_code(run, block)
    except BaseException:
        if had and not lookup.is_defined(run.namespace, name):
            lookup.assign(run.namespace, name, old)
        raise
    dependents.compare(run, watched)
    if lookup.is_defined(run.namespace, name):
        return True
    if had:
        lookup.assign(run.namespace, name, old)
    return False


def _question(run: Run, block: Block, name: str, *, question_only: bool) -> Screen | bool | None:
    """Show the question, or, where the user already chose a block embedded in it, go on with that one."""
    if not question_only:
        chosen = embedded(run, block)
        if chosen is not None:
            outcome = run_embedded(run, chosen, root=block.name, path=(run.internal["chosen"][block.name],))
            return outcome if outcome is not None else DEFINED if lookup.is_defined(run.namespace, name) else None
        if emptychoices.settle(run, block):
            return DEFINED
    return screens.build(run, block, variable=name)


def embedded(run: Run, block: Block) -> object:
    """The choice that the user made among the blocks and commands embedded in `block`, or None."""
    question = block.question
    if question is None or question.choices is None:
        return None
    index = run.internal.get("chosen", {}).get(block.name)
    if index is None:
        return None
    built = screens.choices_of(run, block)
    return built[index] if 0 <= index < len(built) else None


def run_embedded(run: Run, choice: Any, *, root: str, path: tuple[int, ...]) -> Screen | None:
    """Run the block of an embedded choice: a Screen, or None if it was code that ended (or ``continue``).

    `path` leads from the block `root` to the choice: the indexes of the choices on the way.
    """
    block: Block | None = choice.block
    if block is None:
        return None if choice.command == "continue" else screens.command(run, choice.command, choice.url)
    prepare(run, block)
    if block.kind is Kind.QUESTION:
        index = run.internal["chosen"].get(key_of(root, path))
        built = screens.choices_of(run, block) if index is not None else []
        if index is not None and 0 <= index < len(built):
            return run_embedded(run, built[index], root=root, path=(*path, index))
        return screens.build(run, block, path=path, root=root)
    run_code(run, block)
    run.runs.end(block)
    return None


def key_of(root: str, path: tuple[int, ...]) -> str:
    """Under which `internal["chosen"]` keeps what was pressed in a block embedded in `root`."""
    return "/".join([root, *(str(index) for index in path)])


def define(run: Run, block: Block, name: str | None, variant: Variant | None = None) -> None:
    """Bind what an objects, template, table, data or attachment block describes; with a name, only that one."""
    if block.kind is Kind.CODE:
        run_code(run, block)
        return
    with run.within(block):
        if block.kind is Kind.OBJECTS:
            _objects(run, block, name, variant)
        else:
            datablocks.bind(run, block, name)
            if name is not None:
                targets.fill_target(run, block, name)


def _objects(run: Run, block: Block, name: str | None, variant: Variant | None) -> None:
    for spec in block.objects:
        if name is None:
            if not lookup.is_defined(run.namespace, spec.name):
                _instantiate(run, spec, canonical(spec.name))
        elif variant is not None and canonical(spec.name) == variant.name:
            _instantiate(run, spec, name)


def _instantiate(run: Run, spec: ObjectSpec, name: str) -> None:
    made = run.evaluate(spec.expr)
    if not spec.read and (not callable(made) or isinstance(made, FunctionType | BuiltinFunctionType)):
        raise BadAuthorValue(
            f"The objects block gives {spec.name!r} a {type(made).__name__}; write the name of a class, "
            "such as Individual or DAList.using(object_type=Individual).",
            place=spec.place,
        )
    lookup.assign(run.namespace, name, made(name))
