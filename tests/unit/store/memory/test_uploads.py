from tests.contract.store.test_uploads import *  # noqa: F403
