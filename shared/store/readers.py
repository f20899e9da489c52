"""Whose a file is, and whether everybody may read it: said by what stands in the place of its session."""

from __future__ import annotations

from shared.store.records import FileInfo

#: Before the id of a session: whose files anybody may read who knows their number. Those of the first go with the session, the others stay.
_OPEN, _LASTING = "open:", "lasting:"


def for_everybody(session: str, *, lasting: bool = False) -> str:
    """What stands in the place of `session` for its files that everybody may read; `lasting` ones outlive it."""
    return f"{_LASTING if lasting else _OPEN}{session}"


def is_for_everybody(session: str) -> bool:
    return session.startswith((_OPEN, _LASTING))


def is_lasting(session: str) -> bool:
    return session.startswith(_LASTING)


def session_of(session: str) -> str:
    """The id of the session whose file it is, whoever may read that."""
    return session.removeprefix(_OPEN).removeprefix(_LASTING)


def is_of(info: FileInfo, session: str) -> bool:
    """Whether a file is one of `session`, whoever may read it."""
    return info.session in (session, for_everybody(session), for_everybody(session, lasting=True))
