from tests.contract.store.test_outgoing import *  # noqa: F403
