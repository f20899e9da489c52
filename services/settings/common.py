"""What every service reads: where bus and store are, the secrets, the packages, logs and health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services import values
from services.settings.declaring import setting
from services.settings.folders import DEFAULT
from shared.language.sources import Root

_HERE = Path()


@dataclass(frozen=True, kw_only=True)
class Common:
    amqp_uri: str | None = setting(
        None, values.uri("amqp", "amqps", "pyamqp"), "RabbitMQ", env="AMQP_URI", hidden=True, key="rabbitmq"
    )
    store_uri: str | None = setting(
        None,
        values.uri("mongodb", "mongodb+srv", "sqlite"),
        "MongoDB; without it, SQLite in `var`",
        env="MONGO_URI",
        hidden=True,
        key="store",
    )
    bus_prefix: str = setting(
        "parley", values.name, "begins all names at the broker, so that installations can share one"
    )
    var: Path = setting(DEFAULT, values.path, "folder for what the embedded system keeps ($XDG_STATE_HOME/parley)")  # noqa: RUF009 (a Path is immutable)
    packages: tuple[Path | Root, ...] = setting(
        (_HERE,), values.paths, "folders that hold packages of interviews; name=folder: one that is a package"
    )
    secret: str = setting(
        "",
        values.secret,
        "signs cookies and seals what is kept; the same for all services",
        hidden=True,
        key="secretkey",
    )
    keys: str = setting(
        "",
        values.keys,
        "newer keys than the secret, id:base64, separated by commas, the newest first (parley keys new)",
        hidden=True,
    )
    config: Mapping[str, Any] = setting(
        {}, values.mapping, "what interviews get from get_config()", hidden=True, nested=True
    )
    timezone: str = setting("UTC", values.zone, "time zone of schedules and dates")
    health_host: str = setting("127.0.0.1", values.text, "address of /healthz and /metrics of a service")
    health_port: int = setting(0, values.whole(0, 65535), "port of /healthz and /metrics of a service; 0: none")
    stop_seconds: float = setting(6.0, values.seconds(0, 7), "how long work may go on after SIGTERM")
    log_level: str = setting("INFO", values.level, "DEBUG, INFO, WARNING or ERROR")
    log: Path | None = setting(  # noqa: RUF009 (None is immutable; the check takes its name from `log` above)
        None,
        values.path,
        "folder for worker.log, cron.log, scheduler.log: what interviews said and failed of",
    )
    debug: bool = setting(False, values.flag, "show authors what went wrong on the error page")

    @property
    def distributed(self) -> bool:
        return self.amqp_uri is not None

    @property
    def database(self) -> str:
        """The store's address: `store_uri`, or the SQLite file in `var`."""
        return self.store_uri or f"sqlite:///{(self.var / 'parley.sqlite').absolute()}"
