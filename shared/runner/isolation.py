"""What a child gives up before author code runs in it: files, network, processes, privileges, memory without end.

Each measure is taken where the kernel and the rights of the service allow it, and `Report` says which were; none depends
on another. Order matters: limits and user first, then no_new_privs, then Landlock and seccomp, which cannot be taken back.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from shared.runner import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
_CLONE_NEWNET, _CLONE_NEWIPC = 0x40000000, 0x08000000
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What children may do. `user` is a uid (and gid), used only if the service is root."""

    user: int = 65534
    #: RLIMIT_NPROC: processes and threads of that uid in all, where the kernel counts them (not for root)
    processes: int = 512
    files: int = 256  #: RLIMIT_NOFILE
    file_size: int = 64 * 1024 * 1024  #: RLIMIT_FSIZE, bytes of one file in the child's own folder
    landlock: bool = True
    seccomp: bool = True
    network: bool = False  #: True: children keep the network of the service
    readable: tuple[str, ...] = ()  #: further files and folders that author code may read


@dataclass(slots=True)
class Report:
    """What is active, for the operators' page."""

    user: int | None = None  #: the uid given to children; None: that of the service
    files: str = "not restricted"
    network: str = "not restricted"
    processes: str = "limited"
    system_calls: str = "not restricted"
    memory: int = 0  #: bytes
    notes: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def prctl(option: int, value: int) -> bool:
    return int(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)) == 0


def hide_memory() -> bool:
    """Make this process unreadable to others of its user: no ptrace, no /proc/<pid>/environ, no core dump."""
    return prctl(_PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Be killed when the process that forked this one ends. To be called again after a change of user."""
    prctl(_PR_SET_PDEATHSIG, 9)


def leave_network() -> str | None:
    """Move this process (and what it forks) to an empty network. None if that is not allowed."""
    if _libc.unshare(_CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        return "empty network namespace"
    return None


def close_files(keep: set[int]) -> None:
    """Close every open file except `keep`; standard input, output and error become /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in {0, 1, 2} - keep:
        os.dup2(null, fd)
    try:
        highest = max(map(int, os.listdir("/proc/self/fd")))
    except (OSError, ValueError):
        highest = 65536
    start = 3
    for fd in sorted(fd for fd in keep if fd >= 3):
        os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, highest + 1)


def address_space() -> int:
    """Bytes of address space this process has now."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def limit(rules: Rules, *, memory: int) -> None:
    """Set the limits of resources, without a way back. `memory` is bytes beyond what this process has already."""
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, address_space() + memory),
        (resource.RLIMIT_FSIZE, rules.file_size),
        (resource.RLIMIT_NOFILE, rules.files),
        (resource.RLIMIT_NPROC, rules.processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (value, value))


def system_paths() -> list[str]:
    """What Python needs to read in order to import and to know time zones."""
    paths = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path]
    paths += ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/usr/share/locale"]
    paths += ["/etc/localtime", "/etc/ld.so.cache", "/etc/mime.types", "/dev/urandom", "/dev/random", "/dev/zero"]
    return [path for path in dict.fromkeys(paths) if path and os.path.exists(path)]


#: What looking up names and checking certificates reads.
_NETWORK_PATHS = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/ssl", "/etc/ca-certificates",
                  "/usr/share/ca-certificates", "/run/systemd/resolve")  # fmt: skip


def restrict(
    rules: Rules, *, readable: list[str], roots: Iterable[str], folder: str, memory: int, namespace: str | None
) -> Report:
    """Take every measure that works here, for the rest of this process's life. `folder` is its own, where it may write.

    Of `roots` the names of files can be seen: Python's import looks for a package by listing the folder it may be in.
    """
    report = Report(memory=memory, network=namespace or "not restricted")
    limit(rules, memory=memory)
    landlocked = rules.landlock and landlock.version() > 0
    _drop_user(rules, readable, report, landlocked)
    die_with_parent()
    hide_memory()
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if landlocked:
        abi = landlock.restrict(
            read=[*readable, *rules.readable, *(_NETWORK_PATHS if rules.network else ())],
            list_only=roots,
            write=[folder, os.devnull],
            connect=rules.network,
        )
        report.files = f"Landlock (ABI {abi})" if abi else report.files
    if rules.seccomp:
        if seccomp.restrict(network=rules.network, same_user=report.user is None):
            report.system_calls = "seccomp"
            report.processes = "none (seccomp)"
            if not rules.network:
                report.network = ", ".join(filter(None, [namespace, "no sockets (seccomp)"]))
        else:
            report.notes.append("seccomp is not available here")
    return report


def _drop_user(rules: Rules, readable: list[str], report: Report, landlocked: bool) -> None:
    if os.geteuid() != 0:
        report.notes.append("the service is not root: children keep its user")
        return
    uid = rules.user
    reads = all(_open_to(uid, path) for path in readable)
    # Python or the interviews may be where only root can go (/root/.pyenv). Then the child keeps the one right to read
    # them, if Landlock confines it to just these folders.
    if not reads and not landlocked:
        report.notes.append(f"the user {uid} cannot read {readable[0]}: children stay root, without its capabilities")
        _set_capabilities(0)
        return
    prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    _set_capabilities(0 if reads else 1 << _CAP_DAC_READ_SEARCH)
    prctl(_PR_SET_KEEPCAPS, 0)
    report.user = uid


def _open_to(uid: int, path: str) -> bool:
    """Whether a user without groups can get to and read `path`, as far as modes tell."""
    real = Path(path).resolve()
    for place in (real, *real.parents):
        try:
            found = place.stat()
        except OSError:
            return False
        bits = found.st_mode >> (6 if found.st_uid == uid else 0)
        if not bits & (0o4 if place == real else 0o1):
            return False
    return True


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Sets(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def _set_capabilities(mask: int) -> None:
    header = _Header(_CAPABILITY_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(mask, mask, 0), _Sets(0, 0, 0))
    if _libc.capset(ctypes.byref(header), sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
