"""``parley``: which command is meant, and what is no command. What each does is the matter of its own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli import doctor, packages, stores
from services.cli.main import main
from services.logs import session_hash
from services.packages import pip
from services.settings import SettingsError, load
from shared.runner.probe import NoProbe
from tests.helpers.wheels import wheel

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AMQP_URI", "MONGO_URI", "PARLEY_SECRET", "PARLEY_CONFIG", "PARLEY_PACKAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))


def test_a_session_has_the_hash_that_logs_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["session-hash", "s1"]) == 0
    assert capsys.readouterr().out == f"{session_hash('s1')}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tasks", "show"], "show, revoke and retry are about one task"),
        (["tasks", "list", "t1"], "list is about all"),
        (["schedule", "pause"], "schedule pause needs the name of a schedule"),
        (["packages", "add"], "packages add needs a name"),
        (["packages", "list", "x"], "packages list takes no name"),
        (["log", "worker"], "there is no database in "),
        (["log", "worker", "--session", "abc"], "there is no database in "),
        (["tasks"], "there is no database in "),
        (["schedule", "list"], "there is no database in "),
        (["schedule", "log"], "there is no database in "),
        (["mail"], "there is no database in "),
        (["keys", "derive"], "keys derive takes the name of a service"),
        (["task", "no-class"], "'no-class' is no name of a class"),
    ],
)
def test_what_is_missing_is_said_with_status_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(words) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["nosuch"], ["mail", "--limit", "0"], ["log", "nosuch"], ["start"], ["keys", "x"]]
)
def test_what_is_no_command_shows_how_it_is_used(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: parley" in capsys.readouterr().err


def test_settings_that_are_wrong_stop_the_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARLEY_PORT", "many")
    monkeypatch.setenv("PARLEY_MEMORY_MB", "none")
    assert main(["doctor"]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["parley", "parley"]


def test_the_doctor_says_that_it_cannot_look(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot(rules: object) -> None:
        raise NoProbe("no process can be started here")

    monkeypatch.setattr(doctor, "probe", cannot)
    monkeypatch.setattr(doctor.walls, "check", lambda settings: type("Around", (), {"line": "Author code runs."}))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "network    closed to interviews (`author network`)",
        "walls      no process can be started here",
        "Author code runs.",
    ]


def test_packages_are_added_listed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = wheel(tmp_path / "index", "docassemble.Court")
    monkeypatch.setattr(pip, "fetch", lambda given, folder: [made])
    monkeypatch.setattr(pip, "install", lambda requirements, folder: None)
    folder = tmp_path / "set"
    assert packages.packages("add", "docassemble.Court", into=str(folder)) == 0
    added = capsys.readouterr().out
    assert f"docassemble.Court 1.0 in {folder / 'docassemble/Court'}" in added
    assert f"export PARLEY_PACKAGES={folder}" in added
    monkeypatch.setenv("PARLEY_PACKAGES", str(folder))
    assert packages.packages("add", "docassemble.Court", into=str(folder)) == 0
    assert "export" not in capsys.readouterr().out
    assert packages.packages("list", None, into=str(folder)) == 0
    assert capsys.readouterr().out.startswith("docassemble.Court 1.0  docassemble.Court  from docassemble.Court")
    assert packages.packages("check", None, into=str(folder)) == 0
    assert packages.packages("remove", "docassemble.Court", into=str(folder)) == 0
    assert packages.packages("remove", "docassemble.Court", into=str(folder)) == 1
    assert "no package" in capsys.readouterr().err


def test_packages_lie_where_data_of_the_user_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert packages.default_folder() == tmp_path / "parley" / "packages"


def test_a_folder_names_the_system_in_it_whatever_else_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URI", "amqp://h")
    monkeypatch.setenv("MONGO_URI", "mongodb://h")
    assert stores.settings_for(None).database == "mongodb://h"
    named = stores.settings_for(str(tmp_path))
    assert (named.database, named.distributed, named.secret) == (f"sqlite:///{tmp_path}/parley.sqlite", False, "")
    (tmp_path / "secret").write_text(SECRET)
    assert stores.settings_for(str(tmp_path)).secret == SECRET


def test_a_folder_without_a_database_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no database in"):
        stores.open_named(load({"PARLEY_VAR": str(tmp_path)}, need_secret=False))
