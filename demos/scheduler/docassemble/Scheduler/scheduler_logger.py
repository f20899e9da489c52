"""Where jobs of the scheduler log: ``from docassemble.Scheduler.scheduler_logger import log``."""

from shared.authoring.jobs import log

__all__ = ["log"]
