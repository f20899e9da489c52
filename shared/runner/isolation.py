"""What a child gives up before author code runs in it: files, network, processes, privileges, memory without end.

Three of the measures are walls (`WALLS`): without one of them a child refuses to run author code, unless the rules name it as one that
may be missing. `Report` says what is active. Order matters: limits and user first, then no_new_privs, then Landlock and seccomp,
which cannot be taken back. Not for: what may be read (`reach`).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from shared.runner import landlock, reach, seccomp
from shared.runner.reach import Reach

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
_CLONE_NEWNET, _CLONE_NEWIPC = 0x40000000, 0x08000000
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


#: What stands between author code and everything else, by the names that operators use: the kernel's Landlock (files), seccomp
#: (system calls), and, where the service is root, a user of its own.
WALLS = ("landlock", "seccomp", "user")


class WallMissing(RuntimeError):
    """A wall cannot be put up here, and nobody said that it may be missing."""


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
    may_miss: tuple[str, ...] = ()  #: of `WALLS`, those without which author code runs all the same
    network: bool = False  #: True: children keep the network of the service
    networked: tuple[str, ...] = ()  #: packages whose interviews keep it, whatever `network` says
    readable: tuple[str, ...] = ()  #: further files and folders that author code may read
    guarded: tuple[str, ...] = ()  #: files that it may not read even where they lie among an interview's own

    def of(self, interview: str) -> Rules:
        """The rules for the children of `interview` (``package:path``)."""
        package = interview.partition(":")[0]
        return replace(self, network=self.network or package in self.networked, networked=())

    @classmethod
    def from_plain(cls, form: dict[str, object]) -> Rules:
        lists = ("may_miss", "networked", "readable", "guarded")
        return cls(**{**form, **{name: tuple(form[name]) for name in lists}})  # type: ignore[arg-type]  # its own `asdict`


@dataclass(slots=True)
class Report:
    """What is active, for the operators' page."""

    user: int | None = None  #: the uid given to children; None: that of the service
    files: str = "not restricted"
    network: str = "not restricted"
    processes: str = "limited"
    system_calls: str = "not restricted"
    memory: int = 0  #: bytes
    missing: list[str] = field(default_factory=list)  #: of `WALLS`
    notes: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def prctl(option: int, value: int) -> bool:
    return int(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)) == 0


def keeps_files() -> bool:
    """Whether author code is kept from files of this process's user: by Landlock, or by a user of its own."""
    return os.geteuid() == 0 or landlock.version() > 0


