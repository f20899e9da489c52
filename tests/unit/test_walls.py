"""What keeps a service from running author code, told before anything runs. That the walls hold: tests/attacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services import walls
from services.settings import Settings, SettingsError, load
from shared.runner.isolation import WALLS, Report


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("PARLEY_CONFIG", raising=False)
    for name in ("one/data/questions/a.yml", "two/data/questions/b.yml"):
        path = tmp_path / "packages" / name
        path.parent.mkdir(parents=True)
        path.write_text("question: x", "utf-8")
    return Settings(packages=(tmp_path / "packages",), var=tmp_path / "var")


def all_up(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    report = Report(missing=list(missing), notes=["a note"])
    monkeypatch.setattr(walls, "probe", lambda rules: report)
    monkeypatch.setattr("os.geteuid", lambda: 0)


def test_all_walls_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    all_up(monkeypatch)
    found = walls.check(settings)
    assert found.active == {"landlock": True, "seccomp": True, "user": True, "session": True}
    assert found.line == "Author code runs behind landlock, seccomp, user."


def test_a_service_that_is_not_root_has_no_user_to_give(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    all_up(monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert set(walls.check(settings).active) == {"landlock", "seccomp", "session"}


def test_sessions_that_share_processes_are_told_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    all_up(monkeypatch)
    found = walls.check(replace(settings, isolation="interview"))
    assert not found.active["session"]
    assert "without session here (what it leaves behind meets the next session of its interview)" in found.line


def test_a_missing_wall_is_refused_with_what_to_do(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    all_up(monkeypatch, "landlock", "user")
    with pytest.raises(
        walls.WallsDown, match=r"no landlock and no user \(a note\).*PARLEY_MISSING_WALLS=landlock,user"
    ):
        walls.check(settings)
    with pytest.raises(walls.WallsDown, match=r"no user .*PARLEY_MISSING_WALLS=user"):
        walls.check(replace(settings, missing_walls=("landlock",)))
    found = walls.check(replace(settings, missing_walls=("landlock", "user")))
    assert "without landlock, user here (it can read what this user can read; it runs as root)" in found.line


@pytest.mark.parametrize(
    ("host", "smtp", "goes_on"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("localhost", "::1", True),
        ("0.0.0.0", "127.0.0.1", False),
        ("127.0.0.1", "0.0.0.0", False),
        ("example.org", "127.0.0.1", False),
    ],
)
def test_only_who_is_alone_goes_on_without_walls(settings: Settings, host: str, smtp: str, goes_on: bool) -> None:
    found = walls.at_an_authors_desk(replace(settings, host=host, smtp_host=smtp))
    assert found.missing_walls == (WALLS if goes_on else ())


def test_what_lies_within_reach_is_named(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_up(monkeypatch)
    inside = tmp_path / "packages/one/data"
    with pytest.raises(
        walls.WallsDown, match=f"the folder for logs, {inside}/logs, lies in .* interviews of one can read"
    ):
        walls.check(replace(settings, log=inside / "logs"))
    monkeypatch.setenv("PARLEY_CONFIG", str(inside / "config.yml"))
    with pytest.raises(walls.WallsDown, match="the configuration"):
        walls.check(settings)
    monkeypatch.delenv("PARLEY_CONFIG")
    with pytest.raises(walls.WallsDown, match="the database"):
        walls.check(replace(settings, store_uri=f"sqlite:///{inside.absolute()}/x.sqlite"))


def test_settings_of_walls_are_checked() -> None:
    found = load(
        {"PARLEY_AUTHOR_NETWORK": "docassemble.demo, forms", "PARLEY_MISSING_WALLS": "user"}, need_secret=False
    )
    assert found.author_network == ("docassemble.demo", "forms")
    assert found.missing_walls == ("user",)
    assert load({"PARLEY_AUTHOR_NETWORK": "true"}, need_secret=False).author_network == ("all",)
    assert load({"PARLEY_AUTHOR_NETWORK": "no"}, need_secret=False).author_network == ()
    for name, value in (("PARLEY_AUTHOR_NETWORK", "not a package!"), ("PARLEY_MISSING_WALLS", "doors")):
        with pytest.raises(SettingsError, match=name):
            load({name: value}, need_secret=False)
    rules = walls.rules(replace(found, author_network=("all",)))
    assert (rules.network, rules.networked) == (True, ())
