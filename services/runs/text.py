"""A record of a run as text: a head of one line, then what the run said and what it failed of."""

from __future__ import annotations

from collections.abc import Iterator

from services.logs import session_hash
from shared.store.records import NO_SESSIONS, RunRecord


def as_text(run: RunRecord) -> str:
    """Lines that each end in a newline. Control characters, which a terminal would obey, are written as their codes."""
    return "".join(f"{harmless(line)}\n" for line in _lines(run))


def _lines(run: RunRecord) -> Iterator[str]:
    at = run.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    named = f" {run.name}" if run.name else ""
    ended = "ended" if run.ok else "failed"
    whose = "" if run.session in NO_SESSIONS else f", session {session_hash(run.session)}"
    yield f"{at} {run.what}{named} {ended}: {run.interview}{whose}"
    for line in run.lines:
        yield f"    {line}"
    failure = run.failure
    if failure:
        yield f"    {failure.get('type')}: {failure.get('message', '(sealed)')}"
        place = [str(failure.get("file") or ""), str(failure.get("block") or "")]
        if failure.get("line"):
            place.append(f"line {failure['line']}")
        if any(place):
            yield f"    in {', '.join(filter(None, place))}"
        if failure.get("trail"):
            yield f"    while seeking {', '.join(map(str, failure['trail']))}"
        for line in str(failure.get("trace") or "").splitlines():
            yield f"      {line}"


def harmless(line: str) -> str:
    """`line` without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)
