"""A value that the user must enter again."""

from __future__ import annotations


class Refused(Exception):
    """The value cannot be read; the text is for the user.

    `rule` names the validation message that replaces it, `values` are what its ``%s`` stand for. `both` are the values
    of a message for a lower and an upper limit at once (``date minmax``), which goes first where both are set.
    """

    def __init__(self, message: str, rule: str = "", *values: object, both: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.values = values
        self.both = both

    def rules(self) -> tuple[tuple[str, tuple[object, ...]], ...]:
        """The names of rules that are broken, each with the values of its message, the nearest first."""
        if not self.both:
            return ((self.rule, self.values),)
        kind = self.rule.rpartition(" ")[0]
        return ((f"{kind} minmax{_measure(self.rule)}", self.both), (self.rule, self.values))


def _measure(rule: str) -> str:
    return "length" if rule.endswith("length") else ""
