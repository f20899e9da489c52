"""Settings of what happens with time: schedules, jobs and Task classes, and when a session goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services import values
from services.schedules.jobs import Jobs
from services.schedules.jobs import read as read_jobs
from services.schedules.words import Declarations, events
from services.settings.declaring import setting


@dataclass(frozen=True, kw_only=True)
class Clock:
    interview_delete_days: int = setting(
        90, values.whole(0, 36500), "days without use after which a session goes; 0: never"
    )
    interview_delete_days_by_filename: Mapping[str, int] = setting(
        {}, values.days_by_name, "the same, for single interviews by their names", nested=True
    )
    interview_delete_counts: str = setting(
        "answers", values.one_of("answers", "people"), "what keeps a session: changed answers, or people who look at it"
    )
    persistent_file_days: int = setting(
        365,
        values.whole(0, 36500),
        "days after which a persistent file goes whose session is gone and that nobody reads; 0: never",
    )
    schedules: Declarations = setting(  # noqa: RUF009 (Declarations are immutable)
        Declarations(),
        values.anything,
        "other times of cron_hourly, cron_daily …, and schedules of other names",
        structure=events,
        nested=True,
    )
    scheduler: Jobs = setting(  # noqa: RUF009 (Jobs are immutable)
        Jobs(), values.anything, "functions that run at times of their own", structure=read_jobs, nested=True
    )
    tasks_folder: Path | None = setting(  # noqa: RUF009 (as `log`)
        None, values.path, "folder of functions of the scheduler, imported as docassemble.Scheduler.tasks"
    )
    job_workers: int = setting(
        8, values.whole(1, 1000), "jobs and Tasks that the clock runs at a time; one more waits until there is room"
    )
    job_seconds: float = setting(3600.0, values.seconds(0.1, 7 * 86400), "longest run of a job or a Task")
    jobs_may_read: tuple[str, ...] = setting(
        (), values.texts, "files and folders that jobs may read besides the packages", nested=True
    )
    jobs_environment: tuple[str, ...] = setting(
        (), values.texts, "environment variables that jobs get from the clock's", nested=True
    )
    application: Path | None = setting(  # noqa: RUF009 (as `log`)
        None, values.path, "folder of a project with Task classes (config/application.py, app/tasks)"
    )
    autoload: tuple[str, ...] = setting(
        (), values.texts, "folders of Task classes, if config/application.py does not say it", nested=True
    )
    task_classes: tuple[str, ...] = setting((), values.texts, "single Task classes, package.module.Class", nested=True)
    task_container: Mapping[str, str] = setting(
        {}, values.names_of_classes, "what constructors of Task classes may ask for besides", nested=True
    )
