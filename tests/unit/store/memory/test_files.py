from tests.contract.store.test_files import *  # noqa: F403
