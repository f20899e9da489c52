"""Author code starts processes and programs, signals others, changes files of the service that it may only read."""

from __future__ import annotations

import os
import stat

from tests.attacks.victims import Victim


def test_no_process_is_started_and_no_other_is_hurt(victim: Victim) -> None:
    code = f"""
    import os, signal, subprocess
    found = []
    for attempt in (os.fork, lambda: subprocess.run(['/bin/true']), lambda: os.execv('/bin/true', ['true']),
                    lambda: os.kill({victim.process.pid}, signal.SIGTERM), lambda: os.kill(os.getppid(), signal.SIGKILL),
                    lambda: os.kill(-1, signal.SIGKILL), lambda: os.setsid(), lambda: os.nice(-5), lambda: os.chroot('.')):
        try:
            attempt()
            found.append('worked')
        except OSError: pass
    del attempt
    """
    assert victim.found("starting", code) == "[]"
    assert victim.process.poll() is None


def test_modes_of_files_that_it_can_open_stay(victim: Victim) -> None:
    """Not by their name, and not by an open file: with the service's own user both would be allowed."""
    path = victim.folder / "attacker" / "note.txt"
    path.write_text("x")
    os.chown(path, victim.folder.stat().st_uid, -1)
    path.chmod(0o644)
    code = f"""
    import os
    file = open({str(path)!r})
    for change in (lambda: os.chmod({str(path)!r}, 0o777), lambda: os.fchmod(file.fileno(), 0o777), lambda: os.utime(file.fileno(), (1, 1))):
        try: change()
        except OSError: pass
    file.close()
    found = 'tried'
    del change, file
    """
    before = path.stat()
    assert victim.found("modes", code) == "tried"
    after = path.stat()
    assert stat.S_IMODE(after.st_mode) == 0o644
    assert after.st_mtime_ns == before.st_mtime_ns


def test_what_was_given_up_does_not_come_back(victim: Victim) -> None:
    """Living on after its parent, being looked into by others, a capability again: by prctl, without the C library's name for it."""
    code = """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    found = [option for option in (1, 4, 8, 47) if libc.prctl(option, 0, 0, 0, 0) == 0]
    del libc, ctypes
    """
    assert victim.found("prctl", code) == "[]"
