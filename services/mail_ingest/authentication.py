"""Whether a mail is from whom it says: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), and what is written of it (RFC 8601).

The checks are pyspf's, dkimpy's and authheaders'. Not for: what is done about it (`handler`); mails of a trusted front, which has
checked them itself.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from services.mail_ingest.identity import parted

if TYPE_CHECKING:
    from dns.resolver import Resolver

log = logging.getLogger(__name__)

#: Seconds for all that is asked of the DNS about one mail; then the check has no result (``temperror``).
SECONDS: Final = 10.0
#: Signatures of one mail that are looked at: lists and forwarders add theirs.
SIGNATURES: Final = 5

#: Answers to a mail that is refused (RFC 7372).
FORGED: Final = "550 5.7.26 The domain of the sender says that it does not send such mail (DMARC)"
NOT_FROM_HERE: Final = "550 5.7.23 The domain of the sender says that it does not send from your address (SPF)"

_RESULTS = re.compile(rb"authentication-results[ \t]*:", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_NAME = re.compile(r"[^A-Za-z0-9.@_/+-]")

#: Texts under a name, each as the DNS has them joined; raises `Unknown`. The second argument is seconds.
Ask = Callable[[str, float], list[str]]


class Checks(StrEnum):
    NONE = "none"
    MARK = "mark"  #: say what was found
    REFUSE = "refuse"  #: and refuse what the sender's own domain disowns


class Unknown(Exception):
    """The DNS gave no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`results` is the text of an Authentication-Results field after the server's name; `refusal` an SMTP answer, if the domain asks for one."""

    results: str
    refusal: str | None = None


class Authentication:
    """Blocking, and safe in threads. `name` is what the server calls itself in the field; `nameservers` are asked (the machine's without)."""

    def __init__(self, *, name: str, refuse: bool, nameservers: Sequence[tuple[str, int]] = ()) -> None:
        self.name = name
        self._refuse = refuse
        self._resolver = _resolver(nameservers)

    def check(self, raw: bytes, *, peer: str, helo: str, sender: str) -> Verdict:
        """What is known of a mail that came from the address `peer`. Never raises: what cannot be told is said in the results."""
        until = time.monotonic() + SECONDS
        ask = self._asker(until)
        spf = _spf(peer, sender, helo)
        signatures = _signatures(raw, ask)
        dmarc, policy = _dmarc(raw, spf, sender, signatures, ask)
        refusal = None
        if self._refuse and dmarc == "fail" and policy == "reject":
            refusal = FORGED
        elif self._refuse and dmarc == "none" and spf == "fail" and not any(one.result == "pass" for one in signatures):
            refusal = NOT_FROM_HERE
        said = [f"spf={spf} smtp.mailfrom={_plain(sender) or 'none'} smtp.helo={_plain(helo) or 'none'}"]
        said += [f"dkim={one.result}" + (f" header.d={_plain(one.domain)}" if one.domain else "") for one in signatures]
        said.append(f"dmarc={dmarc}" + (f" policy.published-domain-policy={_plain(policy)}" if policy else ""))
        return Verdict(results="; ".join(said), refusal=refusal)

    def written(self, raw: bytes, verdict: Verdict) -> bytes:
        """The mail with our field first, and without those that somebody else wrote under our name (RFC 8601, 5)."""
        header, end, body = parted(raw)
        field = f"Authentication-Results: {self.name};\r\n\t{verdict.results}\r\n".encode()
        return field + _without(header, self.name) + end + body

    def _asker(self, until: float) -> Ask:
        from dns.exception import DNSException  # noqa: PLC0415 (as below)
        from dns.resolver import NXDOMAIN, NoAnswer  # noqa: PLC0415

        def ask(name: str, seconds: float) -> list[str]:
            left = min(seconds, until - time.monotonic())
            if left <= 0:
                raise Unknown(name)
            try:
                answer = self._resolver.resolve(name, "TXT", lifetime=left)
            except (NXDOMAIN, NoAnswer):
                return []
            except (DNSException, OSError, UnicodeError) as error:
                raise Unknown(name) from error
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]

        return ask


@dataclass(frozen=True, slots=True)
class _Signature:
    result: str
    domain: str


