"""The last good version of an interview: kept where nobody else can write, read where it was written last."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from shared.runner import lastgood

CONTENTS = {"/a/main.yml": b"question: Hi\n", "/a/shared.yml": b""}


def kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("last-good/*"))


def test_what_was_written_is_read_whole(tmp_path: Path) -> None:
    assert not lastgood.there([str(tmp_path)], "demos:a.yml")
    lastgood.write([str(tmp_path)], "demos:a.yml", CONTENTS)
    assert lastgood.there([str(tmp_path)], "demos:a.yml")
    assert lastgood.read([str(tmp_path)], "demos:a.yml") == CONTENTS
    assert (tmp_path / "last-good").stat().st_mode & 0o777 == 0o700
    lastgood.remove_all(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        lastgood.read([str(tmp_path)], "demos:a.yml")


def test_the_first_folder_that_takes_it_has_it_and_the_newest_is_read(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("no folder")
    lastgood.write([str(one), str(two)], "i", {"p": b"old"})
    one.unlink()
    lastgood.write([str(one)], "i", {"p": b"new"})
    os.utime(kept(two)[0], (1, 1))
    assert lastgood.read([str(two), str(one)], "i") == {"p": b"new"}
    with pytest.raises(OSError, match="there is no folder for it"):
        lastgood.write([], "i", CONTENTS)


def test_where_others_can_write_nothing_is_kept_and_nothing_believed(tmp_path: Path) -> None:
    lastgood.write([str(tmp_path)], "i", CONTENTS)
    (tmp_path / "last-good").chmod(0o777)
    assert not lastgood.there([str(tmp_path)], "i")
    with pytest.raises(PermissionError, match="is open to others"):
        lastgood.write([str(tmp_path)], "i", CONTENTS)


def test_what_is_damaged_is_an_error(tmp_path: Path) -> None:
    lastgood.write([str(tmp_path)], "i", CONTENTS)
    kept(tmp_path)[0].write_bytes(b"\xff")
    with pytest.raises(msgspec.MsgspecError):
        lastgood.read([str(tmp_path)], "i")


def test_there_are_not_more_and_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastgood, "_MOST", 2)
    for number in range(4):
        lastgood.write([str(tmp_path)], f"i{number}", CONTENTS)
        os.utime(max(kept(tmp_path), key=lambda path: path.stat().st_mtime_ns), (number + 1, number + 1))
    assert [lastgood.there([str(tmp_path)], f"i{number}") for number in (0, 3)] == [False, True]
