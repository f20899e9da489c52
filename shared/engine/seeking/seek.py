"""Seeking a missing variable: which blocks may define it, in which order, and what happens when one is tried.

Rules: ``docs`` logic.md and fields.md ("generic object", "index variables"), and the semantics of candidate order
in the project's engine specification. How a block of each kind runs is ``blocks``' business.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from shared.authoring.errors import MISSING
from shared.contract.screen import Screen
from shared.engine import failures
from shared.engine.errors import CircularSeek, NotDefinable, SourceError, TooManyPasses
from shared.engine.naming import lookup
from shared.engine.naming.missing import missing_name
from shared.engine.naming.names import GENERIC, ITERATORS, BadName, Variant, parts_of, variants
from shared.engine.run import Run
from shared.engine.seeking import blocks, catchall
from shared.language.model import Block, Kind

#: Chains deeper than this are a loop that makes new names for ever (``a.b.b.b…``); Python's stack must not be the judge.
DEEPEST = 300


def name_missed(error: BaseException) -> str:
    """The variable that `error` is about. Re-raises `error` if it is a mistake in Python code instead.

    A NameError of a module (its file has an absolute path) is a mistake there: the interview could not define it.
    """
    name = missing_name(error)
    if name is None:
        raise error
    if not isinstance(getattr(error, "variable", None), str):
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None and frame.tb_frame.f_code.co_filename.startswith("/"):
            where = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}, line {frame.tb_lineno}"
            raise SourceError(
                f"The module {where} uses the name {name!r}, which it neither defines nor imports."
            ) from error
    return name


def note_missed(run: Run, error: BaseException) -> str:
    """`name_missed`, and remember where it was missed, in case nothing defines it."""
    name = name_missed(error)
    run.missed[name] = error
    return name


def seek(run: Run, name: str, *, forgive: bool = False) -> Screen | None:
    """Have `name` defined: a Screen if the user must be asked, None if it is there now (the logic begins again).

    With `forgive` a name that no block knows is None too. Raises `NotDefinable`, `CircularSeek`.
    """
    if len(run.trail) >= DEEPEST:
        raise CircularSeek(name, tuple(run.trail[-6:]), run.place)
    run.trail.append(name)
    run.note(f"{name} is needed")
    screen = _pursue(run, name, forgive=forgive, question_only=False)
    run.trail.pop()
    return screen


def force(run: Run, name: str) -> Screen | None:
    """Look for a question about `name` even if it is defined; code that defines it runs on the way. Unknown names are forgiven."""
    run.trail.append(name)
    run.note(f"{name} is asked for by an action")
    screen = _pursue(run, name, forgive=True, question_only=True)
    run.trail.pop()
    return screen


def _pursue(run: Run, name: str, *, forgive: bool, question_only: bool) -> Screen | None:
    spent: set[int] = set()  #: blocks that ran for this name and left it undefined
    while True:
        run.tries += 1
        if run.tries > run.request.loop_limit * 20:
            raise TooManyPasses(run.tries, tuple(run.trail[-6:]))
        circular = missed = None
        for variant, block in candidates(run, name):
            attempt = (block.number, name)
            if block.number in spent:
                continue
            if attempt in run.attempts:
                circular = block
                continue
            run.attempts.append(attempt)
            try:
                bind(run, variant)
                if not blocks.applies(run, block, name):
                    continue
                outcome = blocks.attempt(run, block, name, variant, question_only=question_only)
            except MISSING as error:
                missed = note_missed(run, error)
                run.note(f"{block.place.block} needs {missed}")
                screen = seek(run, missed)  # the block counts as being tried meanwhile
                if block.kind is Kind.QUESTION and not question_only and _is_there(run, name):
                    # On the way there another block defined the name, so this question needs not be asked any more, and
                    # what is asked for it neither. Shown, the screen would be gone when looked at again.
                    run.note(f"{name} is there now")
                    return None
                if screen is not None:
                    return screen
                if missed == name and not question_only:
                    return None
                break  # what the block needed is there: begin again with the best candidate
            finally:
                run.attempts.pop()
            if outcome is not None:
                return outcome if isinstance(outcome, Screen) else None
            spent.add(block.number)
        if missed is not None:
            continue
        if circular is not None and not question_only:
            raise CircularSeek(name, tuple(run.trail[:-1]), circular.place)
        if question_only or forgive:
            return None
        return _not_found(run, name, spent)


def _is_there(run: Run, name: str) -> bool:
    return lookup.fetch_or(run.namespace, name, lookup.NOTHING) is not lookup.NOTHING


def candidates(run: Run, name: str) -> Iterator[tuple[Variant, Block]]:
    """Blocks that may define `name`, best first: see ``names.variants`` for the forms, later blocks before earlier ones."""
    try:
        forms = variants(name)
    except BadName:
        return
    index = run.plan.index
    for variant in forms:
        found = index.get(variant.name)
        if not found:
            continue
        if variant.generic is None:
            yield from ((variant, block) for block in _spoken(run, found) if block.generic is None)
            # A block with `generic object` may set a variable of its own beside those of ``x``.
            if variant.name != GENERIC and not variant.name.startswith((f"{GENERIC}.", f"{GENERIC}[")):
                yield from ((variant, block) for block in _spoken(run, found) if block.generic is not None)
            continue
        owner = lookup.fetch_or(run.namespace, variant.generic)
        if owner is None:
            continue
        for cls in type(owner).__mro__[:-1]:
            yield from ((variant, block) for block in _spoken(run, found) if block.generic == cls.__name__)


def _spoken(run: Run, found: tuple[Block, ...]) -> Iterator[Block]:
    """Blocks in the current language before those in any."""
    language = run.context.language
    yield from (block for block in found if block.language == language)
    yield from (block for block in found if block.language == "*")


def _elsewhere(run: Run, name: str) -> str:
    """What to tell an author whose blocks for `name` are all in other languages than the session's; nothing if there are none."""
    try:
        forms = [form for form in variants(name) if form.generic is None]
    except BadName:
        return ""
    language = run.context.language
    others = [
        one for form in forms for one in run.plan.index.get(form.name) or () if one.language not in (language, "*")
    ]
    if not others:
        return ""
    at = others[0].place
    return f"{at.block} (line {at.line}) sets it in the language {others[0].language!r}, and the session's is {language!r}: see set_language()."


