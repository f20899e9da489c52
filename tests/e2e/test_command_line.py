"""``parley`` and ``make run`` as an operator meets them: what starts, what ends, and one clear line for each mistake."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import embedded, free_port, wait_for

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


def works(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True).returncode == 0


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


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


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    line = one_line(parley("run", "--port", "0", "--var", str(tmp_path / "file" / "below")))
    assert str(tmp_path / "file") in line


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
    names = ("python3.12", "python3.10", "python3.13", "python3.9")
    other = next((name for name in names if shutil.which(name) and works(name)), None)
    if other is None:
        pytest.skip("left out: needs a Python other than 3.11 on this machine")
    shutil.copy(ROOT / "Makefile", tmp_path / "Makefile")
    result = subprocess.run(
        ["make", f"PYTHON={other}", ".venv/bin/python"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert result.returncode != 0
    assert "Parley needs Python 3.11" in result.stderr


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
        again = Client(running.url, "demos:welcome.yml", session=session)
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
