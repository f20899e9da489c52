"""Settings of the processes in which an interview's code runs, in the interview service and in workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services import values
from services.settings.declaring import setting
from shared.runner.isolation import WALLS


@dataclass(frozen=True, kw_only=True)
class AuthorCode:
    background_seconds: float = setting(3600.0, values.seconds(0.1, 7 * 86400), "longest run of a background action")
    memory_mb: int = setting(512, values.whole(32, 1_000_000), "memory that an interview's code may use")
    author_network: tuple[str, ...] = setting(
        (),
        values.packages,
        "packages whose interviews may use the network; all: every one (the reference leaves it open)",
    )
    author_reads: tuple[Path, ...] = setting(
        (), values.paths, "further files and folders that an interview's code may read"
    )
    missing_walls: tuple[str, ...] = setting(
        (),
        values.some_of(WALLS),
        "walls around an interview's code that may be missing here: landlock, seccomp, user; without them it is not run",
    )
    isolation: str = setting(
        "session",
        values.one_of("session", "interview"),
        "whose a process of author code is; interview: sessions of one share it, for operators who wrote all interviews themselves",
    )
    children: int = setting(
        0,
        values.whole(0, 10_000),
        "sessions that have a process of an interview's code ready, in each service; 0: 24 in `parley run`, 64 in a service",
    )
    templates: int = setting(
        12,
        values.whole(1, 1000),
        "interviews that a service keeps ready; one more takes the place of the one used least lately",
    )
    task_workers: int = setting(
        4, values.whole(1, 1000), "background actions that one worker runs at a time", key="celery processes"
    )
    task_queues: tuple[str, ...] = setting(
        (),
        values.queues,
        "queues of background actions beside the one of all (`queue: NAME` in their blocks), for workers of their own",
    )
    ocr_dpi: int = setting(
        300, values.whole(50, 600), "dots an inch at which ocr_file() makes pictures of pages", key="ocr dpi"
    )
    ocr_languages: Mapping[str, str] = setting(
        {}, values.names_of_languages, "what Tesseract calls languages of interviews", key="ocr languages", nested=True
    )

    @property
    def memory_bytes(self) -> int:
        return self.memory_mb * 1024 * 1024
