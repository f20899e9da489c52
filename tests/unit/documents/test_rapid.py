"""What RapidOCR finds on a page, put into lines."""

from __future__ import annotations

import pytest

from shared.documents import rapid
from shared.documents.ports import Unsupported


def test_what_stands_side_by_side_is_one_line() -> None:
    found = [(400.0, 12.0, 500.0, 30.0, "right"), (0.0, 50.0, 90.0, 70.0, "below"), (0.0, 10.0, 90.0, 32.0, "left")]
    assert rapid.lines(found) == ["left right", "below"]
    assert rapid.lines([]) == []


def test_languages_that_the_models_do_not_know_are_refused_before_anything_is_loaded() -> None:
    with pytest.raises(Unsupported, match=r"not 'rus'.*tesseract-ocr"):
        rapid.read(b"", "eng+rus")
