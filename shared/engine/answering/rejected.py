"""The one way in which an answer is refused."""

from __future__ import annotations

from shared.engine.outcome import Rejection


class Rejected(Exception):
    """The answer is refused; carries what the user is told."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message or "")
        self.rejection = rejection
