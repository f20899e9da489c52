"""Messages as programs make them, written by us: what each is, byte for byte, and what an author must see of it.

By what they show: `everyday`, `within`, `automatic`, `written`, `broken`; `making` has what they are put together from.
"""

from tests.unit.mail.messages import automatic, broken, everyday, within, written
from tests.unit.mail.messages.making import PDF, Case, mail, multi, part

CASES = [*everyday.CASES, *within.CASES, *automatic.CASES, *written.CASES, *broken.CASES]

__all__ = ["CASES", "PDF", "Case", "mail", "multi", "part"]
