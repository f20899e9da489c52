"""Everything wrong with an interview that can be found without running it, all in one go: ``parley check``.

What stops compiling is found by the compiler; here is added what compiles but cannot work, or hardly as meant: no end,
screens that are never reached, files that are not there, names that nothing defines. Nothing of the author's is run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from shared.language.check_files import missing_files
from shared.language.check_mistakes import mistakes
from shared.language.check_names import unanswered_actions, undefined_names
from shared.language.check_network import network_uses
from shared.language.check_shown import missing_shown
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding, Severity
from shared.language.library import Library
from shared.language.model import Block, Interview, Kind, Place
from shared.language.naming import embedded_blocks

_ENDS = frozenset({"end"})


def check(
    name: str,
    library: Library,
    *,
    authoring: Callable[[], Collection[str]] | None = None,
    online: Callable[[str], bool] = lambda package: True,
) -> list[Problem]:
    """Every problem of the interview `name`, errors and warnings, by file and line.

    `authoring` gives the names that ``shared.authoring`` offers to interviews; without it, names are not checked. It is called only
    if the interview compiles. `online` says whether interviews of a package have a network.
    No such interview is a problem too: nothing is raised for a bad name.
    """
    try:
        compiled = library.compiled(name)
    except LanguageError as error:
        return [Problem(Finding.NO_FILE, Place(name, "", 0, 0), str(error))]
    problems = list(compiled.problems)
    interview = compiled.interview
    if interview is not None:
        problems.extend(_structure(interview))
        problems.extend(missing_files(interview, library.sources))
        problems.extend(missing_shown(interview, library.sources))
        problems.extend(mistakes(interview, library.sources))
        if not online(interview.name.partition(":")[0]):
            problems.extend(network_uses(interview, library.sources))
        if authoring is not None:
            problems.extend(undefined_names(interview, library.sources, authoring()))
            problems.extend(unanswered_actions(interview, library.sources))
    order = {found.name: position for position, found in enumerate(compiled.sources)}
    problems.sort(key=lambda problem: (order.get(problem.place.file, len(order)), problem.place.line))
    return problems


def has_errors(problems: Collection[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _structure(interview: Interview) -> Iterator[Problem]:
    yield from _end(interview)
    yield from _precedence(interview)
    for block in interview.blocks:
        yield from _never_used(block, interview)
        yield from _generic(block)
        for one in (block, *embedded_blocks(block.question)):
            yield from _show_ifs(one)


def _end(interview: Interview) -> Iterator[Problem]:
    """A session must come to a screen with nothing to press; falling off the end is an error."""
    active = [block for block in interview.blocks if block.kind in {Kind.QUESTION, Kind.CODE}]
    if not active:  # a file of objects or data that others include
        if interview.blocks:
            return
        hint = "an interview asks: write a block with `question:`, and mark the one that is the goal with `mandatory: True`"
        yield Problem(Finding.EMPTY, Place(interview.name, "", 0, 1), "this interview is empty", hint)
        return
    if not interview.ordered:
        place = Place(interview.name, active[0].place.block, active[0].number, active[0].place.line)
        hint = "mark the screen or the code that leads to the end with `mandatory: True`"
        yield Problem(Finding.NO_MANDATORY, place, "no block is mandatory, so the interview has nothing to do", hint)
        return
    if any(block.kind is not Kind.QUESTION for block in interview.ordered):
        return  # code may lead to an end anywhere
    last = interview.ordered[-1]
    if all(_goes_on(block) for block in interview.ordered):
        yield Problem(
            Finding.NO_END,
            last.place,
            "the interview has no end: this is its last block, and it is answered",
            "add a final screen",
        )


def _goes_on(block: Block) -> bool:
    """Whether answering the question certainly leads to the next block."""
    question = block.question
    if question is None or question.shape in _ENDS or question.review:
        return False
    if question.choices is not None:
        return not any(item.command or item.block or item.code for item in question.choices.items)
    return True


def _precedence(interview: Interview) -> Iterator[Problem]:
    ids = {block.id for block in interview.blocks if block.id is not None}
    for block in interview.blocks:
        names = (*block.supersedes, *(block.options.get("names", ()) if block.kind is Kind.ORDER else ()))
        for name in names:
            if name not in ids:
                yield Problem(Finding.NO_ID, block.place, f"no block has the id {name!r}")
    final: Block | None = None
    for block in interview.ordered:
        if final is not None and not block.sets:
            message = f"this block is never reached: {final.place.block} (line {final.place.line}) is a final screen"
            yield Problem(Finding.NEVER_REACHED, block.place, message)
        if block.mandatory is True and not block.conditions and block.question is not None:
            question = block.question
            if (
                question.shape == "end"
                and question.reload is None
                and not question.action_buttons
                and not question.action_buttons_code
            ):
                final = final or block


def _never_used(block: Block, interview: Interview) -> Iterator[Problem]:
    if block.kind is not Kind.QUESTION or block.sets or block.mandatory or block.initial or block.id is not None:
        return
    if block.question is not None and any(field.kind == "code" for field in block.question.fields):
        yield Problem(
            Finding.NEVER_SHOWN,
            block.place,
            "this question is never asked: code makes its fields",
            "name them with 'sets'",
        )
        return
    hint = "mark it as mandatory, or name it with 'event'"
    yield Problem(
        Finding.NEVER_SHOWN, block.place, "this question is never shown: it sets nothing and is not mandatory", hint
    )


def _generic(block: Block) -> Iterator[Problem]:
    uses_x = any(name == "x" or name.startswith(("x.", "x[")) for name in block.sets)
    if block.generic is None and uses_x:
        hint = "add `generic object: ` and the name of a class"
        yield Problem(Finding.NO_GENERIC, block.place, "the variable 'x' is used without 'generic object'", hint)


def _show_ifs(block: Block) -> Iterator[Problem]:
    """``show if`` with a variable watches a field of the same screen (fields.md, "show if")."""
    question = block.question
    if question is None or any(field.kind == "code" for field in question.fields):
        return
    shown = tuple(field.variable for field in question.fields if field.variable is not None)
    for field in question.fields:
        for rule in field.show_ifs:
            watched = rule.variable
            if watched is not None and not any(watched == name or watched.startswith(f"{name}[") for name in shown):
                message = f"{watched!r} is no field of this screen, so the rule that watches it never applies"
                yield Problem(Finding.NOT_ON_SCREEN, field.place, message, "use `code:` to look at other variables")
