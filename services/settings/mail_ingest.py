"""Settings of mail_ingest: where it listens, for which addresses, and what it takes from whom."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from services import values
from services.settings.declaring import setting


@dataclass(frozen=True, kw_only=True)
class MailIngest:
    smtp_host: str = setting("127.0.0.1", values.text, "address on which mail_ingest listens")
    smtp_port: int = setting(8025, values.whole(0, 65535), "port of mail_ingest")
    smtp_tls_port: int = setting(
        0, values.whole(0, 65535), "port of mail_ingest that is encrypted from the first byte (465); 0: none"
    )
    lmtp_port: int = setting(
        0, values.whole(0, 65535), "port on which mail_ingest speaks LMTP with a mail server of yours; 0: none"
    )
    smtp_user: str | None = setting(
        None, values.text, "user that mail_ingest becomes once its ports are open, if root starts it"
    )
    smtp_domain: tuple[str, ...] = setting(
        (),
        values.domains,
        "domains of the addresses of sessions, the first for new ones; without it `external hostname`",
        key="incoming mail domain",
    )
    external_hostname: str | None = setting(None, values.domain, "name by which others know this system")
    smtp_certificate: Path | None = setting(  # noqa: RUF009 (None is immutable)
        None, values.file, "certificate (PEM, with its chain) of mail_ingest; read again when it changes"
    )
    smtp_key: Path | None = setting(None, values.file, "key of the certificate")  # noqa: RUF009 (None is immutable)
    smtp_require_tls: bool = setting(False, values.flag, "whether mail_ingest takes mail only encrypted")
    trusted_fronts: tuple[IPv4Network | IPv6Network, ...] = setting(
        (), values.networks, "mail servers and load balancers of yours in front of mail_ingest, which are no senders"
    )
    authentication_server: str | None = setting(
        None,
        values.text,
        "name under which a trusted front writes Authentication-Results; authors see them (email.authentication)",
    )
    check_senders: str = setting(
        "none",
        values.one_of("none", "mark", "refuse"),
        "SPF, DKIM and DMARC of mail that comes from no trusted front: none, mark it, or also refuse what the sender's domain disowns",
    )
    dns_servers: tuple[tuple[str, int], ...] = setting(
        (), values.nameservers, "name servers that these checks ask, as address or address:port; the machine's without"
    )
    smtp_proxy_protocol: bool = setting(
        False, values.flag, "whether trusted fronts say with the PROXY protocol for whom they speak"
    )
    smtp_max: int = setting(25, values.whole(1, 60), "largest mail that mail_ingest takes, in MB")
    smtp_per_minute: int = setting(
        120,
        values.whole(0, 1_000_000),
        "mails that mail_ingest takes from one address of the network in a minute; 0: any",
    )
    smtp_per_sender: int = setting(60, values.whole(0, 1_000_000), "mails of one sender in a minute; 0: any")
    smtp_per_session: int = setting(60, values.whole(0, 1_000_000), "mails to one session in a minute; 0: any")
    smtp_connections: int = setting(500, values.whole(1, 10_000), "connections that one mail_ingest holds at a time")
    smtp_connections_each: int = setting(
        10, values.whole(1, 10_000), "connections of those that one address of the network may have"
    )
    mail_per_session: int = setting(200, values.whole(1, 100_000), "mail that a session may have, in MB")

    @property
    def mail_domains(self) -> tuple[str, ...]:
        """The domains of addresses of sessions; the first is that of new ones."""
        return self.smtp_domain or ((self.external_hostname,) if self.external_hostname else ("localhost",))

    @property
    def mail_domain(self) -> str:
        return self.mail_domains[0]

    @property
    def checking_server(self) -> str | None:
        """The name under which Authentication-Results count: that of the server in front, or ours if we check senders."""
        if self.authentication_server is None and self.check_senders != "none":
            return self.mail_domain
        return self.authentication_server
