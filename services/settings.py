"""What an operator can set, from the environment and a YAML file, checked in one go. Not for: what authors set in interviews.

A value comes from (first found wins): the command line, the environment, the file named by ``PARLEY_CONFIG``, the default.
In the file a setting stands under its field's name in words (``interview delete days: 30``), or where upstream has the concept
under upstream's key (`key`); `services.configuration` reads it. A new setting is one line here.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services import values
from services.configuration import units
from services.configuration.document import Node
from services.configuration.keys import Key
from services.configuration.mail import mail_servers
from services.configuration.reading import Configuration, read_file
from services.outgoing import Kind, OutgoingServer, as_text, from_address, servers_of
from services.schedules.jobs import Jobs
from services.schedules.jobs import read as read_jobs
from services.schedules.words import Declarations, events
from services.values import SECRET_LENGTH
from shared.language.sources import Root
from shared.runner.isolation import WALLS

log = logging.getLogger(__name__)

_HERE = Path()
_VAR = Path("~/.local/state/parley")


class SettingsError(Exception):
    """One or more settings are wrong; the message has a line for each, with where it was set and what is expected."""


def _setting(
    default: Any,
    parse: Callable[[Any], Any],
    says: str,
    *,
    env: str = "",
    hidden: bool = False,
    key: str = "",
    from_file: Callable[[Any], Any] | None = None,
    structure: Callable[[Node], Any] | None = None,
    takes: tuple[str, ...] = (),
    nested: bool = False,
) -> Any:
    """A field with its check, what it is for, the name of its environment variable if unusual, and whether to print it.

    `key` is where it stands in the file if not under its own name (``"mail: default sender"``); for `from_file`, `structure`,
    `takes` see `services.configuration.keys.Key` (`parse` checks what they give). `nested`: only a file can hold it.
    """
    about = {
        "parse": parse, "says": says, "env": env,
        "key": key, "from_file": from_file, "structure": structure, "takes": takes,
        "nested": nested,
    }  # fmt: skip
    if isinstance(default, Mapping):
        return field(default_factory=lambda: MappingProxyType(dict(default)), repr=not hidden, metadata=about)
    return field(default=default, repr=not hidden, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, valid. Read them with `load`; never print a field that `repr` leaves out."""

    amqp_uri: str | None = _setting(
        None, values.uri("amqp", "amqps", "pyamqp"), "RabbitMQ", env="AMQP_URI", hidden=True, key="rabbitmq"
    )
    store_uri: str | None = _setting(
        None,
        values.uri("mongodb", "mongodb+srv", "sqlite"),
        "MongoDB; without it, SQLite in `var`",
        env="MONGO_URI",
        hidden=True,
        key="store",
    )
    bus_prefix: str = _setting(
        "parley", values.name, "begins all names at the broker, so that installations can share one"
    )
    var: Path = _setting(_VAR, values.path, "folder for what the embedded system keeps ($XDG_STATE_HOME/parley)")  # noqa: RUF009 (a Path is immutable)
    packages: tuple[Path | Root, ...] = _setting(
        (_HERE,), values.paths, "folders that hold packages of interviews; name=folder: one that is a package"
    )
    secret: str = _setting(
        "",
        values.secret,
        "signs cookies and seals what is kept; the same for all services",
        hidden=True,
        key="secretkey",
    )
    keys: str = _setting(
        "",
        values.keys,
        "newer keys than the secret, id:base64, separated by commas, the newest first (parley keys new)",
        hidden=True,
    )
    config: Mapping[str, Any] = _setting(
        {}, values.mapping, "what interviews get from get_config()", hidden=True, nested=True
    )

    host: str = _setting("127.0.0.1", values.text, "address on which the gateway listens")
    port: int = _setting(8000, values.whole(0, 65535), "port of the gateway", key="http port")
    url_root: str | None = _setting(
        None, values.uri("http", "https"), "address that browsers use, if a proxy is in front"
    )
    hosts: tuple[str, ...] = _setting(
        (),
        values.hosts,
        "further names under which browsers ask for the pages; those of `url root` and of the machine itself always count",
        key="allowed hosts",
    )
    client_per_minute: int = _setting(
        600, values.whole(0, 1_000_000), "requests that one gateway takes from one browser in a minute; 0: any"
    )
    address_per_minute: int = _setting(
        3000, values.whole(0, 1_000_000), "requests that one gateway takes from one network address in a minute; 0: any"
    )
    address_connections: int = _setting(
        500,
        values.whole(0, 100_000),
        "connections that one gateway holds with one peer at a time; 0: any (as with `trusted proxies`)",
    )
    request_seconds: float = _setting(
        60.0, values.seconds(1, 3600), "longest that a request may take to arrive, and a piece of its answer to leave"
    )
    session_files_mb: int = _setting(
        1024,
        values.whole(0, 1_000_000),
        "MB of files that one session may hold for further uploads to be taken; 0: any",
    )
    uploads_mb_per_hour: int = _setting(
        20_480, values.whole(0, 10_000_000), "MB of uploads that one interview service takes in an hour; 0: any"
    )
    max_request: int = _setting(
        16,
        values.whole(1, 1024),
        "largest request to the gateway in MB (in the file, as upstream has it, in bytes)",
        key="maximum content length",
        from_file=units.bytes_to_megabytes,
    )
    trusted_proxies: int = _setting(
        0, values.whole(0, 10), "proxies in front of the gateway whose X-Forwarded headers count"
    )

    smtp_host: str = _setting("127.0.0.1", values.text, "address on which mail_ingest listens")
    smtp_port: int = _setting(8025, values.whole(0, 65535), "port of mail_ingest")
    smtp_tls_port: int = _setting(
        0, values.whole(0, 65535), "port of mail_ingest that is encrypted from the first byte (465); 0: none"
    )
    lmtp_port: int = _setting(
        0, values.whole(0, 65535), "port on which mail_ingest speaks LMTP with a mail server of yours; 0: none"
    )
    smtp_user: str | None = _setting(
        None, values.text, "user that mail_ingest becomes once its ports are open, if root starts it"
    )
    smtp_domain: tuple[str, ...] = _setting(
        (),
        values.domains,
        "domains of the addresses of sessions, the first for new ones; without it `external hostname`",
        key="incoming mail domain",
    )
    external_hostname: str | None = _setting(None, values.domain, "name by which others know this system")
    smtp_certificate: Path | None = _setting(  # noqa: RUF009 (None is immutable)
        None, values.file, "certificate (PEM, with its chain) of mail_ingest; read again when it changes"
    )
    smtp_key: Path | None = _setting(None, values.file, "key of the certificate")  # noqa: RUF009 (None is immutable)
    smtp_require_tls: bool = _setting(False, values.flag, "whether mail_ingest takes mail only encrypted")
    trusted_fronts: tuple[IPv4Network | IPv6Network, ...] = _setting(
        (), values.networks, "mail servers and load balancers of yours in front of mail_ingest, which are no senders"
    )
    authentication_server: str | None = _setting(
        None,
        values.text,
        "name under which a trusted front writes Authentication-Results; authors see them (email.authentication)",
    )
    check_senders: str = _setting(
        "none",
        values.one_of("none", "mark", "refuse"),
        "SPF, DKIM and DMARC of mail that comes from no trusted front: none, mark it, or also refuse what the sender's domain disowns",
    )
    dns_servers: tuple[tuple[str, int], ...] = _setting(
        (), values.nameservers, "name servers that these checks ask, as address or address:port; the machine's without"
    )
    smtp_proxy_protocol: bool = _setting(
        False, values.flag, "whether trusted fronts say with the PROXY protocol for whom they speak"
    )
    smtp_max: int = _setting(25, values.whole(1, 60), "largest mail that mail_ingest takes, in MB")
    smtp_per_minute: int = _setting(
        120,
        values.whole(0, 1_000_000),
        "mails that mail_ingest takes from one address of the network in a minute; 0: any",
    )
    smtp_per_sender: int = _setting(60, values.whole(0, 1_000_000), "mails of one sender in a minute; 0: any")
    smtp_per_session: int = _setting(60, values.whole(0, 1_000_000), "mails to one session in a minute; 0: any")
    smtp_connections: int = _setting(500, values.whole(1, 10_000), "connections that one mail_ingest holds at a time")
    smtp_connections_each: int = _setting(
        10, values.whole(1, 10_000), "connections of those that one address of the network may have"
    )
    mail_per_session: int = _setting(200, values.whole(1, 100_000), "mail that a session may have, in MB")
    outgoing_smtp: str | None = _setting(
        None,
        values.uri("smtp", "smtps"),
        "one server for outgoing mail, in short: smtp://user:password@host:587",
        hidden=True,
    )
    mail_servers: tuple[OutgoingServer, ...] = _setting(
        (),
        servers_of,
        "servers for outgoing mail: see docs/mail.md",
        hidden=True,
        key="mail",
        structure=mail_servers,
    )
    mail_sender: str = _setting(
        "parley@localhost", values.text, "sender of outgoing mail where `mail: default sender` says nothing"
    )
    error_notification_email: tuple[str, ...] = _setting(
        (),
        values.addresses,
        "who is told of mails and jobs that failed for good and of what jobs log as critical, at most once an hour of the same",
        key="error notification email",
    )

    foreground_seconds: float = _setting(
        30.0, values.seconds(0.1, 3600), "longest run of an interview's code for a screen"
    )
    cron_seconds: float = _setting(30.0, values.seconds(0.1, 3600), "longest run of a scheduled event of one session")
    cron_workers: int = _setting(
        8, values.whole(1, 100), "scheduled events that one interview service runs at a time, besides people's calls"
    )
    background_seconds: float = _setting(3600.0, values.seconds(0.1, 7 * 86400), "longest run of a background action")
    memory_mb: int = _setting(512, values.whole(32, 1_000_000), "memory that an interview's code may use")
    author_network: tuple[str, ...] = _setting(
        (),
        values.packages,
        "packages whose interviews may use the network; all: every one (the reference leaves it open)",
    )
    author_reads: tuple[Path, ...] = _setting(
        (), values.paths, "further files and folders that an interview's code may read"
    )
    missing_walls: tuple[str, ...] = _setting(
        (),
        values.some_of(WALLS),
        "walls around an interview's code that may be missing here: landlock, seccomp, user; without them it is not run",
    )
    isolation: str = _setting(
        "session",
        values.one_of("session", "interview"),
        "whose a process of author code is; interview: sessions of one share it, for operators who wrote all interviews themselves",
    )
    children: int = _setting(
        0,
        values.whole(0, 10_000),
        "sessions that have a process of an interview's code ready, in each service; 0: 24 in `parley run`, 64 in a service",
    )
    templates: int = _setting(
        12,
        values.whole(1, 1000),
        "interviews that a service keeps ready; one more takes the place of the one used least lately",
    )
    interview_workers: int = _setting(8, values.whole(1, 1000), "calls that one interview service handles at a time")
    task_workers: int = _setting(
        4, values.whole(1, 1000), "background actions that one worker runs at a time", key="celery processes"
    )

    task_queues: tuple[str, ...] = _setting(
        (),
        values.queues,
        "queues of background actions beside the one of all (`queue: NAME` in their blocks), for workers of their own",
    )

    words: tuple[str, ...] = _setting(
        (), values.texts, "files of translations that all interviews share (package:data/sources/es.yml)", nested=True
    )
    timezone: str = _setting("UTC", values.zone, "time zone of schedules and dates")
    sealed_sessions: str = _setting(
        "background",
        values.words("background", "cron", "mail"),
        "what may open a sealed session while its user is away: background, cron, mail, or none",
    )
    interview_delete_days: int = _setting(
        90, values.whole(0, 36500), "days without use after which a session goes; 0: never"
    )
    interview_delete_days_by_filename: Mapping[str, int] = _setting(
        {}, values.days_by_name, "the same, for single interviews by their names", nested=True
    )
    interview_delete_counts: str = _setting(
        "answers", values.one_of("answers", "people"), "what keeps a session: changed answers, or people who look at it"
    )
    schedules: Declarations = _setting(  # noqa: RUF009 (Declarations are immutable)
        Declarations(),
        values.anything,
        "other times of cron_hourly, cron_daily …, and schedules of other names",
        structure=events,
        nested=True,
    )
    scheduler: Jobs = _setting(  # noqa: RUF009 (Jobs are immutable)
        Jobs(), values.anything, "functions that run at times of their own", structure=read_jobs, nested=True
    )
    tasks_folder: Path | None = _setting(  # noqa: RUF009 (as `log`)
        None, values.path, "folder of functions of the scheduler, imported as docassemble.Scheduler.tasks"
    )
    job_seconds: float = _setting(3600.0, values.seconds(0.1, 7 * 86400), "longest run of a job or a Task")
    jobs_may_read: tuple[str, ...] = _setting(
        (), values.texts, "files and folders that jobs may read besides the packages", nested=True
    )
    jobs_environment: tuple[str, ...] = _setting(
        (), values.texts, "environment variables that jobs get from the clock's", nested=True
    )
    application: Path | None = _setting(  # noqa: RUF009 (as `log`)
        None, values.path, "folder of a project with Task classes (config/application.py, app/tasks)"
    )
    autoload: tuple[str, ...] = _setting(
        (), values.texts, "folders of Task classes, if config/application.py does not say it", nested=True
    )
    task_classes: tuple[str, ...] = _setting((), values.texts, "single Task classes, package.module.Class", nested=True)
    task_container: Mapping[str, str] = _setting(
        {}, values.names_of_classes, "what constructors of Task classes may ask for besides", nested=True
    )
    ocr_dpi: int = _setting(
        300, values.whole(50, 600), "dots an inch at which ocr_file() makes pictures of pages", key="ocr dpi"
    )
    ocr_languages: Mapping[str, str] = _setting(
        {}, values.names_of_languages, "what Tesseract calls languages of interviews", key="ocr languages", nested=True
    )
    suppress_error_notifications: bool = _setting(
        False, values.flag, "no such mails", key="suppress error notificiations"
    )
    checkin_interval: float = _setting(
        6.0,
        values.seconds(0, 3600),
        "seconds between check-ins of an open page; 0: none (in the file, as upstream has it, milliseconds)",
        from_file=units.milliseconds,
    )

    health_host: str = _setting("127.0.0.1", values.text, "address of /healthz and /metrics of a service")
    health_port: int = _setting(0, values.whole(0, 65535), "port of /healthz and /metrics of a service; 0: none")
    stop_seconds: float = _setting(6.0, values.seconds(0, 7), "how long work may go on after SIGTERM")
    log_level: str = _setting("INFO", values.level, "DEBUG, INFO, WARNING or ERROR")
    log: Path | None = _setting(  # noqa: RUF009 (None is immutable; the check takes its name from `log` above)
        None,
        values.path,
        "folder for worker.log, cron.log, scheduler.log: what interviews said and failed of",
    )
    debug: bool = _setting(False, values.flag, "show authors what went wrong on the error page")

    #: Doubts about the configuration file, to be logged once there is a log; they name keys and lines, never a value.
    remarks: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def distributed(self) -> bool:
        return self.amqp_uri is not None

    @property
    def sealed_allows(self) -> frozenset[str]:
        """The words of `sealed_sessions`."""
        return frozenset(self.sealed_sessions.split(", ")) - {"none"}

    @property
    def database(self) -> str:
        """The store's address: `store_uri`, or the SQLite file in `var`."""
        return self.store_uri or f"sqlite:///{(self.var / 'parley.sqlite').absolute()}"

    @property
    def checking_server(self) -> str | None:
        """The name under which Authentication-Results count: that of the server in front, or ours if we check senders."""
        if self.authentication_server is None and self.check_senders != "none":
            return self.mail_domain
        return self.authentication_server

    @property
    def mail_domains(self) -> tuple[str, ...]:
        """The domains of addresses of sessions; the first is that of new ones."""
        return self.smtp_domain or ((self.external_hostname,) if self.external_hostname else ("localhost",))

    @property
    def mail_domain(self) -> str:
        return self.mail_domains[0]

    @property
    def servers(self) -> tuple[OutgoingServer, ...]:
        """The servers for outgoing mail, the one used by default first; none if nothing is configured."""
        if self.outgoing_smtp:
            return (from_address(self.outgoing_smtp),)
        return tuple(one for one in self.mail_servers if one.kind is not Kind.FOLDER)

    @property
    def sender(self) -> str:
        """Who sends mail unless the author or the server's configuration says otherwise."""
        return next((one.sender for one in self.mail_servers if one.sender), self.mail_sender)

    @property
    def memory_bytes(self) -> int:
        return self.memory_mb * 1024 * 1024

    def announce(self) -> None:
        """Log the doubts about the configuration file."""
        for remark in self.remarks:
            log.warning("configuration_doubt", extra={"reason": remark})

    def environment(self) -> dict[str, str]:
        """Variables that make another process load the same settings (secrets included: for own children only)."""
        result = {}
        for item in _FIELDS.values():
            value = getattr(self, item.name)
            if item.metadata["nested"] or value is None:
                continue
            result[variable(item)] = _text(value)
        return result


