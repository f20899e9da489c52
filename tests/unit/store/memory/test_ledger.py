from tests.contract.store.test_ledger import *  # noqa: F403
