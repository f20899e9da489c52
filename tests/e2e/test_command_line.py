"""``parley`` and ``make run`` as an operator meets them: what starts, what ends, and one clear line for each mistake."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import embedded, free_port, wait_for
from tests.helpers import certificates

ROOT = Path(__file__).parents[2]


def parley(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    return subprocess.run(
        [sys.executable, "-m", "services.cli.main", *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_who_reads_no_further_is_no_mistake() -> None:
    command = [sys.executable, "-m", "services.cli.main", "config", "keys"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(parley("run", "--port", str(port), "--var", str(tmp_path), "--smtp-port", "0"))
        assert str(port) in line
        assert "--port" in line
        line = one_line(parley("run", "--port", "0", "--var", str(tmp_path), "--smtp-port", str(port)))
        assert str(port) in line
        assert "--smtp-port" in line


def test_a_certificate_that_does_not_fit_its_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = certificates.make(tmp_path)
    _, other = certificates.make(tmp_path / "other")
    given = {"PARLEY_SMTP_CERTIFICATE": str(certificate), "PARLEY_SMTP_KEY": str(other)}
    line = one_line(parley("run", "--port", "0", "--var", str(tmp_path / "var"), "--smtp-port", "0", **given))
    assert line == f"parley: {certificate}, {other}: the key is not that of the certificate"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    line = one_line(parley("run", "--port", "0", "--var", str(tmp_path / "file" / "below")))
    assert str(tmp_path / "file") in line


def test_a_damaged_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "parley.sqlite").write_bytes(b"not a database " * 400)
    line = one_line(parley("run", "--port", "0", "--smtp-port", "0", "--var", str(tmp_path)))
    assert f"{tmp_path / 'parley.sqlite'} is damaged" in line
    assert ".recover" in line


@pytest.mark.parametrize("how", ["removed", "emptied", "recreated"])
def test_a_database_that_is_gone_beside_its_secret_is_no_first_start(tmp_path: Path, how: str) -> None:
    where = ("--port", "0", "--smtp-port", "0", "--var", str(tmp_path))
    with running(*where) as said:
        assert any("Parley is at" in line for line in said)
    database = tmp_path / "parley.sqlite"
    kept = database.read_bytes()
    for path in tmp_path.glob("parley.sqlite*"):
        path.unlink()
    if how == "emptied":
        database.touch()
    elif how == "recreated":
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM")
    for _ in range(2):  # that it was told changes nothing
        line = one_line(parley("run", *where))
        assert f"{database} is not there, or empty" in line
        assert f"remove {tmp_path / 'database'}" in line
    database.write_bytes(kept)
    with running(*where) as said:
        assert any("Parley is at" in line for line in said)
    database.unlink()
    (tmp_path / "database").unlink()
    with running(*where) as said:
        assert any("Parley is at" in line for line in said)


def test_a_database_of_before_there_were_marks_is_marked(tmp_path: Path) -> None:
    where = ("--port", "0", "--smtp-port", "0", "--var", str(tmp_path))
    for _ in range(2):
        with running(*where) as said:
            assert any("Parley is at" in line for line in said)
        (tmp_path / "database").unlink(missing_ok=True)
    with running(*where) as said:
        assert any("Parley is at" in line for line in said)
    assert str(tmp_path / "parley.sqlite") in (tmp_path / "database").read_text()


def test_a_second_one_on_the_same_folder_is_told_who_has_it_until_that_one_is_killed(tmp_path: Path) -> None:
    where = ("--port", "0", "--smtp-port", "0", "--var", str(tmp_path))
    command = [sys.executable, "-m", "services.cli.main", "run", *where]
    environ = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    first = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        assert "Parley is at" in first.stdout.readline()
        line = one_line(parley("run", *where))
        assert f"{tmp_path} is in use by another parley (process {first.pid})" in line
        assert "--var" in line
    finally:
        first.kill()  # its children are not told
        first.wait()
        first.stdout.close()
    with running(*where) as said:
        assert any("Parley is at" in line for line in said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    line = one_line(parley("run", str(tmp_path / "nothing.yml"), "--var", str(tmp_path)))
    assert "nothing.yml" in line


@pytest.mark.parametrize("service", ["interview", "gateway"])
def test_a_service_without_broker_address_says_so(service: str) -> None:
    result = parley("start", service)
    assert result.returncode == 2
    assert "AMQP_URI" in result.stderr
    assert "Traceback" not in result.stderr


def test_wrong_settings_are_all_told(tmp_path: Path) -> None:
    result = parley("run", "--var", str(tmp_path), PARLEY_TIMEZONE="Nowhere/City", PARLEY_MEMORY_MB="few")
    assert result.returncode == 2
    assert "PARLEY_TIMEZONE" in result.stderr
    assert "PARLEY_MEMORY_MB" in result.stderr


def test_another_python_is_refused_by_make(tmp_path: Path) -> None:
    """What says that it is Python 3.10 is refused in one line, before anything is made."""
    other = tmp_path / "python3.10"
    other.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -c \"import sys; sys.version_info = (3, 10, 0); sys.version = '3.10.0'; $2\"\n"
    )
    other.chmod(0o755)
    for name in ("Makefile", "scripts.mk"):
        shutil.copy(ROOT / name, tmp_path / name)
    # Not as a part of the `make test` that may run this: what that was told (VENV=…) is not meant for this one.
    alone = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "VENV"}
    command = ["make", f"PYTHON={other}", ".venv/bin/python"]
    result = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert "Parley needs Python 3.11, 3.12 or 3.13; this is 3.10.0" in result.stderr
    assert not (tmp_path / ".venv").exists()


@contextlib.contextmanager
def running(*arguments: str, **environment: str) -> Iterator[list[str]]:
    """``parley run`` with `arguments`: the lines that it says until mail is spoken of. Stopped at the end."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PARLEY_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli.main", "run", *arguments],
        cwd=ROOT,
        env={**inherited, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "Answers are kept in" in line:
                break
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def test_answers_are_kept_in_the_state_folder_of_the_user_and_nobody_else_reads_it(tmp_path: Path) -> None:
    with running("--port", "0", "--smtp-port", "0", XDG_STATE_HOME=str(tmp_path / "state")) as said:
        kept = tmp_path / "state/parley"
        assert f"Answers are kept in {kept}" in said[-1]
        assert (kept / "parley.sqlite").is_file()
        assert stat.S_IMODE(kept.stat().st_mode) == 0o700


def test_a_page_finds_all_that_it_names(tmp_path: Path) -> None:
    """Scripts, styles and pictures are files beside the code: a wheel must have them too."""
    with running("--port", "0", "--smtp-port", "0", "--var", str(tmp_path)) as said:
        address = re.search(r"http://[^/]+", said[-2])
        assert address is not None
        for path in ("/", "/interview?i=demos:pictures-and-sound.yml"):
            with urllib.request.urlopen(address.group() + path, timeout=30) as page:
                named = set(re.findall(r'(?:src|href)="(/[^"#]+\.[a-z0-9]+(?:\?[^"]*)?)"', page.read().decode()))
            assert named
            for link in named:
                with urllib.request.urlopen(address.group() + html.unescape(link), timeout=30) as file:
                    assert file.read(), link


def test_two_run_side_by_side_and_the_second_says_where_its_mail_comes_in(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # somebody else's, which is as good
            taken.bind(("127.0.0.1", 8025))
            taken.listen()
        with running("--port", "0", "--var", str(tmp_path)) as said:
            assert "8025" in said[0]
            port = re.search(r"mail comes in on port (\d+)", said[-1])
            assert port is not None
            assert int(port[1]) not in (0, 8025)
            with socket.create_connection(("127.0.0.1", int(port[1])), 10) as mail:
                assert mail.recv(100).startswith(b"220")


@pytest.mark.parametrize("name", ["My forms (2026)", "2026", "email"])
def test_a_lone_interview_runs_from_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "household.py").write_text("def words():\n    return 'from its own module'\n", "utf-8")
    (tmp_path / f"{name}.py").write_text("raise RuntimeError('a file beside the folder')", "utf-8")
    file = folder / "flat.yml"
    file.write_text("modules:\n  - .household\n---\nmandatory: True\nquestion: Words ${ words() }\n", "utf-8")
    with running(str(file), "--port", "0", "--smtp-port", "0", "--var", str(tmp_path / "var")) as said:
        address = re.search(r"http://\S+", said[-2])
        assert address is not None
        with urllib.request.urlopen(address.group() + "&json=1", timeout=30) as reply:
            assert json.load(reply)["screen"]["question"].strip() == "Words from its own module"


def test_a_second_start_keeps_the_sessions_and_ctrl_c_stops_cleanly() -> None:
    with embedded() as running:
        client = Client(running.url, "demos:welcome.yml")
        client.answer({"first_name": "Mia"})
        session, (name, process) = client.reply["session"], running.processes[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(12) == 0
        assert "Traceback" not in running.logs()
        running.processes.clear()
        running.start(name, *[str(part) for part in process.args[3:]])  # type: ignore[index,union-attr]
        wait_for(running.url + "/", running)
        again = Client(running.url, "demos:welcome.yml", session=session, cookie=client.cookie)
        assert again.screen["question"].strip() == "What do you drink in the morning?"


@pytest.mark.parametrize("service", ["interview", "worker", "clock", "mail_ingest", "gateway"])
def test_sigterm_ends_a_service_that_never_found_its_broker(service: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "AMQP_URI": f"amqp://guest:guest@127.0.0.1:{free_port()}/",
        "MONGO_URI": f"mongodb://127.0.0.1:{free_port()}/none",
        "PARLEY_SECRET": "abcdefghijklmnopqrstuvwxyz0123456789",
        "PARLEY_PORT": str(free_port()),
        "PARLEY_SMTP_PORT": str(free_port()),
    }
    with open(tmp_path / "log", "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli.main", "start", service],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=out,
        )
    time.sleep(0.9)
    for _ in range(40):  # signals count once Python listens to them; before that SIGTERM ends it anyway
        if process.poll() is not None or (tmp_path / "log").stat().st_size:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
