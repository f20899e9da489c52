"""Settings of mail that leaves: the servers, the senders, who is told of failures."""

from __future__ import annotations

from dataclasses import dataclass

from services import values
from services.configuration.mail import mail_servers
from services.outgoing import Kind, OutgoingServer, from_address, servers_of
from services.settings.declaring import setting


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    outgoing_smtp: str | None = setting(
        None,
        values.uri("smtp", "smtps"),
        "one server for outgoing mail, in short: smtp://user:password@host:587",
        hidden=True,
    )
    mail_servers: tuple[OutgoingServer, ...] = setting(
        (),
        servers_of,
        "servers for outgoing mail: see docs/mail.md",
        hidden=True,
        key="mail",
        structure=mail_servers,
    )
    mail_sender: str = setting(
        "parley@localhost", values.text, "sender of outgoing mail where `mail: default sender` says nothing"
    )
    error_notification_email: tuple[str, ...] = setting(
        (),
        values.addresses,
        "who is told of mails and jobs that failed for good and of what jobs log as critical, at most once an hour of the same",
        key="error notification email",
    )
    suppress_error_notifications: bool = setting(
        False, values.flag, "no such mails", key="suppress error notificiations"
    )

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
