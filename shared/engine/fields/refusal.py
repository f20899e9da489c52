"""A value that the user must enter again."""

from __future__ import annotations


class Refused(Exception):
    """The value cannot be read; the text is for the user.

    `rule` names the validation message that replaces it, `values` are what its ``%s`` stand for.
    """

    def __init__(self, message: str, rule: str = "", *values: object) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.values = values