def hide_memory() -> bool:
    """Make this process unreadable to others of its user: no ptrace, no /proc/<pid>/environ, no core dump."""
    return prctl(_PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """What this process executes gains nothing by a set-user bit; Landlock needs it."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


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
        statm = os.open(
            "/proc/self/statm", os.O_RDONLY
        )  # not `open`: a process that was just forked would copy all that this touches
    except OSError:
        return 0
    try:
        return int(os.read(statm, 200).split()[0]) * resource.getpagesize()
    finally:
        os.close(statm)


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
        try:  # this is done in each child
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            pass


#: What looking up names and checking certificates reads.
_NETWORK_PATHS = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/ssl", "/etc/ca-certificates",
                  "/usr/share/ca-certificates", "/run/systemd/resolve")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is the same for all children that one process forks, found out before: each of them would copy what finding it out touches.

    `reads`: whether the user of children can read all that they may read; `refused`: the first of it. `read`: all of it; `each`: what every
    child opens for itself; the rest is in `common`.
    """

    reads: bool
    refused: str
    read: tuple[str, ...]
    each: tuple[str, ...]
    common: landlock.Common | None = None

    @classmethod
    def of(cls, rules: Rules, given: Reach) -> Ahead:
        read = (*_system(), *given.read, *rules.readable)
        reads = os.geteuid() != 0 or all(_open_to(rules.user, path) for path in read)
        return cls(reads=reads, refused=next(iter(read), ""), read=read, each=read)

    def ruleset(self) -> int | None:
        """Landlock's, for one child; to be closed here."""
        return None if self.common is None else self.common.ruleset()


def restrict(
    rules: Rules,
    *,
    given: Reach,
    folder: str,
    memory: int,
    namespace: str | None,
    ahead: Ahead | None = None,
    ruleset: int | None = None,
    execute: Iterable[str] = (),
    sockets: Iterable[str] = (),
) -> Report:
    """Take every measure that works here, for the rest of this process's life. `folder` is its own, where it may write.

    `ahead`: what `look_ahead` gave, of which `ruleset` is one. `execute`: folders of programs that it may start; author code starts none.
    `sockets`: folders in which what it starts may make sockets, and nothing else.
    Raises `WallMissing`; what was taken until then stays.
    """
    report = Report(memory=memory, network=namespace or "not restricted")
    ahead = ahead or Ahead.of(rules, given)
    limit(rules, memory=memory)
    landlocked = rules.landlock and landlock.version() > 0
    _drop_user(rules, ahead, report, landlocked, folder)
    die_with_parent()
    hide_memory()
    forbid_new_privileges()
    if landlocked:
        read = ahead.read if ruleset is None else ahead.each
        abi = landlock.restrict(
            read=(*read, *_NETWORK_PATHS) if rules.network else read,
            list_only=given.listed,
            write=(folder, os.devnull),
            connect=rules.network,
            ruleset=ruleset,
            execute=execute,
            sockets=sockets,
        )
        report.files = f"Landlock (ABI {abi})" if abi else report.files
    if rules.seccomp and seccomp.restrict(network=rules.network, same_user=report.user is None):
        report.system_calls = "seccomp"
        report.processes = "none (seccomp)"
        if not rules.network:
            report.network = f"{namespace}, no sockets (seccomp)" if namespace else "no sockets (seccomp)"
    _account(report, rules)
    return report


def look_ahead(rules: Rules, given: Reach) -> Ahead:
    """Find out once, for all children that are forked from now on, what can be known before."""
    seccomp.look_ahead(network=rules.network)
    found = Ahead.of(rules, given)
    if not rules.landlock or not landlock.version():
        return found
    each = tuple(path for path in found.read if path not in _lasting())
    return replace(found, each=each, common=landlock.Common(_lasting(), connect=rules.network))


@lru_cache(maxsize=1)
def _system() -> tuple[str, ...]:
    return tuple(reach.system())


@lru_cache(maxsize=1)
def _lasting() -> frozenset[str]:
    """Of the system's places folders and devices: a file there may be replaced by a new one of its name while we run."""
    return frozenset(path for path in _system() if os.path.isdir(path) or path.startswith("/dev/"))


def _account(report: Report, rules: Rules) -> None:
    """Say which walls are missing. Raises `WallMissing` for one that nobody gave up."""
    if not report.files.startswith("Landlock"):
        report.missing.append("landlock")
    if report.system_calls != "seccomp":
        report.missing.append("seccomp")
    if os.geteuid() == 0:
        report.missing.append("user")
    refused = [wall for wall in report.missing if wall not in rules.may_miss]
    if refused:
        why = "; ".join(report.notes)
        raise WallMissing(f"no {' and no '.join(refused)} here{f' ({why})' if why else ''}")


def _drop_user(rules: Rules, ahead: Ahead, report: Report, landlocked: bool, folder: str) -> None:
    if os.geteuid() != 0:
        report.notes.append("the service is not root: children keep its user")
        # Of rights that it was given it keeps the one to read, without which Python itself may be out of reach.
        _set_capabilities(_capabilities() & 1 << _CAP_DAC_READ_SEARCH)
        return
    uid = rules.user
    # Python or the interviews may be where only root can go (/root/.pyenv). Then the child keeps the one right to read
    # them, if Landlock confines it to just these folders.
    if not ahead.reads and not landlocked:
        _stay_root(report, folder, f"the user {uid} cannot read {ahead.refused}")
        return
    prctl(_PR_SET_KEEPCAPS, 1)
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except PermissionError:
        _stay_root(report, folder, "this root may not become another user (CAP_SETUID, CAP_SETGID)")
        return
    _set_capabilities(0 if ahead.reads else 1 << _CAP_DAC_READ_SEARCH)
    prctl(_PR_SET_KEEPCAPS, 0)
    report.user = uid


def _stay_root(report: Report, folder: str, why: str) -> None:
    report.notes.append(f"{why}: children stay root, without its capabilities")
    with contextlib.suppress(OSError):
        os.chown(folder, os.geteuid(), os.getegid())  # without them it is stopped by modes, as everybody else
    _set_capabilities(0)


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


def _capabilities() -> int:
    """Those that this process has, of the first 32."""
    sets = (_Sets * 2)()
    if _libc.capget(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), sets) != 0:
        return 0
    return int(sets[0].permitted)


def _set_capabilities(mask: int) -> None:
    header = _Header(_CAPABILITY_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(mask, mask, 0), _Sets(0, 0, 0))
    if _libc.capset(ctypes.byref(header), sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
