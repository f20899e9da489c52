"""The victim: ``parley run`` as ``make run`` starts it, in a project's folder that holds packages, and secrets beside them.

Four victims, by who runs it and what the kernel has: root and a user, with and without Landlock.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench.browser import Client
from shared.runner import landlock
from tests.attacks.lacking import USER

ROOT = Path(__file__).parents[2]

#: Stands in every file that an interview must not read, and begins what is in the environment of the service.
SECRET = "planted-secret-4f1b97c0"

_FILES = {
    ".env": f"MONGO_PASSWORD={SECRET}\n",
    "config.yml": f"config:\n  key: {SECRET}\n",
    "notes.txt": SECRET,
    "other/data/questions/private.yml": f"mandatory: True\nquestion: {SECRET}\n",
    "other/words.py": f"KEY = {SECRET!r}\n",
    "victim/data/questions/start.yml": "mandatory: True\nquestion: Hello\n",
}


def command(lacking: str, *arguments: str) -> list[str]:
    """``parley`` with these arguments, on a machine that lacks something."""
    lacks = [sys.executable, "-m", "tests.attacks.lacking", lacking]
    return [*lacks, sys.executable, "-P", "-m", "services.cli.main", *arguments]


class Victim:
    """A running system. `interview` writes one of the attacker's; `client` begins a session of it."""

    def __init__(self, folder: Path, lacking: str, environment: Mapping[str, str], arguments: tuple[str, ...]) -> None:
        self.folder = folder
        self.is_root = "root" not in lacking and os.geteuid() == 0
        self.walled = "landlock" not in lacking
        #: In its environment only: a process of the same user that another test starts can be read until it has hidden itself.
        self.planted = f"{SECRET}-{os.getpid()}"
        inherited = {key: value for key, value in os.environ.items() if key not in ("AMQP_URI", "MONGO_URI")}
        self.process = subprocess.Popen(
            command(lacking, "run", "--port", "0", "--smtp-port", "0", *arguments),
            cwd=folder,
            env={
                **inherited,
                "PYTHONPATH": str(ROOT),
                "PARLEY_VAR": str(folder / "var"),
                "PLANTED": self.planted,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []
        self.url = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if "Parley is at" in line:
                self.url = line.split()[-1].rstrip("/")
            if line.startswith("Author code"):
                break

    def interview(self, name: str, text: str) -> str:
        path = self.folder / "attacker" / "data" / "questions" / f"{name}.yml"
        path.write_text(textwrap.dedent(text), "utf-8")
        return f"attacker:{name}.yml"

    def client(self, interview: str) -> Client:
        return Client(self.url, interview)

    def found(self, name: str, code: str) -> str:
        """What `code` leaves in the variable ``found``."""
        lines = textwrap.indent(textwrap.dedent(code), "  ")
        interview = self.interview(
            name, f"mandatory: True\ncode: |\n{lines}\n---\nmandatory: True\nquestion: |\n  found ${{ found }}\n"
        )
        question = self.client(interview).screen["question"]
        return str(question).strip().removeprefix("found ")

    def stop(self) -> str:
        """End it; what it said on its error output."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            _, said = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            _, said = self.process.communicate()
        return said


def project(folder: Path, *, owner: int | None = None) -> Path:
    """The folder of an operator's project, with an attacker's package in it."""
    (folder / "attacker" / "data" / "questions").mkdir(parents=True)
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if owner is not None:
            os.chown(path, owner, owner)
    return folder


def lacks(what: str) -> bool:
    """Whether `what` can be taken away here."""
    if what == "root":
        return os.geteuid() == 0
    return what != "landlock" or landlock.version() > 0


@pytest.fixture(
    scope="session", params=["", "landlock", "root", "root,landlock"], ids=["root", "root-bare", "user", "user-bare"]
)
def victim(request: pytest.FixtureRequest) -> Iterator[Victim]:
    lacking: str = request.param
    if os.geteuid() != 0:
        if "root" not in lacking:
            pytest.skip("these tests run as a user, and cannot become root")
        lacking = ",".join(part for part in lacking.split(",") if part != "root")
    if "landlock" not in lacking and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    # Not below pytest's own folder, which nobody else can enter.
    with tempfile.TemporaryDirectory(prefix="parley-attacks-") as made:
        folder = project(Path(made), owner=USER if "root" in lacking else None)
        running = Victim(folder, lacking, {}, ())
        assert running.url, running.stop()
        yield running
        running.stop()
