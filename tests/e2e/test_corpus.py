"""The recorded interviews show what was recorded, but for the exceptions in docs/corpus.md."""

from __future__ import annotations

import pytest

from tests import corpus, documents_corpus


@pytest.mark.corpus
@pytest.mark.timeout(600)
def test_the_development_half_reaches_its_goals_and_every_exception_has_a_reason() -> None:
    assert corpus.run(corpus.folder()) == []


@pytest.mark.corpus
@pytest.mark.timeout(600)
def test_the_documents_of_the_development_half_say_what_they_were_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert documents_corpus.main([]) == 0, capsys.readouterr().out
