"""Task classes: ``from scheduler.Task import Task``, also ``scheduler.task`` and ``scheduler.tasks``."""

import sys

from scheduler import tasks

for _name in ("Task", "task"):
    sys.modules[f"{__name__}.{_name}"] = tasks
