"""Author code that looks for what is not its own: credentials, other processes, other interviews, the network, its parent."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contract.errors import Busy, ChildDied
from shared.runner.isolation import WALLS, Rules
from tests.faults.runner.conftest import SECRET, PoolDriver


@pytest.fixture(autouse=True)
def _a_child_reported(driver: PoolDriver) -> None:
    if "user" not in driver.pool.isolation():
        driver.step("first", "say = 1")


def test_the_environment_holds_no_credentials(driver: PoolDriver) -> None:
    found = driver.say("environment", "import os; say = dict(os.environ)")
    assert SECRET not in found
    assert set(eval(found)) <= {
        "PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE",
        "HOME", "TMPDIR", "PWD", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    }  # fmt: skip


def test_proc_shows_no_environment_of_anybody(driver: PoolDriver) -> None:
    text = f"""
        import os, glob
        found = []
        for name in [f'/proc/{{n}}/environ' for n in (os.getppid(), {os.getpid()}, 'self', 1)] + glob.glob('/proc/*/environ'):
            try:
                with open(name, 'rb') as file: found.append(file.read())
            except OSError: pass
        say = found
        file = None
    """
    assert SECRET not in driver.say("proc", text)


def test_memory_and_command_line_of_the_service_are_closed(driver: PoolDriver) -> None:
    text = f"""
        found = []
        for pid in ({os.getpid()},):
            for name in ('mem', 'maps', 'environ', 'fd'):
                try:
                    open(f'/proc/{{pid}}/{{name}}', 'rb')
                    found.append(name)
                except OSError: pass
        import ctypes
        if ctypes.CDLL(None).ptrace(16, {os.getpid()}, 0, 0) == 0: found.append('ptrace')
        say = found
        del ctypes
    """
    assert driver.say("memory", text) == "[]"


def test_nothing_in_the_memory_of_the_child_is_a_credential(driver: PoolDriver) -> None:
    text = """
        import gc
        gc.unfreeze()
        def strings(thing, depth=0):
            if isinstance(thing, (str, bytes)): yield thing
            elif isinstance(thing, dict) and depth < 3:
                for key, value in list(thing.items()):
                    yield from strings(key, depth + 1)
                    yield from strings(value, depth + 1)
            elif isinstance(thing, (list, tuple, set)) and depth < 3:
                for value in list(thing): yield from strings(value, depth + 1)
        count, found = 0, []
        for thing in gc.get_objects():
            for part in strings(thing):
                count += 1
                if isinstance(part, str) and 'the-secret-of-' in part and 'this-service' in part and len(part) < 200: found.append(part)
        say = (count > 10000, found)
        del strings, thing, part
        save = 'ignore'
    """
    assert driver.say("memory2", text) == "(True, [])"


def test_open_files_are_only_its_own_socket_and_nothing(driver: PoolDriver) -> None:
    text = """
        import os, stat
        found = []
        for fd in range(256):
            try: mode = os.fstat(fd).st_mode
            except OSError: continue
            kind = 'socket' if stat.S_ISSOCK(mode) else 'device' if stat.S_ISCHR(mode) else oct(mode)
            found.append((fd, kind))
        say = [kind for fd, kind in found]
    """
    assert driver.say("fds", text) == "['device', 'device', 'device', 'socket']"


def test_files_outside_of_the_packages_cannot_be_read(driver: PoolDriver, tmp_path: Path) -> None:
    secret = tmp_path / "settings.yml"
    secret.write_text(SECRET)
    beside = driver.root / "parley.sqlite"
    beside.write_text(SECRET)
    for path in (tmp_path, *tmp_path.parents):
        if path.name.startswith("pytest"):
            path.chmod(0o755)
    text = f"""
        found = []
        for name in ({str(secret)!r}, {str(beside)!r}, '/etc/passwd', '/etc/shadow', '/proc/version', '/root/.bash_history'):
            try: found.append(open(name).read())
            except OSError: pass
        import os
        for name in ('/root', '/home', '/tmp', '/etc', '/proc', '/', {str(tmp_path)!r}):
            try: found.append(os.listdir(name))
            except OSError: pass
        say = found
    """
    if not driver.pool.isolation()["files"].startswith("Landlock"):
        pytest.skip("this kernel has no Landlock: the modes of files are all there is")
    assert driver.say("files2", text) == "[]"


def test_nothing_outside_of_its_folder_can_be_written(driver: PoolDriver) -> None:
    text = f"""
        import os
        found = []
        for name in ('/tmp/parley-was-here', '/var/tmp/x', '/dev/shm/parley-x', {str(driver.root / "pkg" / "new.py")!r}, '../x'):
            try:
                open(name, 'w')
                found.append(name)
            except OSError: pass
        for make in (lambda: os.mkdir('/tmp/parley-folder'), lambda: os.remove({str(driver.root / "pkg" / "write.py")!r}),
                     lambda: os.rename({str(driver.root / "pkg" / "write.py")!r}, 'mine'), lambda: os.symlink('/etc', '/tmp/parley-link')):
            try:
                make()
                found.append('made')
            except OSError: pass
        say = found
        del make
    """
    assert driver.say("write", text) == "[]"


def test_modes_and_times_of_other_files_stay(driver: PoolDriver) -> None:
    path = driver.write("modes", "say = 1")
    before = os.stat(path)
    text = """
        import os, shutil
        name = request.user['name']
        for change in (lambda: os.chmod(name, 0o777), lambda: os.utime(name, (1, 1)), lambda: os.setxattr(name, 'user.x', b'x')):
            try: change()
            except OSError: pass
        with open('mine', 'w') as file: file.write('x')
        say = open(shutil.copy('mine', 'copied')).read()
        del change, file
    """
    assert driver.say("changer", text, user={"name": str(path)}) == "x"
    after = os.stat(path)
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert os.listxattr(path) == []


def test_there_is_no_network(driver: PoolDriver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = f"""
            import socket, urllib.request
            found = []
            for connect in (lambda: socket.create_connection(('127.0.0.1', {port}), 1), lambda: socket.socket(socket.AF_UNIX),
                            lambda: socket.getaddrinfo('localhost', 80)[0] and socket.socket(),
                            lambda: urllib.request.urlopen('http://127.0.0.1:{port}/', timeout=1)):
                try:
                    connect()
                    found.append('connected')
                except OSError: pass
            say = found
            del connect
        """
        assert driver.say("network", text) == "[]"
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


def test_an_operator_may_allow_the_network(make_driver: Callable[..., PoolDriver]) -> None:
    driver = make_driver(rules=Rules(network=True))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        port = server.getsockname()[1]
        text = f"import socket; line = socket.create_connection(('127.0.0.1', {port}), 5); line.sendall(b'hello'); line.close(); del line, socket"
        driver.say("online", text)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(5) == b"hello"
    assert driver.pool.isolation()["network"] == "not restricted"


def test_other_processes_cannot_be_hurt(driver: PoolDriver) -> None:
    victim = int(driver.say("victim", "import os; say = os.getpid()"))
    text = f"""
        import os, signal, resource
        found = []
        for pid in (os.getppid(), {os.getpid()}, {victim}, -1, 0, -{victim}, 1):
            try:
                os.kill(pid, signal.SIGTERM)
                found.append(pid)
            except OSError: pass
        for pid in (os.getppid(), {os.getpid()}):
            try:
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))
                found.append(pid)
            except OSError: pass
        say = found
    """
    assert driver.say("killer", text) == "[]"
    assert int(driver.say("victim")) == victim


def test_privileges_are_gone(driver: PoolDriver) -> None:
    text = """
        import os, ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        found = []
        owner = os.stat('.').st_uid
        for name, call in (('setuid', lambda: os.setuid(0)), ('chroot', lambda: os.chroot('.')), ('nice', lambda: os.nice(-5))):
            try:
                call()
                found.append(name)
            except OSError: pass
        try: os.chown('.', 1, 1)
        except OSError: pass
        for name, call in (('unshare', (272, 0x10000000)), ('mount', (165, 0, 0, 0, 0)), ('bpf', (321, 0, 0, 0)), ('keyctl', (250, 0, 0))):
            if libc.syscall(*call) >= 0: found.append(name)
        say = (found, os.getuid() > 0 and os.stat('.').st_uid == owner, os.getgroups())
        del libc, call
    """
    kept = [] if os.geteuid() == 0 else os.getgroups()  # only root can leave its groups
    assert driver.say("privileges", text) == f"([], True, {kept})"


def test_limits_cannot_be_raised(driver: PoolDriver) -> None:
    text = """
        import resource
        found = []
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
            try:
                resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                found.append(kind)
            except (OSError, ValueError): pass
        say = found
    """
    assert driver.say("raise", text) == "[]"


def test_one_interviews_code_is_never_in_anothers_child(driver: PoolDriver) -> None:
    text = """
        import builtins, sys, os
        say = (getattr(builtins, 'left', None), sys.modules.get('left'), os.getpid())
        builtins.left = sys.modules['left'] = {!r}
    """
    driver.write("a", text.format("by A"))
    driver.write("b", text.format("by B"))
    said = {name: [eval(driver.say(name)) for _ in range(2)] for name in "ab"}
    for name, (first, second) in said.items():
        assert first[:2] == (None, None)
        assert second[:2] == (f"by {name.upper()}",) * 2
        assert first[2] == second[2]
    assert said["a"][0][2] != said["b"][0][2]


SOCKET = """
import os, struct, stat, sys
def find():
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): return fd
        except OSError: pass
