from tests.contract.store.test_runs import *  # noqa: F403
