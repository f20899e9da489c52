"""seccomp: the system calls that author code has no use for fail. https://docs.kernel.org/userspace-api/seccomp_filter.html

Refused (EPERM, so that Python raises PermissionError): new processes, other programs, sockets, signals to others, tracing,
mounts and namespaces, keys, kernel modules, memory files. Threads are allowed. The list names what is refused, because
Python and its extensions may use anything else; Landlock and the limits of resources bound the rest.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_PR_SET_SECCOMP, _FILTER = 22, 2
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38

# Classic BPF: load a word of seccomp_data, compare, return.
_LOAD, _RETURN, _EQUAL, _AT_LEAST, _ANY_BIT = 0x20, 0x06, 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000

#: name -> number on x86_64, number on aarch64 (None: it has no such call)
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kcmp": (312, 272),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),
    "mq_open": (240, 180), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "sethostname": (170, 161), "setdomainname": (171, 162), "syslog": (103, 116), "quotactl": (179, 60), "personality": (135, 92),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "fanotify_init": (300, 262), "lookup_dcookie": (212, 18), "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "ioprio_set": (251, 30), "setpriority": (141, 140),
}  # fmt: skip

_SOCKETS: dict[str, tuple[int, int]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
}

#: Calls about a process: allowed for this one (its pid, or 0 where that means the caller), refused for others.
_OWN: dict[str, tuple[tuple[int, int], bool]] = {
    "kill": ((62, 129), False),
    "tgkill": ((234, 131), False),
    "prlimit64": ((302, 261), True),
    "sched_setaffinity": ((203, 122), True),
    "sched_setscheduler": ((144, 119), True),
    "sched_setparam": ((142, 118), True),
    "sched_setattr": ((314, 274), True),
}

#: Calls that change modes, times and the like by path, which Landlock does not watch. To a process that has the service's own user
#: they pretend to work: what copies a file in its own folder goes on, and no file of the service changes.
_BY_PATH: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "lsetxattr": (189, 6), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "chown": (92, None), "lchown": (94, None), "fchownat": (260, 54),
}  # fmt: skip

_CLONE, _CLONE3 = (56, 220), (435, 435)

_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


def restrict(*, network: bool, same_user: bool) -> bool:
    """Install the filter for this process. Needs no_new_privs. False where the kernel or the machine has none.

    `network`: sockets are allowed; `same_user`: this process has the user of the service, and must not touch its files.
    """
    program = build(os.getpid(), platform.machine(), network=network, same_user=same_user)
    if program is None:
        return False
    code = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.prctl(_PR_SET_SECCOMP, _FILTER, header, 0, 0)) == 0


def build(pid: int, machine: str, *, network: bool, same_user: bool) -> bytes | None:
    """The filter as instructions of eight bytes, or None for an unknown machine."""
    if machine not in _MACHINES:
        return None
    architecture, column = _MACHINES[machine]
    refused = [numbers[column] for numbers in _CALLS.values()]
    if not network:
        refused += [numbers[column] for numbers in _SOCKETS.values()]
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # x86_64 has a second set of numbers (x32) from this bit on.
        (_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
        # The C library then falls back to clone, whose flags can be looked at.
        (_EQUAL, 0, 1, _CLONE3[column]),
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    for numbers, zero in _OWN.values():
        allowed = [(_EQUAL, 1, 0, pid), (_RETURN, 0, 0, _ERRNO | _EPERM), (_RETURN, 0, 0, _ALLOW)]
        if zero:
            allowed = [(_EQUAL, 2, 0, 0), *allowed]
        lines += [(_EQUAL, 0, len(allowed) + 1, numbers[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT), *allowed]
    for number in refused:
        if number is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | _EPERM)]
    for numbers_by_path in _BY_PATH.values() if same_user else ():
        number = numbers_by_path[column]
        if number is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO)]  # error 0: done, and nothing happened
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
