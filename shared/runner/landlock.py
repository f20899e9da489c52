"""Landlock: what of the file system this process may still reach. https://docs.kernel.org/userspace-api/landlock.html

Plain system calls by ctypes; a kernel without Landlock, or with an older one, gets what it knows.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

# The same numbers on every architecture.
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
#: Everything about files: execute, write, read, remove, make (ABI 1), then refer, truncate, ioctl on devices.
_BY_VERSION = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_EXECUTE = 1 << 0
_MAKE_SOCKETS = 1 << 9
_MAKE_DEVICES = 1 << 6 | 1 << 11  # character and block devices
_ON_FILES = _EXECUTE | 1 << 1 | _READ_FILE | 1 << 14 | 1 << 15
_NET = 0b11  # bind and connect TCP, from ABI 4
_SCOPES = 0b11  # abstract sockets and signals stay inside, from ABI 6

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """The ABI of this kernel's Landlock, 0 if there is none."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))))


class Common:
    """What many processes may read, each behind walls of its own: found once, and a ruleset with it made for each before it is forked.

    Opening the places is what takes time, most of all in a process that was just forked. They stay open, so they must be such
    that do not change places with others.
    """

    def __init__(self, read: Iterable[str], *, connect: bool) -> None:
        self._connect = connect
        self._handled = _handled(version())
        self._places = [(place, self._handled & _READ) for place in map(_opened, read) if place is not None]

    def ruleset(self) -> int | None:
        """A new one, for `restrict` in one process and to be closed in this one; None if there is none to be had."""
        ruleset = _new_ruleset(version(), connect=self._connect)
        if ruleset is None:
            return None
        try:
            for place, rights in self._places:
                _add(ruleset, place, rights)
        except OSError:
            os.close(ruleset)
            raise
        return ruleset


def restrict(
    *,
    read: Iterable[str],
    list_only: Iterable[str],
    write: Iterable[str],
    connect: bool,
    execute: Iterable[str] = (),
    sockets: Iterable[str] = (),
    ruleset: int | None = None,
) -> int:
    """Only what is beneath `read` can be read from now on, only what is beneath `write` changed, `execute` read and executed.

    Beneath `sockets` only sockets can be made.

    Beneath `list_only` there are names to be seen, no contents. `ruleset`: one that `Common` made, with what it may read besides.

    Returns the ABI used, 0 if it did not work. Needs no_new_privs. Binds this thread and what it starts.
    """
    abi = version()
    handled = _handled(abi)
    if ruleset is None:
        ruleset = _new_ruleset(abi, connect=connect)
    if ruleset is None:
        return 0
    try:
        for path in read:
            _allow(ruleset, path, handled & _READ)
        for path in execute:
            _allow(ruleset, path, handled & (_READ | _EXECUTE))
        for path in sockets:
            _allow(ruleset, path, _MAKE_SOCKETS)
        for path in list_only:
            _allow(ruleset, path, _READ_DIR)
        for path in write:
            _allow(ruleset, path, handled & ~_EXECUTE & ~_MAKE_DEVICES)
        return abi if _libc.syscall(_RESTRICT, ruleset, ctypes.c_uint32(0)) == 0 else 0
    finally:
        os.close(ruleset)


def _handled(abi: int) -> int:
    """What of files a ruleset of this ABI is about."""
    return sum(bits for since, bits in _BY_VERSION.items() if abi >= since)


def _new_ruleset(abi: int, *, connect: bool) -> int | None:
    if not abi:
        return None
    rules = _Ruleset(_handled(abi), _NET if abi >= 4 and not connect else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = int(_libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0)))
    return None if ruleset < 0 else ruleset


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return None  # what is not there needs no permission


def _allow(ruleset: int, path: str, rights: int) -> None:
    place = _opened(path)
    if place is None:
        return
    try:
        _add(ruleset, place, rights)
    finally:
        os.close(place)


def _add(ruleset: int, place: int, rights: int) -> None:
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _ON_FILES
    rule = _Beneath(rights, place)
    if _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0)) != 0:
        raise OSError(ctypes.get_errno(), "landlock_add_rule")
