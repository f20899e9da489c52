"""Compiled interviews on disk, as pools use them: a second pool takes what the first compiled; author code reaches none of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shared.runner.pool import ProcessPool
from tests.contract.runner.test_interviews import Session, root, write

__all__ = ["root"]

_PRYING = """\
mandatory: True
code: |
  import os
  tried = []
  def attempt(what):
    try:
      what()
      tried.append('done')
    except OSError as error:
      tried.append(type(error).__name__)
  attempt(lambda: os.listdir({folder!r}))
  attempt(lambda: open({folder!r} + '/new', 'w'))
  del attempt
---
mandatory: True
question: ${{ ' '.join(tried) }}
"""


def test_a_second_pool_takes_what_the_first_compiled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("compiled") / "compiled"
    name = write(root, "prying", _PRYING.format(folder=str(folder)))
    past = 1_700_000_000
    for place in (root, *root.rglob("*")):
        os.utime(place, (past, past))
    kept = []
    for _ in range(2):
        pool = ProcessPool(roots=[root], cache=folder)
        try:
            session = Session(pool, name)
            session.step()
            assert session.question() == "PermissionError PermissionError"
        finally:
            pool.close()
        (file,) = folder.iterdir()
        kept.append((file.name, file.stat().st_ino))
    assert kept[0] == kept[1]  # read, not written again


def test_what_is_doubtful_is_said_in_the_log(root: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Also where the interview comes from disk."""
    name = write(root, "doubtful", "mandatory: True\nquestoin: Hi\nquestion: Hello\n")
    for _ in range(2):
        pool = ProcessPool(roots=[root], cache=tmp_path / "compiled")
        try:
            Session(pool, name).step()
        finally:
            pool.close()
    said = [record.__dict__["reason"] for record in caplog.records if record.message == "interview_doubtful"]
    assert len(said) == 2
    assert said[0] == said[1]
    assert "questoin" in said[0]
    assert "doubtful.yml:2" in said[0]
