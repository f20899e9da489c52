from tests.contract.store.test_steps import *  # noqa: F403
