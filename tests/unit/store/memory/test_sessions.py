from tests.contract.store.test_sessions import *  # noqa: F403

del test_a_large_state_comes_back_whole_and_is_replaced  # noqa: F821  (megabytes belong to the files and servers that hold them)
