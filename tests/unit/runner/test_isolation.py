"""The parts of isolation that can be looked at without giving anything up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from shared.runner import engine, isolation
from shared.runner.handles import clean_environment
from shared.runner.settings import Setup


def test_the_environment_of_the_zygote_is_a_list_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PARLEY_SECRET", "MONGO_URI", "AMQP_URI", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    environment = clean_environment()
    assert "secret" not in environment.values()
    assert environment["LANG"] == "de_DE.UTF-8"
    assert Path(environment["PYTHONPATH"], "shared", "runner").is_dir()


def test_modes_tell_who_can_read(tmp_path: Path) -> None:
    file = tmp_path / "open" / "file"
    file.parent.mkdir()
    file.write_text("x")
    for folder in (file.parent, *file.parents):
        if not os.stat(folder).st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o711)
    file.chmod(0o644)
    assert isolation._open_to(65534, str(file))
    file.chmod(0o600)
    assert not isolation._open_to(65534, str(file))
    assert isolation._open_to(file.stat().st_uid, str(file))
    assert not isolation._open_to(65534, str(tmp_path / "nothing"))


def test_python_is_among_the_system_paths() -> None:
    assert {sys.prefix, sys.base_prefix} <= set(isolation.system_paths())


def test_only_packages_below_a_root_are_readable(tmp_path: Path) -> None:
    for folder in ("demos/data/questions", "docassemble/one/data/questions", "var", "services", ".git/data"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "helper.py").write_text("")
    (tmp_path / "parley.sqlite").write_text("")
    names = {Path(path).name for path in engine.readable([str(tmp_path)])}
    assert names == {"demos", "docassemble", "helper.py"}
    assert engine.readable([str(tmp_path / "nowhere")]) == []


def test_a_setup_travels() -> None:
    setup = Setup(roots=("/a", "/b"), folder="/tmp/x", rules=isolation.Rules(user=5, readable=("/x",), network=True))
    assert Setup.from_plain({**setup.plain(), "roots": list(setup.roots)}) == setup
