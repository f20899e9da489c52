from tests.contract.clock.test_sweeps import *  # noqa: F403
