"""One embedded system at a time on one folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.embedded.lock import NAME, FolderLock, InUse


def test_a_folder_is_held_by_one_and_its_number_is_told(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(InUse, match=str(os.getpid())) as refused:
        FolderLock(tmp_path)
    assert refused.value.pid == os.getpid()
    lock.release()
    FolderLock(tmp_path).release()


def test_what_a_killed_process_left_holds_nobody(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("123456789012\n")
    lock = FolderLock(tmp_path)
    assert (tmp_path / NAME).read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_number_that_is_not_written_yet_is_unknown(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    (tmp_path / NAME).write_text("")
    with pytest.raises(InUse, match="unknown"):
        FolderLock(tmp_path)
    lock.release()


def test_it_is_for_nobody_else_and_is_not_passed_on(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    assert not os.get_inheritable(lock._fd)
    lock.release()


def test_a_folder_that_cannot_be_written_is_another_matter(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderLock(tmp_path / "nowhere")
