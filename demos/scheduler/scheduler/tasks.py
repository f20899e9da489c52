"""What Task classes inherit."""

from shared.authoring.jobs import Task

__all__ = ["Task"]
