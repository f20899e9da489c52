"""The class of the demo own-classes.yml: what an author keeps beside interviews."""

from docassemble.base.util import DAObject


class Household(DAObject):
    """People who share what their home costs. Attributes that are missing are asked for."""

    people: int
    rent: float
    heating: float

    def share(self) -> float:
        """What one of them pays a month."""
        return (self.rent + self.heating) / self.people

    def __str__(self) -> str:
        return f"Your household of {self.people}"
