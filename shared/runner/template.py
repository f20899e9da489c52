"""The parent of the children of one interview: has it compiled, forks children that inherit it, buries them.

Runs no author code (compiling executes nothing). Answers requests one at a time: ``{"child": memory, "rehearsed": bool}`` with a socket gives
``{"pid"}`` (`rehearsed`: nobody waits for it yet); ``{"end": pid}`` kills that child, removes its folder and gives ``{"status"}``;
``{"keep": True}`` writes down what it was made of as the last good version (`lastgood`) and gives ``{"kept"}``. Ends with its socket.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from typing import Any

from shared.runner import child, failures, isolation, lastgood, offline
from shared.runner.settings import WARM_AFTER, Setup
from shared.runner.wire import Message, Wire, WireError

#: Seconds for a process to be gone after its socket was: the kernel closes files first, and has memory to give back.
DYING = 0.2


def main(fd: int, setup: Setup, *, interview: str, last_good: bool = False) -> None:
    """Compile `interview`, say so on the socket `fd`, and serve until the other side closes it. `last_good`: its last good version."""
    os.setsid()
    isolation.close_files({fd, 2})
    control = Wire(socket.socket(fileno=fd))
    engine = importlib.import_module(setup.engine)
    try:
        _limit_cpu(setup.load_seconds)
        kept = (lastgood.read(setup.good_folders, interview),) if last_good else ()
        loaded = engine.load(interview, setup.roots, *kept)
        _limit_cpu(None)
    except Exception as error:
        control.send({"errors": failures.write(error)})
        return
    rules = setup.rules.of(interview)
    namespace = None if rules.network else isolation.leave_network()
    gc.collect()
    gc.freeze()
    control.send(
        {
            "digest": loaded.digest,
            "sources": [[*source] for source in loaded.sources],
            "events": list(getattr(loaded, "events", ())),
            "broken": list(getattr(loaded, "broken", ())),
            "warnings": list(getattr(loaded, "warnings", ())),
        }
    )
    with contextlib.suppress(WireError):
        _Family(control, setup, engine, loaded, rules, namespace).serve()


def _limit_cpu(seconds: int | None) -> None:
    """A mistake in an interview must not keep a template compiling for ever: the kernel ends it."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = hard if seconds is None else int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


