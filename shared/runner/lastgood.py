"""The last good version of interviews: the contents of their files, kept on the disk by the pool that has seen them work.

A template that worked writes them; a template of an interview that has broken since reads them, of the same pool or of one that was
started later. Who can write there says what an interview does, so it is believed only where nobody else can.
Not for: when which version is used (`templates`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from shared.contract import typed

#: The folder in a pool's folder, which nobody but the service enters.
_FOLDER = "last-good"
#: Versions that are kept, the one written last for the longest time.
_MOST = 500


def write(folders: Iterable[str], interview: str, contents: Mapping[str, bytes]) -> None:
    """Keep `contents`, by path, as the last good version of `interview`, in the first of `folders` that takes it. Raises OSError."""
    lost = OSError("there is no folder for it")
    for folder in folders:
        try:
            _write(folder, interview, contents)
        except OSError as error:
            lost = error
        else:
            return
    raise lost


def _write(folder: str, interview: str, contents: Mapping[str, bytes]) -> None:
    place = Path(folder, _FOLDER)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _ours(place):
        raise PermissionError(f"{place} is open to others")
    path = _path(folder, interview)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(msgspec.msgpack.encode(contents))
    new.replace(path)
    for old in sorted(place.iterdir(), key=_changed, reverse=True)[_MOST:]:
        with contextlib.suppress(OSError):
            old.unlink()


def read(folders: Iterable[str], interview: str) -> dict[str, bytes]:
    """What was kept of `interview`, where it was written last. Raises OSError, `msgspec.MsgspecError`."""
    paths = list(_found(folders, interview))
    if not paths:
        raise FileNotFoundError(interview)
    contents: dict[str, bytes] = typed.from_msgpack(max(paths, key=_changed).read_bytes(), dict[str, bytes])
    return contents


def there(folders: Iterable[str], interview: str) -> bool:
    return any(True for _ in _found(folders, interview))


def remove_all(folder: str) -> None:
    shutil.rmtree(Path(folder, _FOLDER), ignore_errors=True)


def _found(folders: Iterable[str], interview: str) -> Iterable[Path]:
    for folder in folders:
        path = _path(folder, interview)
        if path.is_file() and _ours(path.parent):
            yield path


def _ours(place: Path) -> bool:
    """Whether nobody else can write there."""
    found = place.stat()
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _path(folder: str, interview: str) -> Path:
    return Path(folder, _FOLDER, hashlib.sha256(interview.encode("utf-8", "surrogatepass")).hexdigest())


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