def _resolver(nameservers: Sequence[tuple[str, int]]) -> Resolver:
    import dns.resolver  # noqa: PLC0415 (heavy, and used only where the operator asks for it)

    resolver = dns.resolver.Resolver(configure=not nameservers)
    if nameservers:
        resolver.nameservers = [address for address, _ in nameservers]
        resolver.nameserver_ports = dict(nameservers)
        # pyspf asks dnspython's default one; nothing else in a process that takes mail asks any.
        dns.resolver.default_resolver = resolver
    return resolver


def _spf(peer: str, sender: str, helo: str) -> str:
    import spf  # noqa: PLC0415 (heavy, and used only where the operator asks for it)

    try:
        result, _ = spf.check2(peer, sender, helo, timeout=int(SECONDS), querytime=int(SECONDS))
    except Exception as error:
        log.info("mail_check_failed", extra={"kind": "spf", "error": type(error).__name__})
        return "permerror"
    return str(result or "none")


def _signatures(raw: bytes, ask: Ask) -> list[_Signature]:
    import dkim  # noqa: PLC0415 (as above)

    found = parted(raw)[0].lower().count(b"dkim-signature:")
    return [_signature(dkim, raw, place, ask) for place in range(min(found, SIGNATURES))] or [_Signature("none", "")]


def _signature(dkim: Any, raw: bytes, place: int, ask: Ask) -> _Signature:
    def key(name: bytes, timeout: int = 5) -> bytes | None:
        return next((text.encode() for text in ask(name.decode("ascii"), timeout)), None)

    message = dkim.DKIM(raw, logger=_Silent())
    try:
        result = "pass" if message.verify(idx=place, dnsfunc=key) else "fail"
    except Unknown:
        result = "temperror"
    except dkim.ValidationError:  # a hash that does not fit, a signature that has expired
        result = "fail"
    except Exception as error:  # whatever a forged signature makes the library raise
        log.info("mail_check_failed", extra={"kind": "dkim", "error": type(error).__name__})
        result = "permerror"
    fields = getattr(message, "signature_fields", None) or {}
    return _Signature(result, bytes(fields.get(b"d", b"")).decode("ascii", "replace"))


def _dmarc(raw: bytes, spf: str, sender: str, signatures: Sequence[_Signature], ask: Ask) -> tuple[str, str]:
    """The result and the policy of the domain in From."""
    import authheaders  # noqa: PLC0415 (as above)
    from authres import DKIMAuthenticationResult, SPFAuthenticationResult  # noqa: PLC0415 (as above)

    def record(name: str) -> str | None:
        policies = [text for text in ask(name, SECONDS) if text.startswith("v=DMARC1")]
        return policies[0] if len(policies) == 1 else None

    result, policy = "none", ""
    for one in signatures:
        by_spf = SPFAuthenticationResult(result=spf, smtp_mailfrom=sender)
        by_dkim = DKIMAuthenticationResult(result=one.result, header_d=one.domain)
        try:
            found = authheaders.check_dmarc(raw, by_spf, by_dkim, dnsfunc=record)
        except Unknown:
            return "temperror", ""
        except Exception as error:  # From fields can hold anything
            log.info("mail_check_failed", extra={"kind": "dmarc", "error": type(error).__name__})
            return "permerror", ""
        result, policy = str(found.result), str(getattr(found, "policy", None) or "")
        if result == "pass":
            break
    return result, policy


class _Silent:
    """dkimpy's log names senders."""

    def debug(self, *_: object) -> None: ...

    info = warning = error = debug


def _plain(text: str) -> str:
    """Of what a sender wrote, what may stand in a field: no space, no semicolon, no line."""
    return _NAME.sub("", text)[:200]


def _without(header: bytes, name: str) -> bytes:
    fields: list[list[bytes]] = []
    for line in header.splitlines(keepends=True):
        if fields and line[:1] in (b" ", b"\t"):
            fields[-1].append(line)
        else:
            fields.append([line])
    whole = (b"".join(lines) for lines in fields)
    return b"".join(field for field in whole if not (_RESULTS.match(field) and _server(field) == name.lower()))


def _server(field: bytes) -> str:
    """The name at the start of an Authentication-Results field; comments may stand before it."""
    value = _COMMENT.sub(" ", field.partition(b":")[2].decode("utf-8", "replace"))
    words = value.partition(";")[0].split()
    return words[0].lower() if words else ""
