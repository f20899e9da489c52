"""One embedded system at a time on one folder. Not for what reads beside it (`parley log`), nor for the services over MongoDB.

The kernel's lock on an open file ends with the process that holds it, however that ends: nothing is left to be tidied up. The
number of the process stands in the file only to be told.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

NAME: Final = "running"


class InUse(Exception):
    """Another process works on this folder. `pid` is None in the moment before it has written its number."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"in use by process {pid or 'unknown'}")
        self.pid = pid


class FolderLock:
    """Holds the folder from when it is made until `release`, or the end of the process. Raises `InUse`, or `OSError`.

    The descriptor is closed on exec, so that children which outlive a killed process do not hold the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._fd = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, b"%d\n" % os.getpid(), 0)
        except BlockingIOError:
            pid = os.pread(self._fd, 20, 0).strip()
            self.release()
            raise InUse(int(pid) if pid.isdigit() else None) from None
        except OSError:
            self.release()
            raise

    def release(self) -> None:
        os.close(self._fd)
