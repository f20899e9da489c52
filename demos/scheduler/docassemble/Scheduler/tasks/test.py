"""Jobs to try the scheduler with."""

from docassemble.Scheduler.scheduler_logger import log


def heartbeat():
    log("heartbeat", "debug")


def test_arbitrary_params(*pargs, **kwargs):
    log(f"pargs={pargs} kwargs={kwargs}")
