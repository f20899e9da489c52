from tests.contract.store.test_overview import *  # noqa: F403
