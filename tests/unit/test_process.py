"""What keeps a service from starting is one clear line each, and nothing else happens."""

from __future__ import annotations

import pytest

from services.process import distributed, wrong_queues
from services.settings import SettingsError, load

SECRET = "k3-9fA_q7Zt2LmX0vBnR5sWcYpD8hJgE1uT"


def test_a_service_is_not_run_over_sqlite():
    settings = load({"AMQP_URI": "amqp://h", "MONGO_URI": "sqlite:///x", "PARLEY_SECRET": SECRET})
    with pytest.raises(SettingsError, match="MONGO_URI"):
        distributed(settings)


def test_a_worker_serves_queues_that_there_are():
    settings = load({"PARLEY_TASK_QUEUES": "slow, gpu", "PARLEY_SECRET": SECRET})
    assert wrong_queues(["gpu", "default"], settings) is None
    assert wrong_queues(["slo"], settings) == "there is no queue 'slo': `task queues` has default, slow, gpu"


@pytest.mark.parametrize("given", ["default", "Slow", "a b/c"])
def test_names_of_queues_that_are_none(given):
    with pytest.raises(SettingsError, match="default is the one of all"):
        load({"PARLEY_TASK_QUEUES": given, "PARLEY_SECRET": SECRET})
