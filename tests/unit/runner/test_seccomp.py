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
    architecture: int | None = None,
    network: bool = False,
    same_user: bool = False,
) -> int:
    """What the filter returns for a system call: classic BPF, the few instructions that the filter uses."""
    program = seccomp.build(PID, machine, network=network, same_user=same_user)
    assert program is not None
    data = {0: number, 4: architecture or ARCHITECTURE[machine], 16: argument & 0xFFFFFFFF}
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


@MACHINES
def test_what_is_refused(machine: str, column: int) -> None:
    for name, numbers in seccomp._CALLS.items():
        number = numbers[column]
        if number is not None:
            assert decide(machine, number) == EPERM, name


@MACHINES
def test_new_processes_are_refused_and_threads_are_not(machine: str, column: int) -> None:
    clone, clone3 = seccomp._CLONE[column], seccomp._CLONE3[column]
    assert decide(machine, clone, 17) == EPERM  # SIGCHLD: fork
    assert decide(machine, clone, 0x003D0F00) == ALLOW  # what pthread_create asks for
    assert decide(machine, clone3) == ENOSYS


@MACHINES
def test_sockets_depend_on_the_rules(machine: str, column: int) -> None:
    for numbers in seccomp._SOCKETS.values():
        assert decide(machine, numbers[column]) == EPERM
        assert decide(machine, numbers[column], network=True) == ALLOW


@MACHINES
def test_signals_reach_only_oneself(machine: str, column: int) -> None:
    kill = seccomp._OWN["kill"][0][column]
    assert decide(machine, kill, PID) == ALLOW
    for other in (PID + 1, 1, 0, -1, -PID):
        assert decide(machine, kill, other) == EPERM
    prlimit = seccomp._OWN["prlimit64"][0][column]
    assert [decide(machine, prlimit, pid) for pid in (0, PID, 1)] == [ALLOW, ALLOW, EPERM]


@MACHINES
def test_with_the_services_user_modes_of_files_only_seem_to_change(machine: str, column: int) -> None:
    for name, numbers in seccomp._BY_PATH.items():
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
