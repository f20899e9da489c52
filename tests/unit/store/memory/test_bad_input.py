from tests.contract.store.test_bad_input import *  # noqa: F403
