"""How a message is handed over: by SMTP, or into a folder; by HTTP: `apis`. Not for when, and how often (`mailer`)."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from email import policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from services.outgoing import Kind, OutgoingServer
from services.worker.apis import MailgunTransport, SendGridTransport
from services.worker.handing_over import ADDRESS, SECONDS, TEXT, Answer, Deferred, NotTaken, Rejected, Taken, Transport

#: How long a connection is kept for the next mail.
KEPT = 20.0


class FolderTransport:
    """For a system without an outgoing server: messages become files in `folder`, to be looked at (page ``/mail``)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        shown = {
            address
            for name in ("To", "Cc")
            for _, address in getaddresses([str(one) for one in message.get_all(name, [])])
        }
        blind = [one for one in recipients if one not in shown]
        if blind:
            message["Bcc"] = ", ".join(blind)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        draft = self._folder / f".{name}.draft"
        draft.write_bytes(message.as_bytes())
        draft.replace(self._folder / f"{name}.eml")
        return Taken(answer=Answer(250, "kept in the folder for mail"))

    def close(self) -> None: ...


Say = Callable[[str], None]


class SmtpTransport:
    """Over SMTP; with a password only ever encrypted (from the first byte, or by STARTTLS). Connections are used again. Safe in threads."""

    def __init__(
        self,
        server: OutgoingServer,
        *,
        seconds: float = SECONDS,
        kept: float = KEPT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._kept = kept
        # Without a context of our own smtplib believes every certificate, and the password is anybody's.
        self._context = context or ssl.create_default_context()
        self._say: Say | None = None
        self._idle: list[tuple[float, smtplib.SMTP]] = []
        self._lock = threading.Lock()

    def send(
        self, message: EmailMessage, *, sender: str, recipients: Sequence[str], variables: Mapping[str, object]
    ) -> Taken:
        connection = self._take() or self.connect()
        well = False
        try:
            taken = self._hand_over(connection, message, sender, recipients)
            well = True
            return taken
        except NotTaken as error:
            well = error.answer.code not in (0, 421)
            raise
        except smtplib.SMTPServerDisconnected as error:
            raise Deferred(Answer(0, _why(error))) from None
        except smtplib.SMTPResponseException as error:
            raise _said(Answer.of(error.smtp_code, error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Deferred(Answer(0, _why(error))) from None
        finally:
            self._give_back(connection, well)

    def speak(self, say: Say) -> None:
        """Say everything that is said from now on, but passwords."""
        self._say = say

    def connect(self) -> smtplib.SMTP:
        """A connection that may send. Raises `Deferred`: what is wrong here is no mail's fault."""
        server, say = self._server, self._say
        try:
            if server.tls == "implicit":
                connection: smtplib.SMTP = _Spoken(say, server, self._seconds, context=self._context)
            else:
                connection = _Spoken(say, server, self._seconds)
        except smtplib.SMTPResponseException as error:
            raise Deferred(Answer.of(error.smtp_code, error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Deferred(Answer(0, _why(error))) from None
        try:
            connection.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                if not connection.has_extn("starttls"):
                    raise Deferred(Answer(0, "the server offers no encryption (STARTTLS), and `use tls` asks for it"))
                connection.starttls(context=self._context)
                connection.ehlo()
            if server.username and server.password:
                connection.login(server.username, server.password)
        except smtplib.SMTPResponseException as error:
            connection.close()
            raise Deferred(Answer.of(error.smtp_code, error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            raise Deferred(Answer(0, _why(error))) from None
        except Deferred:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _hand_over(
        self, connection: smtplib.SMTP, message: EmailMessage, sender: str, recipients: Sequence[str]
    ) -> Taken:
        international = not all(one.isascii() for one in (sender, *recipients))
        if international and not connection.has_extn("smtputf8"):
            raise Rejected(Answer(553, "the server does not take addresses with letters beyond ASCII"))
        content = message.as_bytes(policy=policy.SMTP.clone(cte_type="7bit", utf8=international))
        options = ["SMTPUTF8"] if international else []
        if connection.has_extn("size"):
            limit = connection.esmtp_features["size"].strip()
            if limit.isdigit() and 0 < int(limit) < len(content):
                raise Rejected(Answer(552, f"larger than the {int(limit)} bytes that the server takes"))
            options.append(f"size={len(content)}")
        code, text = connection.mail(sender, options)
        if code != 250:
            raise _said(Answer.of(code, text))
        refused: dict[str, Answer] = {}
        for one in recipients:
            code, text = connection.rcpt(one)
            if code == 421:
                raise Deferred(Answer.of(code, text))
            if code not in (250, 251):
                refused[one] = Answer.of(code, text)
        if len(refused) == len(recipients):
            later = [answer for answer in refused.values() if not answer.final]
            if later:
                raise Deferred(later[0], refused)
            raise Rejected(next(iter(refused.values())), refused)
        code, text = connection.data(content)
        if code != 250:
            raise _said(Answer.of(code, text), refused)
        return Taken(answer=Answer.of(code, text), refused=refused)

    def _take(self) -> smtplib.SMTP | None:
        """A connection that is still good."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                since, connection = self._idle.pop()
            try:
                if time.monotonic() - since < self._kept and connection.rset()[0] == 250:
                    return connection
            except (OSError, smtplib.SMTPException):
                pass
            connection.close()

    def _give_back(self, connection: smtplib.SMTP, well: bool) -> None:
        if well and self._kept and connection.sock is not None:
            with self._lock:
                self._idle.append((time.monotonic(), connection))
        else:
            connection.close()


class _Spoken(smtplib.SMTP):
    """A connection whose dialogue somebody may listen to (`parley mail --test`); passwords are never said."""

    def __init__(
        self, say: Say | None, server: OutgoingServer, seconds: float, context: ssl.SSLContext | None = None
    ) -> None:
        self._say = say
        self._wrapped = context
        super().__init__(server.host, server.port, timeout=seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = socket.create_connection((host, port), timeout)
        if self._wrapped is None:
            return sock
        try:
            return self._wrapped.wrap_socket(sock, server_hostname=host)
        except Exception:
            sock.close()
            raise

    def putcmd(self, cmd: str, args: str = "") -> None:
        if self._say is not None:
            self._say(f"> {cmd} {'…' if cmd.upper() == 'AUTH' else args}".rstrip())
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        if self._say is not None:
            for line in text.decode("utf-8", "replace").splitlines() or [""]:
                self._say(f"< {code} {line}".rstrip())
        return code, text


def _said(answer: Answer, refused: Mapping[str, Answer] | None = None) -> NotTaken:
    return Rejected(answer, refused) if answer.final else Deferred(answer, refused)


def _why(error: BaseException) -> str:
    """What went wrong on the way, in words for whoever runs the system."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate cannot be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no encrypted connection: {error.reason or error}"
    if isinstance(error, TimeoutError) or (
        isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error)
    ):
        return "the server did not answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the server broke the connection off"
    if isinstance(error, socket.gaierror):
        return "there is no host of the server's name"
    if isinstance(error, OSError) and error.strerror:
        return f"no connection to the server: {error.strerror}"
    return ADDRESS.sub("…@", " ".join(str(error).split()))[:TEXT] or type(error).__name__


def transport_of(server: OutgoingServer, *, folder: Path) -> Transport:
    """The transport for a server of the settings."""
    if server.kind is Kind.FOLDER:
        return FolderTransport(folder)
    if server.kind is Kind.SMTP:
        return SmtpTransport(server)
    return MailgunTransport(server) if server.kind is Kind.MAILGUN else SendGridTransport(server)