def bind(run: Run, variant: Variant) -> None:
    """Give ``x`` and ``i`` … ``n`` the values that `variant` means by them."""
    if variant.generic is not None:
        run.namespace["x"] = lookup.evaluate(run.namespace, variant.generic)
    for iterator, source in zip(ITERATORS, variant.iterators, strict=False):
        run.namespace[iterator] = lookup.index_value(run.namespace, source)


def _not_found(run: Run, name: str, spent: set[int]) -> Screen | None:
    if run.interview.metadata.get("use catchall") or run.interview.features.get("use catchall"):
        return catchall.define(run, name)
    try:
        parts = parts_of(name)
    except BadName:
        parts = (name,)
    owner: object = None
    if len(parts) > 1:
        owner = lookup.fetch_or(run.namespace, "".join(parts[:-1]))
    note = f" (of class {type(owner).__name__})" if owner is not None else ""
    run.note(f"no block defines {name}{note}")
    tried = tuple(block.place for block in run.interview.blocks if block.number in spent)
    error = run.missed.get(name)
    place = failures.locate(run, error) if error is not None else run.place
    raise NotDefinable(
        name,
        tuple(reversed(run.trail[:-1])),
        place,
        tried=tried,
        near=_similar(run, name),
        spoken=_elsewhere(run, name),
    )


def no_action(run: Run) -> str:
    """That the request asks for an action that the interview does not have."""
    near = _similar(run, run.no_action)
    meant = f" Is {near!r} meant?" if near else ""
    return f"There is no action {run.no_action!r}: no block of the interview has that name as its `event`.{meant}"


def _similar(run: Run, name: str) -> str:
    """A name that the interview knows and that may have been meant, or nothing."""
    known = (*run.plan.index, *run.plan.layer) if "." not in name and "[" not in name else run.plan.index
    near = get_close_matches(name, [other for other in known if other != name], n=1, cutoff=0.8)
    return near[0] if near else ""
