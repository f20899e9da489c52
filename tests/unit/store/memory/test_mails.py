from tests.contract.store.test_mails import *  # noqa: F403
