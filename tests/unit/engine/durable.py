"""Cases of docs/adr/0019-durable-blocks.md, by their numbers: what a block did before it was interrupted is not done twice.

A case is an interview, what happens to its session, and how many effects (mails sent, tasks started) have left it after each
of these things; the first number is that of its first screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.engine.saved import Open, Saved

#: What the interviews of cases may use beside `ASKS`, added to each.
PEOPLE = """
---
objects:
  - people: DAList.using(object_type=Individual, gathered=True)
"""


@dataclass(frozen=True)
class Case:
    number: str
    form: str
    interview: str
    moves: tuple[str, ...]  #: see `play`
    counts: tuple[int, ...]


def code(*lines: str, head: str = "mandatory: True") -> str:
    """One code block."""
    return "\n".join([head, "code: |", *(f"  {line}" for line in lines)])


MAIL = "send_email(to='a@b.example', subject='hello', body='one')"
TASK = "task = background_action('asked')"


def named(case: Case) -> str:
    """What the test of a case is called by."""
    return f"{case.number} {case.form}"


def play(session: Saved, move: str) -> None:
    """``fill [value]``, ``lose`` (an answer whose step is lost), ``refused [value]``, ``show``, ``act NAME``, ``cron NAME`` …"""
    other = move.startswith("other ")
    verb, _, rest = move.removeprefix("other ").partition(" ")
    client = "other" if other else "browser"
    if verb == "fill":
        session.fill(
            int(rest) if rest.isdigit() else rest or "x"
        ) if session.screen.kind == "fields" else session.fill()
    elif verb == "lose":
        session.fill("x", lost=True)
    elif verb == "refused":
        assert session.send(int(rest)).rejection is not None
    elif verb == "show":
        session.show(client=client)
    elif verb == "act":
        session.act(rest, client=client)
    elif verb in ("cron", "callback"):
        session.act(rest, mode=verb)
    elif verb == "check":
        session.check_in(rest)
    elif verb == "back":
        session.back()
    else:
        session.restart()


def counts(case: Case, open_session: Open) -> tuple[int, ...]:
    """How many effects have left a session of this case: after its first screen, and after each of its moves."""
    session = open_session(case.interview + PEOPLE)
    found = [session.count]
    for move in case.moves:
        play(session, move)
        found.append(session.count)
    return tuple(found)
