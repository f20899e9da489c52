from tests.contract.store.test_schedule import *  # noqa: F403
