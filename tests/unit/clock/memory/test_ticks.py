from tests.contract.clock.test_ticks import *  # noqa: F403
