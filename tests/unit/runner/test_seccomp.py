"""The filter program itself, run by a small interpreter of it, for both machines."""

from __future__ import annotations

import struct

import pytest

from shared.runner import seccomp

ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4711


def decide(
    machine: str,
    number: int,
    argument: int = 0,
    *,
    second: int = 0,
    architecture: int | None = None,
    network: bool = False,
    same_user: bool = False,
) -> int:
    """What the filter returns for a system call: classic BPF, the few instructions that the filter uses."""
    program = seccomp.build(PID, machine, network=network, same_user=same_user)
    assert program is not None
    data = {0: number, 4: architecture or ARCHITECTURE[machine], 16: argument & 0xFFFFFFFF, 24: second}
    lines = list(struct.iter_unpack("=HBBI", program))
    assert len(lines) < 4096, "the kernel's limit"
    at = accumulator = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        if code == 0x20:
            accumulator = data[value]
        elif code == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += yes if holds else no


MACHINES = pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])


#: Of the hundreds that are not on the list, those that would be of most use to somebody.
REFUSED = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "tkill": (200, 130), "mount": (165, 40),
    "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268), "open_by_handle_at": (304, 265),
    "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_setup": (206, 0), "memfd_create": (319, 279), "shmget": (29, 194), "mq_open": (240, 180), "init_module": (175, 105),
    "reboot": (169, 142), "personality": (135, 92), "setuid": (105, 146), "setgroups": (116, 159), "capset": (126, 91),
    "setsid": (112, 157), "mknodat": (259, 33), "inotify_init1": (294, 26), "setpriority": (141, 140), "seccomp": (317, 277),
}  # fmt: skip


@MACHINES
@pytest.mark.parametrize("network", [False, True])
def test_what_is_refused(machine: str, column: int, network: bool) -> None:
    for name, numbers in REFUSED.items():
        number = numbers[column]
        if number is not None:
            assert decide(machine, number, network=network) == EPERM, name


@MACHINES
def test_what_a_later_kernel_adds_is_not_there(machine: str, column: int) -> None:
    assert {decide(machine, number) for number in (451, 460, 467, 1000, 0x3FFFFFFF)} == {ENOSYS}


@MACHINES
def test_nothing_is_both_allowed_and_looked_at(machine: str, column: int) -> None:
    looked_at = {number for (numbers, _) in seccomp._OWN.values() for number in numbers[column : column + 1]}
    looked_at |= {numbers[column] for numbers in (*seccomp._CHANGES.values(), *seccomp._SOCKETS.values())}
    looked_at |= {seccomp._CLONE[column], seccomp._SOCKETPAIR[column], seccomp._PRCTL[column]} - {None}
    assert not (looked_at - {None}) & {numbers[column] for numbers in seccomp._ALLOWED.values()}


@MACHINES
def test_what_was_given_up_stays_given_up(machine: str, column: int) -> None:
    prctl = seccomp._PRCTL[column]
    assert prctl is not None
    assert decide(machine, prctl, 15) == ALLOW, "the name of a thread"
    for option in (1, 4, 8, 22, 24, 38):  # the end with the parent, dumps, capabilities, another filter
        assert decide(machine, prctl, option) == EPERM, option


@MACHINES
def test_pairs_of_sockets_are_streams(machine: str, column: int) -> None:
    pair = seccomp._SOCKETPAIR[column]
    assert pair is not None
    assert decide(machine, pair, 1, second=1 | 0x80000 | 0x800) == ALLOW
    assert [decide(machine, pair, 1, second=kind | 0x80000) for kind in (2, 3, 5)] == [EPERM] * 3


@MACHINES
def test_new_processes_are_refused_and_threads_are_not(machine: str, column: int) -> None:
    clone, clone3 = seccomp._CLONE[column], seccomp._CLONE3[column]
    assert decide(machine, clone, 17) == EPERM  # SIGCHLD: fork
    assert decide(machine, clone, 0x003D0F00) == ALLOW  # what pthread_create asks for
    assert decide(machine, clone3) == ENOSYS


@MACHINES
def test_sockets_depend_on_the_rules(machine: str, column: int) -> None:
    for numbers in seccomp._SOCKETS.values():
        number = numbers[column]
        assert number is not None
        assert decide(machine, number) == EPERM
        assert decide(machine, number, network=True) == ALLOW


@MACHINES
def test_signals_reach_only_oneself(machine: str, column: int) -> None:
    kill = seccomp._OWN["kill"][0][column]
    assert kill is not None
    assert decide(machine, kill, PID) == ALLOW
    for other in (PID + 1, 1, 0, -1, -PID):
        assert decide(machine, kill, other) == EPERM
    prlimit = seccomp._OWN["prlimit64"][0][column]
    assert prlimit is not None
    assert [decide(machine, prlimit, pid) for pid in (0, PID, 1)] == [ALLOW, ALLOW, EPERM]


@MACHINES
def test_with_the_services_user_modes_of_files_only_seem_to_change(machine: str, column: int) -> None:
    for name, numbers in seccomp._CHANGES.items():
        number = numbers[column]
        if number is not None:
            assert decide(machine, number) == ALLOW, name
            assert decide(machine, number, same_user=True) == 0x00050000, name


@MACHINES
def test_everyday_calls_are_allowed(machine: str, column: int) -> None:
    everyday = {
        "read": (0, 63),
        "write": (1, 64),
        "mmap": (9, 222),
        "openat": (257, 56),
        "futex": (202, 98),
        "exit_group": (231, 94),
    }
    for name, numbers in everyday.items():
        assert decide(machine, numbers[column]) == ALLOW, name


def test_other_architectures_and_number_ranges() -> None:
    assert decide("x86_64", 1, architecture=0x40000003) == KILL, "32-bit calls have other numbers"
    assert decide("x86_64", 0x40000001) == ENOSYS, "x32"
    assert seccomp.build(1, "riscv64", network=False, same_user=False) is None
