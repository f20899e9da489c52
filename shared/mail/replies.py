"""What somebody wrote in an answer: without what they quoted, and without their signature. A guess, beside the whole text."""

from __future__ import annotations

import re
from typing import Final

#: Lines that mail programs put before what they quote; in the languages that most of them are seen in.
_INTRODUCTIONS: Final = re.compile(
    r"""^(
        (On|Am|Le|El|Il|Em|Op|Den|W\s+dniu)\b.{0,300}\b(wrote|schrieb|écrit|escribió|ha\s+scritto|escreveu|schreef|skrev|napisał\(?a?\)?)\b.{0,120}:\s*
        | -{2,}\s*(Original\s+Message|Forwarded\s+message|Ursprüngliche\s+Nachricht|Message\s+d'origine
            |Mensaje\s+original|Messaggio\s+originale)\s*-{2,}\s*
        | _{20,}\s*
        | (From|Von|De|Da)\s*:\s.{1,200}@.{1,200}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
#: An introduction may be broken over so many lines.
_BROKEN_OVER: Final = 3
_PHONE: Final = re.compile(
    r"^(Sent from my |Sent from Outlook|Get Outlook for |Von meinem .{1,40} gesendet|Envoyé de mon )", re.IGNORECASE
)
#: Longer lines are no introductions, and not looked at.
_LINE: Final = 1000


def without_quotation(text: str) -> str:
    """The text up to the first quotation that nothing of the sender's follows, or up to the signature; all of it if nothing would be left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((place for place, line in enumerate(lines) if line in ("-- ", "--")), len(lines))
    lines = lines[:end]
    for place in range(len(lines)):
        if _introduces(lines, place):
            lines = lines[:place]
            break
    # A sender who writes between the quoted lines needs them to be understood; those at the end nobody does.
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(">") or _PHONE.match(lines[-1][:_LINE])):
        lines.pop()
    return "\n".join(lines).strip() or text.strip()


def _introduces(lines: list[str], place: int) -> bool:
    """Whether the line at `place` says that a quotation follows."""
    for length in range(1, _BROKEN_OVER + 1):
        said = " ".join(line.strip() for line in lines[place : place + length])
        if len(said) > _LINE or not said:
            return False
        if _INTRODUCTIONS.match(said):
            following = lines[place + length :]
            # Whoever answers below or between what they quote has lines of their own there.
            return not any(line.strip() and not line.lstrip().startswith(">") for line in following) or not any(
                line.lstrip().startswith(">") for line in following
            )
    return False
