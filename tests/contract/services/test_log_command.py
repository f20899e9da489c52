"""``parley log`` reads the store that the settings name, whichever that is; everything else is one clear line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from services.cli.log import log
from services.cli.main import LOGS, main, parser
from shared.store.checks import RUN_KINDS
from shared.store.open import open_store
from tests.contract.store.conftest import store_uri
from tests.contract.store.make import a_run, at

__all__ = ["store_uri"]


@pytest.fixture
def filled(store_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("AMQP_URI", "PARLEY_CONFIG", "PARLEY_VAR"):
        monkeypatch.delenv(name, raising=False)
    if store_uri.startswith("sqlite"):
        monkeypatch.delenv("MONGO_URI", raising=False)
        monkeypatch.setenv("PARLEY_VAR", str(tmp_path))
    else:
        monkeypatch.setenv("MONGO_URI", store_uri)
        monkeypatch.setenv("AMQP_URI", "amqp://nobody.invalid/")  # which is not asked
    store = open_store(store_uri)
    for number in range(3):
        store.runs.append(a_run(f"r{number}", at=at(number), lines=(f"line {number}",)))
    store.close()
    return store_uri


def said(kind: str, **options: object) -> tuple[int, list[str]]:
    out = io.StringIO()
    status = log(kind, out=out, **options)  # type: ignore[arg-type]
    return status, out.getvalue().splitlines()


def test_the_newest_come_first_and_pages_follow_each_other(filled: str) -> None:
    status, lines = said("worker", limit=2)
    assert status == 0
    assert [line.strip() for line in lines if line.startswith(" ")] == ["line 2", "line 1"]
    assert lines[-1].startswith("More: parley log worker --after ")
    _, rest = said("worker", limit=2, after=lines[-1].rpartition(" ")[2])
    assert [line.strip() for line in rest] == [rest[0], "line 0"]


def test_where_there_is_nothing_it_says_so(filled: str) -> None:
    assert said("cron") == (0, ["No run of cron has said anything or failed in the last 30 days."])
    assert said("scheduler") == (0, ["No run of scheduler has said anything or failed in the last 30 days."])


def test_a_page_that_is_none_is_one_clear_line(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said("worker", after="nonsense") == (2, [])
    assert capsys.readouterr().err.startswith("parley: a page begins where another one ended")


def test_a_folder_without_a_database_is_one_clear_line_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MONGO_URI", "mongodb://127.0.0.1:1/")  # a folder that is named counts more
    assert main(["log", "worker", "--var", str(tmp_path / "nowhere")]) == 2
    assert "there is no database in" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "given", [["log"], ["log", "nonsense"], ["log", "cron", "--limit", "0"], ["log", "cron", "--limit", "x"]]
)
def test_what_cannot_be_asked_is_refused(given: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(given)
    assert ended.value.code == 2


def test_the_command_knows_the_kinds_of_the_store() -> None:
    assert set(LOGS) == set(RUN_KINDS)
