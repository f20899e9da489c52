"""Settings of the interview service: how long and how many at a time, and what a session may hold."""

from __future__ import annotations

from dataclasses import dataclass

from services import values
from services.settings.declaring import setting


@dataclass(frozen=True, kw_only=True)
class Interviews:
    session_files_mb: int = setting(
        1024,
        values.whole(0, 1_000_000),
        "MB of files that one session may hold for further uploads to be taken; 0: any",
    )
    uploads_mb_per_hour: int = setting(
        20_480, values.whole(0, 10_000_000), "MB of uploads that one interview service takes in an hour; 0: any"
    )
    foreground_seconds: float = setting(
        30.0, values.seconds(0.1, 3600), "longest run of an interview's code for a screen"
    )
    cron_seconds: float = setting(30.0, values.seconds(0.1, 3600), "longest run of a scheduled event of one session")
    cron_workers: int = setting(
        8, values.whole(1, 100), "scheduled events that one interview service runs at a time, besides people's calls"
    )
    interview_workers: int = setting(8, values.whole(1, 1000), "calls that one interview service handles at a time")
    words: tuple[str, ...] = setting(
        (), values.texts, "files of translations that all interviews share (package:data/sources/es.yml)", nested=True
    )
    sealed_sessions: str = setting(
        "background",
        values.words("background", "cron", "mail"),
        "what may open a sealed session while its user is away: background, cron, mail, or none",
    )

    @property
    def sealed_allows(self) -> frozenset[str]:
        """The words of `sealed_sessions`."""
        return frozenset(self.sealed_sessions.split(", ")) - {"none"}