class _Family:
    """The children that are alive, and their folders."""

    def __init__(
        self, control: Wire, setup: Setup, engine: Any, loaded: Any, rules: isolation.Rules, namespace: str | None
    ) -> None:
        self._control = control
        self._setup = setup
        self._engine = engine
        self._loaded = loaded
        self._rules = rules
        self._namespace = namespace
        self._folders: dict[int, str] = {}
        self._status: dict[int, int] = {}  # of children that ended by themselves, until they are asked for
        self._reach = engine.readable(loaded, setup.roots, guarded=rules.guarded)
        self._ahead = isolation.look_ahead(rules, self._reach)

    def serve(self) -> None:
        """Until the service closes the socket. Children that end meanwhile are buried at once."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        cold = True
        try:
            while True:
                watched: list[Any] = [self._control, woken]
                ready, _, _ = select.select(watched, [], [], WARM_AFTER if cold else None)
                if not ready and cold:
                    self._warm()
                    cold = False
                if woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(woken, 4096)
                    self._bury()
                if self._control in ready:
                    message, fds = self._control.receive_with_fds()
                    self._control.send(self._answer(message, fds), quick=True)
        finally:
            signal.set_wakeup_fd(-1)
            for pid in list(self._folders):
                self._end(pid)

    def _warm(self) -> None:
        """Load what only some interviews need, and this is one of them."""
        for_it = getattr(self._engine, "warm_for", None)  # an engine may have nothing of the kind (`calling`)
        if for_it is not None and for_it(self._loaded):
            gc.collect()
            gc.freeze()

    def _answer(self, message: Message, fds: list[int]) -> Message:
        if "child" in message:
            try:
                pid = self._fork(fds[0], message["child"], rehearsed=message["rehearsed"])
                return {"pid": pid, "folder": self._folders[pid]}
            except OSError as error:  # no memory, no room on the disk: the children there are go on
                os.close(fds[0])
                return {"error": str(error)}
        if "keep" in message:
            return {"kept": self._keep(message["keep"])}
        if message.get("gone"):
            self._await(message["end"])
        status, ours = self._end(message["end"])
        return {"status": status, "ours": ours}

    def _keep(self, interview: str) -> bool:
        kept = getattr(self._engine, "kept", None)  # an engine may keep nothing (`calling`)
        contents = kept(self._loaded) if kept else None
        if contents is None:
            return False
        try:
            lastgood.write(self._setup.good_folders, interview, contents)
        except OSError:  # a full disk: it is worth no more than that
            return False
        return True

    def _fork(self, fd: int, memory: int, *, rehearsed: bool) -> int:
        folder = self._new_folder()
        ruleset = self._ahead.ruleset()
        child.modules_before(len(sys.modules))
        try:
            pid = os.fork()
            if pid == 0:
                self._become_child(fd, folder, memory, ruleset, rehearsed=rehearsed)
        finally:
            if ruleset is not None:
                os.close(ruleset)
        os.close(fd)
        self._folders[pid] = folder
        return pid

    def _new_folder(self) -> str:
        """A folder for one child, that nobody else can enter."""
        above = self._setup.folder
        try:
            found = os.stat(above)
        except FileNotFoundError:  # something tidied up what looked old
            os.mkdir(above, 0o711)
            found = os.stat(above)
        if found.st_uid != os.geteuid():
            raise PermissionError(f"{above} belongs to somebody else")
        folder = f"{above}/{os.urandom(8).hex()}"
        os.mkdir(folder, 0o700)
        if os.geteuid() == 0:
            os.chown(folder, self._rules.user, self._rules.user)
        return folder

    def _become_child(self, fd: int, folder: str, memory: int, ruleset: int | None, *, rehearsed: bool) -> None:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            isolation.close_files({fd} if ruleset is None else {fd, ruleset})
            _at_home(folder)
            wire = Wire(socket.socket(fileno=fd), ahead=True)
            report = isolation.restrict(
                self._rules,
                given=self._reach,
                folder=folder,
                memory=memory,
                namespace=self._namespace,
                ahead=self._ahead,
                ruleset=ruleset,
            )
            if not self._rules.network:
                offline.say_so()
            wire.send({"ready": report.plain()}, quick=True)
            make = getattr(self._engine, "child", None)  # an engine may have children of its own (`calling`)
            made = (
                make(wire, self._loaded, memory=memory)
                if make
                else child.Child(wire, self._engine, self._loaded, memory=memory)
            )
            if rehearsed and hasattr(self._engine, "rehearse"):
                with contextlib.suppress(Exception):  # nobody asked for it
                    self._engine.rehearse()
            made.serve()
            status = 0
        except WireError:
            status = 0
        except BaseException as error:  # a forked process must never return into the code of the one it was forked from
            with contextlib.suppress(WireError):
                wire.send({"broken": f"{type(error).__name__}: {error}"})
        finally:
            os._exit(status)

    def _end(self, pid: int) -> tuple[int | None, bool]:
        """Kill a child and all of its session, and remove its folder. Its exit status (negative: a signal), and whether it was this that ended it."""
        self._bury()
        if pid in self._status:
            return self._status.pop(pid), False
        if pid not in self._folders:
            return None, False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)  # it may not have reached its setsid yet
        with contextlib.suppress(ChildProcessError):
            _, status = os.waitpid(pid, 0)
            self._status[pid] = os.waitstatus_to_exitcode(status)
        self._clean(pid)
        return self._status.pop(pid, None), True

    def _await(self, pid: int) -> None:
        """A moment for a child whose socket closed: it is not dead yet, and must not be taken for one that we killed."""
        until = time.monotonic() + DYING
        while pid in self._folders and time.monotonic() < until:
            self._bury()
            time.sleep(0.002)

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # what it may have started
            self._status[pid] = os.waitstatus_to_exitcode(status)
            self._clean(pid)

    def _clean(self, pid: int) -> None:
        folder = self._folders.pop(pid, None)
        if folder is None:
            return
        try:
            os.rmdir(folder)  # most are empty
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)


def _at_home(folder: str) -> None:
    """The child's own folder becomes its working directory, home and place for temporary files."""
    os.chdir(folder)
    os.environ.update({"HOME": folder, "TMPDIR": folder, "PWD": folder})
    tempfile.tempdir = folder
