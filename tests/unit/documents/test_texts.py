"""Texts and pages of documents, made in this process; hostile ones, and all that the process does, are the contract tier's."""

from __future__ import annotations

import pytest

from tests.contract.documents.test_files import (  # noqa: F401
    test_a_page_lies_over_those_that_are_meant,
    test_pages_are_numbered,
    test_pdf_files_are_joined_and_protected,
    test_what_cannot_be_converted_says_so,
)
from tests.contract.documents.test_making import (  # noqa: F401
    test_a_picture_of_the_document_is_shown_with_its_width,
    test_an_order_that_is_none_is_refused,
    test_pages_have_headers_numbers_and_margins,
    test_tags_lay_out_paragraphs,
    test_the_first_page_is_shown_as_a_picture,
    test_the_words_are_in_every_format,
)
from tests.unit.documents.inplace import InPlace


@pytest.fixture(scope="module")
def making() -> InPlace:
    return InPlace()
