"""A context of one's own around a job."""

from docassemble.Scheduler.scheduler_logger import log


class SchedulerContext:
    def __enter__(self):
        log("before the job", "debug")
        return self

    def __exit__(self, exception_type, exception, traceback):
        log("after the job" if exception is None else f"after a job that raised {exception_type.__name__}", "debug")
        return False
