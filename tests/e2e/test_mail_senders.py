"""SPF, DKIM and DMARC of incoming mail, over SMTP and with a name server: `check senders`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from services.mail_ingest.authentication import Authentication
from services.mail_ingest.peers import Fronts
from services.mail_ingest.server import Around
from services.values import networks
from shared.store.ports import Store
from shared.store.records import Mail
from tests.e2e.reception import DOMAIN, Announced, Start, a_message, bus, send, start, store
from tests.nameserver import name_server

__all__ = ["bus", "start", "store"]  # fixtures

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
PRIVATE = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
TEXTS = {
    "here.example": "v=spf1 ip4:127.0.0.1 -all",
    "_dmarc.here.example": "v=DMARC1; p=reject",
    "elsewhere.example": "v=spf1 ip4:192.0.2.1 -all",
    "_dmarc.elsewhere.example": "v=DMARC1; p=reject",
    "key._domainkey.elsewhere.example": f"v=DKIM1; k=rsa; p={PUBLIC}",
    "lenient.example": "v=spf1 -all",
    "_dmarc.lenient.example": "v=DMARC1; p=none",
    "spfonly.example": "v=spf1 -all",
    "loop.example": "v=spf1 include:loop.example -all",
    "twice.example": "v=spf1 ip4:127.0.0.1 -all",
}
SILENT = frozenset({"silent.example", "_dmarc.silent.example"})


@pytest.fixture(scope="module")
def nameserver() -> Iterator[tuple[str, int]]:
    with name_server(TEXTS, silent=SILENT) as address:
        yield address


@pytest.fixture
def checking(start: Start, nameserver: tuple[str, int]) -> Callable[..., int]:
    """Starts a server that checks senders; `fronts` are trusted."""

    def begin(*, refuse: bool, fronts: str = "") -> int:
        authentication = Authentication(name=DOMAIN, refuse=refuse, nameservers=[nameserver])
        around = Around(authentication=authentication, fronts=Fronts(networks(fronts) if fronts else ()))
        return start(around=around)

    return begin


def a_mail(domain: str, **headers: str) -> EmailMessage:
    message = a_message(Message_ID=f"<1@{domain}>", **headers)
    message.replace_header("From", f"Ann <ann@{domain}>")
    return message


def signed(message: EmailMessage, domain: str) -> bytes:
    raw = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    header: bytes = dkim.sign(raw, b"key", domain.encode(), PRIVATE, include_headers=[b"From", b"To", b"Subject"])
    return header + raw


def the_mail(store: Store) -> Mail:
    [head] = store.mails.of_session("session of abcdef")
    mail = store.mails.get(head.id)
    assert mail is not None
    return mail


def found(mail: Mail) -> str:
    first = mail.raw.partition(b"\r\n\r\n")[0].replace(b"\r\n\t", b" ").split(b"\r\n")[0].decode()
    name, _, results = first.partition("; ")
    assert name == f"Authentication-Results: {DOMAIN}", first
    return results


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("here.example", ["spf=pass smtp.mailfrom=ann@here.example", "dkim=none", "dmarc=pass"]),
        ("elsewhere.example", ["spf=fail", "dkim=none", "dmarc=fail policy.published-domain-policy=reject"]),
        ("lenient.example", ["spf=fail", "dmarc=fail policy.published-domain-policy=none"]),
        ("spfonly.example", ["spf=fail", "dmarc=none"]),
        ("unknown.example", ["spf=none", "dkim=none", "dmarc=none"]),
        ("loop.example", ["spf=permerror", "dmarc=none"]),
    ],
)
def test_what_was_found_is_marked(checking, store: Store, domain: str, says: list[str]) -> None:
    port = checking(refuse=False)
    assert send(port, a_mail(domain).as_bytes(), sender=f"ann@{domain}")[0] == 250
    mail = the_mail(store)
    assert mail.front, "its results count"
    for one in says:
        assert any(part.startswith(one) for part in found(mail).split("; ")), found(mail)


def test_a_signature_is_enough_for_a_mail_that_was_forwarded(checking, store: Store) -> None:
    port = checking(refuse=True)
    raw = signed(a_mail("elsewhere.example"), "elsewhere.example")
    assert send(port, raw, sender="list@here.example")[0] == 250
    says = found(the_mail(store))
    assert "dkim=pass header.d=elsewhere.example" in says
    assert "dmarc=pass" in says


def test_a_changed_mail_has_no_valid_signature(checking, store: Store) -> None:
    port = checking(refuse=False)
    raw = signed(a_mail("elsewhere.example"), "elsewhere.example").replace(b"Good day", b"Bad day")
    assert send(port, raw, sender="ann@elsewhere.example")[0] == 250
    says = found(the_mail(store))
    assert "dkim=fail" in says
    assert "dmarc=fail" in says


@pytest.mark.parametrize(
    ("domain", "answer"),
    [
        ("elsewhere.example", b"5.7.26"),
        ("spfonly.example", b"5.7.23"),
        ("lenient.example", b"2.0.0"),
        ("unknown.example", b"2.0.0"),
    ],
)
def test_only_what_the_domain_disowns_is_refused(checking, store: Store, domain: str, answer: bytes) -> None:
    port = checking(refuse=True)
    said = send(port, a_mail(domain).as_bytes(), sender=f"ann@{domain}")[1]
    assert said.startswith(answer), said
    assert len(list(store.mails.of_session("session of abcdef"))) == (answer == b"2.0.0")


def test_a_name_server_that_says_nothing_delays_a_mail_and_loses_none(
    checking, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.mail_ingest.authentication.SECONDS", 1.0)
    port = checking(refuse=True)
    assert send(port, a_mail("silent.example").as_bytes(), sender="ann@silent.example")[0] == 250
    assert "dmarc=temperror" in found(the_mail(store))


@pytest.mark.parametrize(
    "forged",
    [
        f"{DOMAIN}; dmarc=pass",
        f"{DOMAIN.upper()} 1; dmarc=pass",
        f"(a comment) {DOMAIN}; dmarc=pass",
        f"{DOMAIN};\n\tspf=pass;\n\tdmarc=pass",
    ],
)
def test_nobody_else_writes_under_our_name(checking, store: Store, forged: str) -> None:
    port = checking(refuse=False)
    raw = b"Authentication-Results: " + forged.encode() + b"\nAuthentication-Results: other.example; spf=pass\n"
    raw += a_mail("elsewhere.example").as_bytes()
    assert send(port, raw, sender="ann@elsewhere.example")[0] == 250
    mail = the_mail(store)
    assert "dmarc=fail" in found(mail)
    assert b"dmarc=pass" not in mail.raw
    assert b"other.example; spf=pass" in mail.raw, "what others say of others stays"


def test_what_a_sender_wrote_never_becomes_a_field_of_its_own(checking, store: Store) -> None:
    port = checking(refuse=False)
    sender = '"a;dmarc=pass b"@here.example'
    assert send(port, a_mail("here.example").as_bytes(), sender=sender)[0] in (250, 501, 553)
    for mail in store.mails.of_session("session of abcdef"):
        kept = store.mails.get(mail.id)
        assert kept is not None
        assert found(kept).count("dmarc=") == 1


def test_a_trusted_front_has_checked_already(checking, store: Store) -> None:
    port = checking(refuse=True, fronts="127.0.0.1")
    raw = b"Authentication-Results: mx.example.org; dmarc=pass\n" + a_mail("elsewhere.example").as_bytes()
    assert send(port, raw, sender="ann@elsewhere.example")[0] == 250
    assert the_mail(store).raw.startswith(b"Authentication-Results: mx.example.org")


def test_the_same_mail_again_is_known_whatever_was_found(checking, store: Store, bus: Announced) -> None:
    port = checking(refuse=False)
    for _ in range(2):
        assert send(port, a_mail("here.example").as_bytes(), sender="ann@here.example")[0] == 250
    the_mail(store)
