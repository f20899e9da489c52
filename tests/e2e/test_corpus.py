"""The recorded interviews show what was recorded, but for the exceptions in docs/corpus.md."""

from __future__ import annotations

import pytest

from tests import corpus


@pytest.mark.corpus
@pytest.mark.timeout(600)
def test_the_development_half_reaches_its_goals_and_every_exception_has_a_reason() -> None:
    assert corpus.run(corpus.folder()) == []
