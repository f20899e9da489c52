import pytest

from tests.contract.documents.test_forms import *  # noqa: F403
from tests.unit.documents.inplace import InPlace


@pytest.fixture(scope="module")
def making() -> InPlace:
    return InPlace()
