"""Messages that programs make, damaged: taken apart without an error, what comes out is plain, and text that stood in the body is somewhere."""

from __future__ import annotations

import random
from collections.abc import Iterator

from shared.contract.encoding import encode
from shared.mail.automatic import reason
from shared.mail.dissect import Dissected, dissect
from shared.mail.headers import split
from shared.mail.replies import without_quotation
from shared.mail.reports import failed_delivery
from tests.fuzz.driver import Report, drive, mangled
from tests.unit.mail.messages import CASES, mail, multi, part

#: Seven-bit, in one line, and like nothing else: however the message around it is damaged, whoever looks at all of it finds it.
MARK = b"the-words-that-must-not-vanish"


def _all(found: Dissected) -> Iterator[bytes]:
    for text in (found.body_text, found.body_html):
        if text:
            yield text.encode("utf-8", "surrogatepass")
    for one in found.attachments:
        yield one.content
        if one.email is not None:
            yield from _all(one.email)
    for name, value in found.headers:
        yield f"{name}: {value}".encode("utf-8", "surrogatepass")


def _look(raw: bytes) -> Dissected:
    found = dissect(raw)
    encode(found.plain())
    header, _ = split(raw)
    reason(header, sender="ann@example.org")
    without_quotation(found.body_text or "")
    failed_delivery(raw, domains=["x.example"])
    return found


def run(*, count: int, seed: int, first: int = 0) -> Report:
    def case(dice: random.Random) -> str:
        chosen = dice.choice(CASES)
        if dice.random() < 0.7:
            found = _look(mangled(dice, chosen.raw))
            return "problems" if found.problems else "well"
        # Damage everywhere but in one part: its boundary, what is around it, what comes before and after.
        kept = b"\r\n" + part("text/plain", MARK) + b"\r\n"
        whole = mail(multi("mixed", part("text/plain", MARK), chosen.raw, boundary="=_outer"))
        before, _, after = whole.partition(kept)
        found = _look(mangled(dice, before) + kept + mangled(dice, after))
        too_complex = any(problem.startswith("too complex") for problem in found.problems)
        assert too_complex or any(MARK in one for one in _all(found)), "what stood in the message is nowhere"
        return "words kept"

    return drive(case, count=count, seed=seed, first=first)
