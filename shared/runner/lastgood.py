"""The last good version of interviews: the contents of their files, kept on the disk of the pool that has seen them work.

A template that worked writes them; a template of an interview that has broken since reads them. They go with the pool's folder.
Not for: when which version is used (`templates`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shared.contract import typed

#: The folder in the pool's folder, which nobody but the service enters.
_FOLDER = "last-good"
#: Versions that are kept, the one written last for the longest time.
_MOST = 500


def write(folder: str, interview: str, contents: Mapping[str, bytes]) -> None:
    """Keep `contents`, by path, as the last good version of `interview`. Raises OSError."""
    place = Path(folder, _FOLDER)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(folder, interview)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(msgspec.msgpack.encode(contents))
    new.replace(path)
    for old in sorted(place.iterdir(), key=_changed, reverse=True)[_MOST:]:
        with contextlib.suppress(OSError):
            old.unlink()


def read(folder: str, interview: str) -> dict[str, bytes]:
    """What was kept of `interview`. Raises OSError, `msgspec.MsgspecError`."""
    contents: dict[str, bytes] = typed.from_msgpack(_path(folder, interview).read_bytes(), dict[str, bytes])
    return contents


def there(folder: str, interview: str) -> bool:
    return _path(folder, interview).is_file()


def remove_all(folder: str) -> None:
    shutil.rmtree(Path(folder, _FOLDER), ignore_errors=True)


def _path(folder: str, interview: str) -> Path:
    return Path(folder, _FOLDER, hashlib.sha256(interview.encode("utf-8", "surrogatepass")).hexdigest())


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
