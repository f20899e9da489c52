"""What error handlers are told of a job: ``from docassemble.Scheduler import job_data``."""

from shared.authoring.jobs import SchedulerJobConfig

__all__ = ["SchedulerJobConfig"]