def _text(value: Any) -> str:
    """A value as its variable holds it."""
    if not isinstance(value, tuple):
        return str(value)
    if any(isinstance(one, OutgoingServer) for one in value):
        return as_text(value)
    return (":" if all(isinstance(one, Path | Root) for one in value) else ",").join(map(str, value))


_FIELDS: Mapping[str, Field[Any]] = MappingProxyType(
    {item.name: item for item in fields(Settings) if "parse" in item.metadata}
)


def variable(item: Field[Any]) -> str:
    """The environment variable of a field."""
    return str(item.metadata["env"]) or f"PARLEY_{item.name.upper()}"


def variables() -> dict[str, str]:
    """Every environment variable that is read, with what it is for."""
    named = (item for item in _FIELDS.values() if not item.metadata["nested"])
    return {variable(item): str(item.metadata["says"]) for item in named} | {
        "PARLEY_CONFIG": "a YAML file with settings"
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What there is to say about one setting. `variable` is empty if no environment variable can hold it."""

    key: Key
    variable: str
    default: Any
    hidden: bool
    says: str


def described() -> list[Setting]:
    """All settings in the order of their declaration."""
    defaults = Settings()
    return [
        Setting(
            key=_file_key(item),
            variable="" if item.metadata["nested"] else variable(item),
            default=getattr(defaults, item.name),
            hidden=not item.repr,
            says=str(item.metadata["says"]),
        )
        for item in _FIELDS.values()
    ]


def _file_key(item: Field[Any]) -> Key:
    about, own_name = item.metadata, (item.name.replace("_", " "),)
    path = tuple(part.strip() for part in about["key"].split(":")) if about["key"] else own_name
    return Key(
        setting=item.name,
        path=path,
        also=() if path == own_name else (own_name,),
        parse=about["from_file"],
        structure=about["structure"],
        takes=about["takes"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, and for each that is not the default where it was set (a variable, ``file, line 3: key``, ``--option``)."""

    settings: Settings
    places: Mapping[str, str]


def load(environ: Mapping[str, str] | None = None, /, *, need_secret: bool = True, **given: Any) -> Settings:
    """The settings from `given` (a command line; None is not given), the environment and the file. Raises `SettingsError`.

    Without ``PARLEY_SECRET`` the embedded system makes one and keeps it in `var`; a distributed system must be given one
    (`need_secret=False`: for commands that neither sign nor seal).
    """
    return load_with_places(environ, need_secret=need_secret, **given).settings


def load_with_places(environ: Mapping[str, str] | None = None, /, *, need_secret: bool = True, **given: Any) -> Loaded:
    """As `load`, and where each setting comes from."""
    environ = os.environ if environ is None else environ
    found: dict[str, tuple[str, Any]] = {}
    problems: list[str] = []
    file = Configuration()
    if path := environ.get("PARLEY_CONFIG"):
        file = read_file(Path(path), map(_file_key, _FIELDS.values()))
        found.update({name: (one.place, one.value) for name, one in file.values.items()})
        problems.extend(file.problems)
    found.update(_from_environment(environ, problems))
    for name, value in given.items():
        if name not in _FIELDS:
            raise TypeError(f"there is no setting {name!r}")
        if value is not None:
            found[name] = (f"--{name.replace('_', '-')}", value)
    valid = _valid(found, problems)
    valid.setdefault("var", state_folder(environ))
    if file.own:
        valid["config"] = MappingProxyType({**file.own, **valid.get("config", {})})
    if not problems and "secret" not in valid and need_secret and not (valid.get("amqp_uri") and valid.get("keys")):
        if valid.get("amqp_uri") is None:
            valid["secret"] = _kept_secret(valid["var"])
        else:
            problems.append(
                f"PARLEY_SECRET: all services need the same one, at least {SECRET_LENGTH} random characters "
                "(openssl rand -base64 33)"
            )
    if problems:
        raise SettingsError("\n".join(problems))
    remarks = (*file.warnings, *_mistakes(found, environ))
    return Loaded(
        settings=Settings(**valid, remarks=remarks), places={name: place for name, (place, _) in found.items()}
    )


def _mistakes(found: Mapping[str, tuple[str, Any]], environ: Mapping[str, str]) -> list[str]:
    """What is wrong with single schedules: each takes away itself alone, so it keeps nothing from starting."""
    path = environ.get("PARLEY_CONFIG", "")
    mistakes = [one for name in ("schedules", "scheduler") if name in found for one in found[name][1].mistakes]
    return [f"{path}, line {one.line}: {one.what}; this schedule does not run" for one in mistakes]


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where the embedded system keeps what it keeps, unless told: outside of the program, so that no update touches it.

    The XDG Base Directory Specification says where: ``$XDG_STATE_HOME``, if absolute, else ``~/.local/state``.
    """
    state = Path(environ.get("XDG_STATE_HOME", ""))
    if state.is_absolute():
        return state / "parley"
    try:
        return Path(environ["HOME"], ".local/state/parley") if environ.get("HOME") else _VAR.expanduser()
    except RuntimeError:  # a user without a home: services of the distributed system keep nothing there
        return _VAR


def make_folder(path: Path) -> None:
    """Make the folder for answers, for nobody else to look into; one that is there stays as it is. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


def _valid(found: Mapping[str, tuple[str, Any]], problems: list[str]) -> dict[str, Any]:
    valid: dict[str, Any] = {}
    for name, (place, value) in found.items():
        try:
            valid[name] = _FIELDS[name].metadata["parse"](value)
        except ValueError as error:
            shown = "" if not _FIELDS[name].repr else f", not {str(value)[:60]!r}"
            problems.append(f"{place}: expected {error}{shown}")
    return valid


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> dict[str, tuple[str, Any]]:
    names = {variable(item): item.name for item in _FIELDS.values() if not item.metadata["nested"]}
    found = {name: (key, environ[key]) for key, name in names.items() if environ.get(key)}
    known = {*names, "PARLEY_CONFIG"}
    for key in environ:
        # Kubernetes puts PARLEY_<SERVICE>_… of its own there, so only what looks like a slip of the pen is refused.
        if key.startswith("PARLEY_") and key not in known and (near := get_close_matches(key, known, 1, 0.85)):
            problems.append(f"{key}: there is no such setting; did you mean {near[0]}?")
    return found


def _kept_secret(var: Path) -> str:
    """The secret of an embedded system, made on its first start. Two first starts at once agree on one."""
    path = var / "secret"
    try:
        make_folder(var)
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
        raise SettingsError(
            f"{path}: cannot keep the secret there: {error.strerror}. Choose another folder with --var (make run VAR=folder)"
        ) from None
