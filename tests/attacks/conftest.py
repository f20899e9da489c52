"""Who is attacked: `victims`."""

from tests.attacks.victims import victim

__all__ = ["victim"]
