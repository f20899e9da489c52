"""The installation's secrets: a key for each purpose, derived from each of the roots that an operator sets, the newest root first.

The roots are those of ``PARLEY_KEYS`` (``id:base64``, several separated by commas) and ``PARLEY_SECRET``, whose id is ``0`` and which is
the last unless ``0`` stands among them. What is closed anew is closed with the first; all open. A service need not have the roots:
`derived_for` gives what it uses, to be set as its ``PARLEY_SECRET``. Not for: keys of sessions and of browsers (`shared.vault`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from shared.vault.covers import SealedCover
from shared.vault.sealing import KEY_SIZE, Key

#: What for, and under which name keys are derived. The names are a part of what is authenticated: never changed.
PURPOSES: Final[Mapping[str, str]] = {
    "slots": "parley slots 1",  #: wraps keys of sessions: interview, worker
    "transport": "parley transport 1",  #: covers messages: all
    "runs": "parley runs 1",  #: seals what interviews said: interview, worker, `parley log`
    "storage": "parley storage 1",  #: seals what interviews share between sessions: interview, worker
    "cookies": "parley cookies 1",  #: verifies cookies of before: gateway
    "mails": "parley mails 1",  #: ids of mails that come in: mail_ingest
    "ids": "parley ids 1",  #: ids of sessions that programs begin: interview
}
USES: Final[Mapping[str, tuple[str, ...]]] = {
    "gateway": ("cookies", "transport"),
    "interview": ("ids", "runs", "slots", "storage", "transport"),
    "worker": ("runs", "slots", "storage", "transport"),
    "clock": ("transport",),
    "mail_ingest": ("mails", "transport"),
}
#: The id of the root that ``PARLEY_SECRET`` is.
FIRST: Final = "0"
#: How the keys of one service begin, where others have a secret.
DERIVED: Final = "parley-keys-1."
_ROOT: Final = re.compile(r"([a-z0-9][a-z0-9-]{0,31}):([A-Za-z0-9_+/=-]{40,})")


class NotGiven(Exception):
    """This service was not given the keys for what it does; the message says for what."""


def roots(text: str) -> dict[str, bytes]:
    """Roots by id, empty for the secret's place, from the text of ``PARLEY_KEYS``.

    Raises ValueError, which says what is expected and nothing of the keys.
    """
    found: dict[str, bytes] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        if part == FIRST and FIRST not in found:
            found[FIRST] = b""
            continue
        match = _ROOT.fullmatch(part)
        if match is None or match[1] in (FIRST, *found):
            raise ValueError(
                "id:key, several separated by commas, each id once; 0 is the secret and has none (parley keys new)"
            )
        try:
            root = base64.b64decode(match[2].replace("-", "+").replace("_", "/") + "=" * (-len(match[2]) % 4))
        except binascii.Error:
            root = b""
        if len(root) < KEY_SIZE:
            raise ValueError(f"keys of at least {KEY_SIZE} bytes in base64 (parley keys new)")
        found[match[1]] = root
    return found


def new_root() -> str:
    """A root for the front of ``PARLEY_KEYS``; its id is random, too."""
    return (
        f"k{secrets.token_hex(3)}:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_SIZE)).decode('ascii').rstrip('=')}"
    )


class Given(Protocol):
    """Settings, as far as they are about secrets."""

    @property
    def secret(self) -> str: ...

    @property
    def keys(self) -> str: ...


class Secrets:
    """`secret` is ``PARLEY_SECRET``, `keys` ``PARLEY_KEYS``. Raises ValueError for a `secret` that is a list of keys and cut short."""

    def __init__(self, secret: str, keys: str = "") -> None:
        self._given: dict[str, dict[str, Key]] | None = None
        self._roots = roots(keys)
        self._secret = secret
        if secret.startswith(DERIVED):
            self._given = parsed(secret)
        elif secret:
            self._roots[FIRST] = secret.encode()  # in its place, if it has one
        else:
            self._roots.pop(FIRST, None)

    @classmethod
    def of(cls, settings: Given) -> Secrets:
        return cls(settings.secret, settings.keys)

    def cover(self) -> SealedCover:
        """What messages are wrapped in between the services. Raises `NotGiven`."""
        return SealedCover(list(self.keys("transport").values()))

    def keys(self, purpose: str) -> dict[str, Key]:
        """By the id of their root, the one to close with first. Raises `NotGiven`."""
        if self._given is not None:
            found = self._given.get(purpose, {})
        else:
            found = {name: Key.derived(root, purpose=PURPOSES[purpose]) for name, root in self._roots.items()}
        if not found:
            raise NotGiven(
                f"PARLEY_SECRET of this service has no key for {purpose}: parley keys derive SERVICE makes one that has"
            )
        return found

    @property
    def cookies(self) -> str:
        """What signed the cookies of versions before 0.2: the secret itself, which a gateway with derived keys does not have."""
        if self._given is None and self._secret:
            return self._secret
        return base64.b64encode(next(iter(self.keys("cookies").values())).exposed()).decode("ascii")

    def check(self, services: Iterable[str]) -> None:
        """Whether there is all that `services` use. Raises `NotGiven`."""
        for service in services:
            for purpose in USES[service]:
                self.keys(purpose)

    def has(self, purpose: str) -> bool:
        return purpose in self._given if self._given is not None else bool(self._roots)

    def derived_for(self, service: str) -> str:
        """What to set as ``PARLEY_SECRET`` of `service`, which then needs no ``PARLEY_KEYS``."""
        made = {
            purpose: {name: base64.b64encode(key.exposed()).decode("ascii") for name, key in self.keys(purpose).items()}
            for purpose in USES[service]
        }
        return DERIVED + base64.urlsafe_b64encode(json.dumps(made, separators=(",", ":")).encode()).decode("ascii")


def parsed(text: str) -> dict[str, dict[str, Key]]:
    """Of what `derived_for` gave, the keys by purpose and id. Raises ValueError, which says what is expected."""
    try:
        made = json.loads(base64.b64decode(text.removeprefix(DERIVED), altchars=b"-_", validate=True))
        return {
            purpose: {name: Key(base64.b64decode(key, validate=True)) for name, key in keys.items()}
            for purpose, keys in made.items()
        }
    except (ValueError, TypeError, AttributeError):
        raise ValueError("what parley keys derive printed, whole") from None
