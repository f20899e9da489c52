"""The parts of isolation that can be looked at without giving anything up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.runner import isolation
from shared.runner.environment import clean_environment
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


def test_a_setup_travels() -> None:
    setup = Setup(
        roots=("/a", "/b"), folder="/tmp/x", rules=isolation.Rules(user=5, readable=("/x",), may_miss=("user",))
    )
    assert Setup.from_plain({**setup.plain(), "roots": list(setup.roots)}) == setup


def test_the_network_is_open_to_packages_that_are_named() -> None:
    rules = isolation.Rules(networked=("forms", "docassemble.demo"))
    assert rules.of("forms:data/questions/x.yml").network
    assert rules.of("docassemble.demo:x.yml").network
    assert not rules.of("demo:x.yml").network
    assert isolation.Rules(network=True).of("demo:x.yml").network


@pytest.mark.parametrize(
    ("report", "may_miss", "refused"),
    [
        ({}, (), "no landlock and no seccomp and no user"),
        ({"files": "Landlock (ABI 7)"}, (), "no seccomp and no user"),
        ({}, ("landlock", "user"), "no seccomp"),
        ({}, isolation.WALLS, None),
        ({"files": "Landlock (ABI 1)", "system_calls": "seccomp"}, ("user",), None),
    ],
)
def test_a_wall_that_is_missing_is_named(
    report: dict[str, str], may_miss: tuple[str, ...], refused: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    active = isolation.Report(**report)  # type: ignore[arg-type]  # texts all
    if refused is None:
        isolation._account(active, isolation.Rules(may_miss=may_miss))
        assert set(active.missing) <= set(may_miss)
    else:
        with pytest.raises(isolation.WallMissing, match=refused):
            isolation._account(active, isolation.Rules(may_miss=may_miss))
