"""What an operator can set, from the environment and a YAML file, checked in one go. Not for: what authors set in interviews.

A value comes from (first found wins): the command line, the environment, the file named by ``PARLEY_CONFIG``, the default.
In the file the names are those of the fields below, with spaces, hyphens or underscores: ``interview delete days: 30``.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from services import values
from services.values import SECRET_LENGTH

_HERE = Path()
_VAR = Path("var")


class SettingsError(Exception):
    """One or more settings are wrong; the message has a line for each, with where it was set and what is expected."""


def _setting(default: Any, parse: Callable[[Any], Any], says: str, *, env: str = "", hidden: bool = False) -> Any:
    """A field with its parser, what it is for, the name of its environment variable if unusual, and whether to print it."""
    about = {"parse": parse, "says": says, "env": env}
    if isinstance(default, Mapping):
        return field(default_factory=lambda: MappingProxyType(dict(default)), repr=not hidden, metadata=about)
    return field(default=default, repr=not hidden, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, valid. Read them with `load`; never print a field that `repr` leaves out."""

    amqp_uri: str | None = _setting(
        None, values.uri("amqp", "amqps", "pyamqp"), "RabbitMQ", env="AMQP_URI", hidden=True
    )
    store_uri: str | None = _setting(
        None,
        values.uri("mongodb", "mongodb+srv", "sqlite"),
        "MongoDB; without it, SQLite in `var`",
        env="MONGO_URI",
        hidden=True,
    )
    bus_prefix: str = _setting(
        "parley", values.name, "begins all names at the broker, so that installations can share one"
    )
    var: Path = _setting(_VAR, values.path, "folder for what the embedded system keeps")  # noqa: RUF009 (a Path is immutable)
    packages: tuple[Path, ...] = _setting((_HERE,), values.paths, "folders that hold packages of interviews")
    secret: str = _setting(
        "", values.secret, "signs cookies and seals what is kept; the same for all services", hidden=True
    )
    config: Mapping[str, Any] = _setting({}, values.mapping, "what interviews get from get_config()", hidden=True)

    host: str = _setting("127.0.0.1", values.text, "address on which the gateway listens")
    port: int = _setting(8000, values.whole(0, 65535), "port of the gateway")
    url_root: str | None = _setting(
        None, values.uri("http", "https"), "address that browsers use, if a proxy is in front"
    )
    max_request: int = _setting(16, values.whole(1, 1024), "largest request to the gateway in MB")
    trusted_proxies: int = _setting(
        0, values.whole(0, 10), "proxies in front of the gateway whose X-Forwarded headers count"
    )

    smtp_host: str = _setting("127.0.0.1", values.text, "address on which mail_ingest listens")
    smtp_port: int = _setting(8025, values.whole(0, 65535), "port of mail_ingest")
    smtp_domain: str = _setting("localhost", values.domain, "domain of the addresses of sessions")
    smtp_max: int = _setting(25, values.whole(1, 60), "largest mail that mail_ingest takes, in MB")
    smtp_per_minute: int = _setting(
        120,
        values.whole(0, 1_000_000),
        "mails that mail_ingest takes from one address of the network in a minute; 0: any",
    )
    smtp_connections: int = _setting(100, values.whole(1, 10_000), "connections that one mail_ingest holds at a time")
    outgoing_smtp: str | None = _setting(
        None, values.uri("smtp", "smtps"), "server for outgoing mail: smtp://user:password@host:587", hidden=True
    )
    mail_sender: str = _setting("parley@localhost", values.text, "sender of outgoing mail")

    foreground_seconds: float = _setting(
        30.0, values.seconds(0.1, 3600), "longest run of an interview's code for a screen"
    )
    background_seconds: float = _setting(3600.0, values.seconds(0.1, 7 * 86400), "longest run of a background action")
    memory_mb: int = _setting(512, values.whole(32, 1_000_000), "memory that an interview's code may use")
    author_network: bool = _setting(False, values.flag, "whether an interview's code may use the network")
    interview_workers: int = _setting(8, values.whole(1, 1000), "calls that one interview service handles at a time")
    task_workers: int = _setting(4, values.whole(1, 1000), "background actions that one worker runs at a time")

    timezone: str = _setting("UTC", values.zone, "time zone of schedules and dates")
    interview_delete_days: int = _setting(
        90, values.whole(0, 36500), "days without use after which a session goes; 0: never"
    )
    checkin_interval: float = _setting(
        6.0, values.seconds(0, 3600), "seconds between check-ins of an open page; 0: none"
    )

    health_host: str = _setting("127.0.0.1", values.text, "address of /healthz and /metrics of a service")
    health_port: int = _setting(0, values.whole(0, 65535), "port of /healthz and /metrics of a service; 0: none")
    stop_seconds: float = _setting(6.0, values.seconds(0, 7), "how long work may go on after SIGTERM")
    log_level: str = _setting("INFO", values.level, "DEBUG, INFO, WARNING or ERROR")
    debug: bool = _setting(False, values.flag, "show authors what went wrong on the error page")

    @property
    def distributed(self) -> bool:
        return self.amqp_uri is not None

    @property
    def database(self) -> str:
        """The store's address: `store_uri`, or the SQLite file in `var`."""
        return self.store_uri or f"sqlite:///{(self.var / 'parley.sqlite').absolute()}"

    @property
    def memory_bytes(self) -> int:
        return self.memory_mb * 1024 * 1024

    def environment(self) -> dict[str, str]:
        """Variables that make another process load the same settings (secrets included: for own children only)."""
        result = {}
        for item in _FIELDS.values():
            value = getattr(self, item.name)
            if item.name == "config" or value is None:
                continue
            result[variable(item)] = ":".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return result


