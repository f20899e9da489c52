"""An operator starts Parley where a wall is missing, or with a secret within reach: nothing runs, and the line says why."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.attacks.victims import ROOT, Victim, command, lacks, project

SERVICE = {
    "AMQP_URI": "amqp://127.0.0.1:1/",
    "MONGO_URI": "mongodb://127.0.0.1:1/parley",
    "PARLEY_SECRET": "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT",
}


def said(folder: Path, lacking: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit status and error output of a command that must end by itself."""
    inherited = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
    done = subprocess.run(
        command(lacking, *arguments),
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), "PARLEY_VAR": str(folder / "var"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr + done.stdout


def need(lacking: str) -> None:
    for what in lacking.split(","):
        if not lacks(what):
            pytest.skip(f"{what} cannot be taken away here")


@pytest.mark.parametrize("lacking", ["landlock", "seccomp", "landlock,seccomp"])
@pytest.mark.parametrize("service", ["interview", "worker"])
def test_a_service_does_not_start_without_a_wall(tmp_path: Path, lacking: str, service: str) -> None:
    need(lacking)
    status, line = said(project(tmp_path / "p"), lacking, "start", service, **SERVICE)
    assert status == 2
    for wall in lacking.split(","):
        assert f"no {wall}" in line
    assert "PARLEY_MISSING_WALLS=" in line
    assert "Traceback" not in line


@pytest.mark.parametrize("arguments", [("--host", "0.0.0.0"), ("--host", "::")])
def test_parley_run_for_others_does_not_start_without_a_wall(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    need("landlock")
    ports = ("--port", "0", "--smtp-port", "0")
    status, line = said(project(tmp_path / "p"), "landlock", "run", *ports, *arguments)
    assert (status, "no landlock" in line) == (2, True), line


def test_an_operator_names_what_may_be_missing(tmp_path: Path) -> None:
    need("landlock")
    victim = Victim(
        project(tmp_path / "p"), "landlock", {"PARLEY_MISSING_WALLS": "landlock,user"}, ("--host", "0.0.0.0")
    )
    try:
        assert victim.said[-1].startswith("Author code runs without landlock"), (victim.said, victim.process.poll())
        port = victim.url.rpartition(":")[2]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert json.load(answer)["walls"]["landlock"] is False
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b'parley_wall{wall="landlock"} 0.0' in answer.read()
    finally:
        victim.stop()


def test_a_wall_that_is_named_is_not_another(tmp_path: Path) -> None:
    need("landlock,seccomp")
    folder = project(tmp_path / "p")
    status, line = said(folder, "landlock,seccomp", "start", "worker", PARLEY_MISSING_WALLS="landlock,user", **SERVICE)
    assert status == 2
    assert "no seccomp" in line
    assert "no landlock" not in line
    status, line = said(folder, "", "start", "worker", PARLEY_MISSING_WALLS="doors", **SERVICE)
    assert status == 2
    assert "some of landlock, seccomp, user" in line


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PARLEY_VAR": "victim/data/var"}, "victim/data/var"),
        ({"PARLEY_CONFIG": "victim/data/config.yml"}, "victim/data/config.yml"),
        ({"PARLEY_LOG": "victim/data/logs"}, "victim/data/logs"),
        ({"PARLEY_AUTHOR_READS": "."}, "var"),
    ],
)
def test_what_lies_within_reach_keeps_it_from_starting(
    tmp_path: Path, environment: Mapping[str, str], named: str
) -> None:
    folder = project(tmp_path / "p")
    (folder / "victim/data/config.yml").write_text("timezone: UTC\n")
    inside = {name: str(folder / value) for name, value in environment.items()}
    status, line = said(folder, "", "run", "--port", "0", "--smtp-port", "0", **inside)
    assert status == 2
    assert str(folder / named) in line
    assert "Move it elsewhere" in line


def test_a_package_inside_of_another_keeps_it_from_starting(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    (folder / "victim/inner/data/questions").mkdir(parents=True)
    status, line = said(folder, "", "run", "--port", "0", "--smtp-port", "0")
    assert status == 2
    assert "the package victim.inner lies inside of victim" in line


def test_the_doctor_says_the_same(tmp_path: Path) -> None:
    need("landlock")
    folder = project(tmp_path / "p")
    status, text = said(folder, "", "doctor")
    assert status == 0
    assert "Author code runs behind landlock, seccomp" in text
    status, text = said(folder, "landlock", "doctor", **SERVICE)
    assert status == 1
    assert "no landlock" in text
