"""gunicorn's worker as the gateway uses it."""

from __future__ import annotations

import os

import pytest
from gunicorn.config import Config, Setting

from services.gateway import serving


def test_gunicorn_looks_nothing_up_in_its_table_of_settings_for_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    cfg = Config()
    serving.limit(cfg, streams=7)
    # Properties of gunicorn's are asked for at the start only.
    wanted = {name: getattr(cfg, name) for name in cfg.settings if not isinstance(vars(Config).get(name), property)}
    assert {"keepalive", "forwarded_allow_ips", "limit_request_fields"} <= wanted.keys()
    worker = serving.Worker(0, os.getppid(), [], None, 0, cfg, serving.Messages(cfg))

    def look(setting: Setting) -> object:
        raise AssertionError(f"{setting.name} was looked up")

    monkeypatch.setattr(Setting, "get", look)
    assert {name: getattr(worker.cfg, name) for name in wanted} == wanted
    assert worker.cfg.worker_connections == 7 + serving.REQUESTS
