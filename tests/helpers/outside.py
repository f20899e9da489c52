"""What a child process may ask of its parent, for tests that have nothing to give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Nothing:
    """An Outside without tasks, files or mails."""

    def task(self, task_id: str, wait: float | None) -> Mapping[str, Any]:
        return {"status": "queued"}

    def file_info(self, number: int) -> Mapping[str, Any] | None:
        return None

    def file_read(self, number: int) -> bytes:
        raise LookupError(f"file {number} is not a file of this session")

    def file_write(self, filename: str, mimetype: str, content: bytes) -> int:
        raise OSError("disk full")

    def emails(self, key: str | None, after: str) -> Mapping[str, Any]:
        return {"mails": [], "after": None}

    def email(self, mail_id: str) -> Mapping[str, Any] | None:
        return None

    def email_raw(self, mail_id: str) -> bytes:
        raise LookupError(mail_id)

    def mail_status(self, task: str) -> Mapping[str, Any] | None:
        return None