_FIELDS: Mapping[str, Field[Any]] = MappingProxyType({item.name: item for item in fields(Settings)})


def variable(item: Field[Any]) -> str:
    """The environment variable of a field."""
    return str(item.metadata["env"]) or f"PARLEY_{item.name.upper()}"


def variables() -> dict[str, str]:
    """Every environment variable that is read, with what it is for."""
    return {variable(item): str(item.metadata["says"]) for item in _FIELDS.values()} | {
        "PARLEY_CONFIG": "a YAML file with settings"
    }


def load(environ: Mapping[str, str] | None = None, /, *, need_secret: bool = True, **given: Any) -> Settings:
    """The settings from `given` (a command line; None is not given), the environment and the file. Raises `SettingsError`.

    Without ``PARLEY_SECRET`` the embedded system makes one and keeps it in `var`; a distributed system must be given one
    (`need_secret=False`: for commands that neither sign nor seal).
    """
    environ = os.environ if environ is None else environ
    found: dict[str, tuple[str, Any]] = {}
    problems: list[str] = []
    if path := environ.get("PARLEY_CONFIG"):
        found.update(_from_file(Path(path), problems))
    found.update(_from_environment(environ, problems))
    for name, value in given.items():
        if name not in _FIELDS:
            raise TypeError(f"there is no setting {name!r}")
        if value is not None:
            found[name] = (f"--{name.replace('_', '-')}", value)
    valid: dict[str, Any] = {}
    for name, (place, value) in found.items():
        try:
            valid[name] = _FIELDS[name].metadata["parse"](value)
        except ValueError as error:
            shown = "" if not _FIELDS[name].repr else f", not {str(value)[:60]!r}"
            problems.append(f"{place}: expected {error}{shown}")
    if not problems and "secret" not in valid and need_secret:
        if valid.get("amqp_uri") is None:
            valid["secret"] = _kept_secret(valid.get("var", _VAR))
        else:
            problems.append(
                f"PARLEY_SECRET: all services need the same one, at least {SECRET_LENGTH} random characters "
                "(openssl rand -base64 33)"
            )
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(**valid)


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[str, Any]]:
    names = {variable(item): item.name for item in _FIELDS.values() if item.name != "config"}
    found = {name: (key, environ[key]) for key, name in names.items() if environ.get(key)}
    known = {*names, "PARLEY_CONFIG"}
    for key in environ:
        # Kubernetes puts PARLEY_<SERVICE>_… of its own there, so only what looks like a slip of the pen is refused.
        if key.startswith("PARLEY_") and key not in known and (near := get_close_matches(key, known, 1, 0.85)):
            problems.append(f"{key}: there is no such setting; did you mean {near[0]}?")
    return found


def _from_file(path: Path, problems: list[str]) -> dict[str, tuple[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        problems.append(f"PARLEY_CONFIG: cannot read {path}: {error.strerror}")
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(f"{path}{f', line {mark.line + 1}' if mark else ''}: this is not YAML")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        problems.append(f"{path}: expected a mapping from settings to values")
        return {}
    found = {}
    for key, value in content.items():
        name = re.sub(r"[ -]+", "_", str(key).strip().lower())
        if name not in _FIELDS:
            near = get_close_matches(name, _FIELDS, 1, 0.6)
            hint = f"; did you mean {near[0].replace('_', ' ')!r}?" if near else ""
            problems.append(f"{path}: there is no setting {str(key)!r}{hint}")
        elif value is not None:
            found[name] = (f"{path}: {key}", value)
    return found


def _kept_secret(var: Path) -> str:
    """The secret of an embedded system, made on its first start. Two first starts at once agree on one."""
    path = var / "secret"
    try:
        var.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written whole before it has its name, so that nobody ever reads half of it.
            draft = var / f"secret.{secrets.token_hex(8)}"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(SECRET_LENGTH))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return values.secret(path.read_text("ascii").strip())
    except ValueError:
        raise SettingsError(
            f"{path}: expected {SECRET_LENGTH} or more random characters; restore it from a backup"
        ) from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot keep the secret there: {error.strerror}") from None