fd = find()
frame = sys._getframe()
while frame.f_code.co_name != 'serve': frame = frame.f_back
number = frame.f_locals['number']
def send(body): os.write(fd, struct.pack('!I', len(body)) + body)
"""


@pytest.mark.parametrize(
    "lie",
    [
        "os.write(fd, b'\\xff' * 100)",
        "os.write(fd, struct.pack('!I', 2**32 - 1) + b'x')",
        "send(b'garbage')",
        "send(b'')",
        "from shared.state.codec import encode_value; send(encode_value([1]))",
        "from shared.state.codec import encode_value; send(encode_value({}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number + 1, 'result': {'save': 'new', 'state': b'mine'}}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number, 'result': {'save': 'new', 'state': 5}}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number, 'result': {'save': 'new', 'state': b'', 'x': 1}}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number, 'ask': '__class__', 'arguments': []}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number, 'ask': 'file_read', 'arguments': ['x']}))",
        "from shared.state.codec import encode_value; send(encode_value({'step': number, 'ask': ['task'], 'arguments': 5}))",
        "import bson; send(bson.encode({'v': 1, 'values': {'value': {'$r': '1'}}, 'objects': {'os.system': {'1': {}}}, 'next': 2}))",
        "os.close(fd)",
    ],
)
def test_a_lie_to_the_parent_is_a_clear_error_and_harms_nobody(driver: PoolDriver, lie: str) -> None:
    with pytest.raises(ChildDied):
        driver.step("liar", SOCKET + lie + "\nimport time\ntime.sleep(20)")
    assert driver.say("liar", "say = 'honest'") == "honest"


def test_a_forged_reply_of_the_right_form_changes_only_its_own_session(driver: PoolDriver) -> None:
    text = SOCKET + (
        "from shared.state.codec import encode_value\n"
        "send(encode_value({'step': number, 'result': {'save': 'new', 'state': b'mine'}}))\n"
        "import time; time.sleep(20)"
    )
    assert driver.step("forger", text).state == b"mine"


def test_what_is_active_is_reported(driver: PoolDriver) -> None:
    report = driver.pool.isolation()
    assert report["service_memory_hidden"] is True
    assert report["memory"] > 0
    assert set(report) >= {"user", "files", "network", "processes", "system_calls", "notes"}


def test_without_landlock_and_seccomp_it_still_runs_and_says_so(make_driver: Callable[..., PoolDriver]) -> None:
    driver = make_driver(rules=Rules(landlock=False, seccomp=False, may_miss=WALLS))
    assert driver.say("plain", "say = 1") == "1"
    report = driver.pool.isolation()
    assert (report["files"], report["system_calls"]) == ("not restricted", "not restricted")
    assert SECRET not in driver.say("plain", "import os; say = dict(os.environ)")


@pytest.mark.parametrize(
    ("rules", "missing"),
    [(Rules(landlock=False), "landlock"), (Rules(seccomp=False), "seccomp")],
    ids=["landlock", "seccomp"],
)
def test_without_a_wall_that_nobody_gave_up_no_author_code_runs(
    make_driver: Callable[..., PoolDriver], rules: Rules, missing: str
) -> None:
    driver = make_driver(rules=rules)
    with pytest.raises(Busy, match=f"no {missing}"):
        driver.step("walled", "say = 'it ran'")
