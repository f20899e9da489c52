from tests.contract.store.test_storage import *  # noqa: F403
