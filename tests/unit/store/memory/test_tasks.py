from tests.contract.store.test_tasks import *  # noqa: F403

del test_large_arguments_responses_and_results  # noqa: F821  (megabytes belong to the files and servers that hold them)
