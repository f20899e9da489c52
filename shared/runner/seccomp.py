"""seccomp: the system calls that author code has a use for are allowed, every other one fails. https://docs.kernel.org/userspace-api/seccomp_filter.html

Refused (EPERM, so that Python raises PermissionError) are among others new processes, other programs, sockets, signals to others,
tracing, mounts, namespaces, and whatever a later kernel adds. Threads are allowed. Landlock and the limits of resources bound the rest.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38

# Classic BPF: load a word of seccomp_data, compare, return.
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_CLONE_THREAD = 0x00010000

#: A call's number on x86_64 and on aarch64 (None: it has no such call).
Numbers = tuple[int | None, int | None]

#: The newest call that was looked at when the list was made. Later ones are "not there", so that a C library does without.
_NEWEST = 450

_ALLOWED: Mapping[str, Numbers] = {
    # Files: what Landlock and the modes of files let through.
    "read": (0, 63), "write": (1, 64), "open": (2, None), "close": (3, 57), "stat": (4, None), "fstat": (5, 80), "lstat": (6, None),
    "lseek": (8, 62), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69),
    "pwritev": (296, 70), "preadv2": (327, 286), "pwritev2": (328, 287), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "openat": (257, 56), "newfstatat": (262, 79), "statx": (332, 291), "statfs": (137, 43),
    "fstatfs": (138, 44), "fcntl": (72, 25), "flock": (73, 32), "fsync": (74, 82), "fdatasync": (75, 83),
    "sync_file_range": (277, 84), "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47), "fadvise64": (221, 223),
    "readahead": (187, 213), "getdents": (78, None), "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49),
    "fchdir": (81, 50), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "creat": (85, None), "link": (86, None), "linkat": (265, 37), "unlink": (87, None),
    "unlinkat": (263, 35), "symlink": (88, None), "symlinkat": (266, 36), "readlink": (89, None), "readlinkat": (267, 78),
    "umask": (95, 166), "getxattr": (191, 8), "lgetxattr": (192, 9), "fgetxattr": (193, 10), "listxattr": (194, 11),
    "llistxattr": (195, 12), "flistxattr": (196, 13), "sendfile": (40, 71), "copy_file_range": (326, 285), "splice": (275, 76),
    "tee": (276, 77), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59),
    "ioctl": (16, 29), "close_range": (436, 436),
    # Memory, threads and signals within the process.
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216), "msync": (26, 227),
    "mincore": (27, 232), "madvise": (28, 233), "get_mempolicy": (239, 236), "membarrier": (324, 283), "pkey_mprotect": (329, 288),
    "pkey_alloc": (330, 289), "pkey_free": (331, 290), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94), "wait4": (61, 260),
    "waitid": (247, 95), "futex": (202, 98), "futex_waitv": (449, 449), "set_tid_address": (218, 96), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "rseq": (334, 293), "sched_yield": (24, 124), "arch_prctl": (158, None), "signalfd": (282, None),
    "signalfd4": (289, 74),
    # Waiting and time.
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create": (213, None),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441), "eventfd": (284, None), "eventfd2": (290, 19), "pause": (34, None), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169),
    "time": (201, None), "times": (100, 153), "getitimer": (36, 102), "setitimer": (38, 103), "alarm": (37, None),
    "timer_create": (222, 107), "timer_settime": (223, 110), "timer_gettime": (224, 108), "timer_getoverrun": (225, 109),
    "timer_delete": (226, 111), "timerfd_create": (283, 85), "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87),
    # What a process may know about itself and the machine.
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getpgrp": (111, None), "getpgid": (121, 155),
    "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getgroups": (115, 158), "getresuid": (118, 148), "getresgid": (120, 150), "capget": (125, 90), "uname": (63, 160),
    "sysinfo": (99, 179), "getrusage": (98, 165), "getrlimit": (97, 163), "setrlimit": (160, 164), "getpriority": (140, 141),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126), "sched_rr_get_interval": (148, 127), "sched_getaffinity": (204, 123),
    "sched_getattr": (315, 275), "getcpu": (309, 168), "getrandom": (318, 278),
    # Its socket to the service, and pairs of sockets within the process (asyncio has one).
    "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "sendmmsg": (307, 269),
    "recvmmsg": (299, 243), "shutdown": (48, 210), "getsockname": (51, 204), "getpeername": (52, 205),
    "getsockopt": (55, 209), "setsockopt": (54, 208),
}  # fmt: skip

#: Only with the network.
_SOCKETS: Mapping[str, Numbers] = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
}  # fmt: skip

#: Calls about a process: allowed for this one (its pid, or 0 where that means the caller), refused for others.
_OWN: Mapping[str, tuple[Numbers, bool]] = {
    "kill": ((62, 129), False),
    "tgkill": ((234, 131), False),
    "prlimit64": ((302, 261), True),
    "sched_setaffinity": ((203, 122), True),
    "sched_setscheduler": ((144, 119), True),
    "sched_setparam": ((142, 118), True),
    "sched_setattr": ((314, 274), True),
}

#: Calls that change modes, times and owners, which Landlock does not watch. To a process that has the service's own user they pretend
#: to work: what copies a file in its own folder goes on, and no file of the service changes.
_CHANGES: Mapping[str, Numbers] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "chown": (92, None), "fchown": (93, 55),
    "lchown": (94, None), "fchownat": (260, 54),
}  # fmt: skip

#: The names of threads, whether it can be looked into, its capabilities, names of memory: nothing that undoes what was given up.
_PRCTL: Numbers = (157, 167)
_PRCTL_OPTIONS = (3, 15, 16, 21, 23, 30, 39, 0x53564D41)

#: A pair of datagram sockets could send to any socket that has a name in the file system; a pair of streams cannot.
_SOCKETPAIR: Numbers = (53, 199)
_NO_STREAM = 0xE

_CLONE, _CLONE3 = (56, 220), (435, 435)

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

_Line = tuple[int, int, int, int]
_REFUSE: _Line = (_RETURN, 0, 0, _ERRNO | _EPERM)
_NOT_THERE: _Line = (_RETURN, 0, 0, _ERRNO | _ENOSYS)
_LET: _Line = (_RETURN, 0, 0, _ALLOW)
#: Where the number of the process itself is compared.
_OWN_PID: _Line = (_EQUAL, 1, 0, 0)

_libc = ctypes.CDLL(None, use_errno=True)


def restrict(*, network: bool, same_user: bool) -> bool:
    """Install the filter for this process. Needs no_new_privs. False where the kernel or the machine has none.

    `network`: sockets are allowed; `same_user`: this process has the user of the service, and must not touch its files.
    """
    program = build(os.getpid(), _machine(), network=network, same_user=same_user)
    if program is None:
        return False
    code = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return int(_libc.prctl(_PR_SET_SECCOMP, _FILTER, header, 0, 0)) == 0


def look_ahead(*, network: bool) -> None:
    """Find out once, for all processes that are forked from now on, what does not depend on which of them it is."""
    for same_user in (False, True):
        build(os.getpid(), _machine(), network=network, same_user=same_user)


def build(pid: int, machine: str, *, network: bool, same_user: bool) -> bytes | None:
    """The filter as instructions of eight bytes, or None for an unknown machine."""
    if machine not in _MACHINES:
        return None
    program, own = _program(machine, network=network, same_user=same_user)
    made = bytearray(program)
    for line in own:
        made[line * 8 : line * 8 + 8] = struct.pack("=HBBI", *_OWN_PID[:3], pid)
    return bytes(made)


_machine = lru_cache(maxsize=1)(platform.machine)


@lru_cache(maxsize=4)
def _program(machine: str, *, network: bool, same_user: bool) -> tuple[bytes, tuple[int, ...]]:
    """The filter for process 0, and the lines in which its number stands."""
    architecture, column = _MACHINES[machine]
    lines: list[_Line] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # x86_64 has a second set of numbers (x32) from this bit on.
        *((_AT_LEAST, 0, 1, 0x40000000), _NOT_THERE),
        # The C library then falls back to clone, whose flags can be looked at.
        *((_EQUAL, 0, 1, _CLONE3[column]), _NOT_THERE),
        *_looked_at(_CLONE[column], _FIRST_ARGUMENT, [(_ANY_BIT, 1, 0, _CLONE_THREAD), _REFUSE, _LET]),
        *_looked_at(_SOCKETPAIR[column], _SECOND_ARGUMENT, [(_ANY_BIT, 0, 1, _NO_STREAM), _REFUSE, _LET]),
    ]
    options = [line for option in _PRCTL_OPTIONS for line in ((_EQUAL, 0, 1, option), _LET)]
    lines += _looked_at(_PRCTL[column], _FIRST_ARGUMENT, [*options, _REFUSE])
    for numbers, zero in _OWN.values():
        own: list[_Line] = [_OWN_PID, _REFUSE, _LET]
        lines += _looked_at(numbers[column], _FIRST_ARGUMENT, [(_EQUAL, 2, 0, 0), *own] if zero else own)
    # Error 0: done, and nothing happened.
    lines += _answered((numbers[column] for numbers in _CHANGES.values()), _ERRNO if same_user else _ALLOW)
    allowed = [*_ALLOWED.values(), *(_SOCKETS.values() if network else ())]
    lines += _answered((numbers[column] for numbers in allowed), _ALLOW)
    lines += [(_AT_LEAST, 0, 1, _NEWEST + 1), _NOT_THERE, _REFUSE]
    own_lines = tuple(number for number, line in enumerate(lines) if line is _OWN_PID)
    return b"".join(struct.pack("=HBBI", *line) for line in lines), own_lines


def _looked_at(number: int | None, argument: int, lines: list[_Line]) -> list[_Line]:
    """Whether a call is allowed depends on an argument: `lines`, which end it in any case."""
    return [] if number is None else [(_EQUAL, 0, len(lines) + 1, number), (_LOAD, 0, 0, argument), *lines]


def _answered(numbers: Iterable[int | None], answer: int) -> list[_Line]:
    """The same answer for all these calls, by runs of neighbouring numbers."""
    runs: list[list[int]] = []
    for number in sorted(number for number in numbers if number is not None):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    lines: list[_Line] = []
    for first, last in runs:
        lines += [(_AT_LEAST, 0, 2, first), (_AT_LEAST, 1, 0, last + 1), (_RETURN, 0, 0, answer)]
    return lines
