"""``python -m tests.attacks.lacking WHAT[,WHAT…] COMMAND…``: COMMAND on a machine that lacks something, as far as it can tell.

``landlock`` and ``seccomp``: the kernel's calls for them answer as those of a kernel without. ``root``: an ordinary user, who may
read Python where only root can go. The real system runs; what it asks of the kernel is answered differently.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

#: Who runs Parley where it is not root; nobody else on a machine has this number.
USER = 64711

_LOAD, _RETURN, _EQUAL = 0x20, 0x06, 0x15
_ALLOW, _ERRNO, _EINVAL, _ENOSYS = 0x7FFF0000, 0x00050000, 22, 38
_PRCTL, _SECCOMP = {"x86_64": (157, 317), "aarch64": (167, 277)}[platform.machine()]
_LANDLOCK = (444, 445, 446)
_SET_SECCOMP, _KEEPCAPS, _NO_NEW_PRIVS, _AMBIENT, _RAISE = 22, 8, 38, 47, 2
_READ_ALL = 2

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(*arguments: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*arguments[1:], 0, 0, 0, 0)[:4]]
    if _libc.prctl(arguments[0], *padded) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _become_a_user() -> None:
    _prctl(_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    header, mask = struct.pack("Ii", 0x20080522, 0), 1 << _READ_ALL
    if _libc.capset(header, struct.pack("6I", mask, mask, mask, 0, 0, 0)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    _prctl(_AMBIENT, _RAISE, _READ_ALL)


def _filter(landlock: bool, seccomp: bool) -> None:
    lines = [(_LOAD, 0, 0, 0)]
    for number in (*(_LANDLOCK if landlock else ()), *((_SECCOMP,) if seccomp else ())):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    if seccomp:
        refused = [(_LOAD, 0, 0, 16), (_EQUAL, 0, 1, _SET_SECCOMP), (_RETURN, 0, 0, _ERRNO | _EINVAL)]
        lines += [(_EQUAL, 0, len(refused), _PRCTL), *refused]
    lines.append((_RETURN, 0, 0, _ALLOW))
    program = b"".join(struct.pack("=HBBI", *line) for line in lines)
    code = ctypes.create_string_buffer(program)
    _prctl(_NO_NEW_PRIVS, 1)
    if _libc.prctl(_SET_SECCOMP, 2, struct.pack("@HP", len(lines), ctypes.addressof(code)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def main(what: str, command: list[str]) -> None:
    lacking = set(filter(None, what.split(",")))
    if "root" in lacking:
        _become_a_user()
    if lacking & {"landlock", "seccomp"}:
        _filter("landlock" in lacking, "seccomp" in lacking)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
