"""The certificate of the mail server: read at start, and read again when its files change, without a restart."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

#: Seconds between looks at the files.
LOOK = 1.0


class BadCertificate(OSError):
    """The files do not make a certificate; the message names them and says why."""


class Certificates:
    """`context` is what a new connection gets. A change that cannot be used is logged, and what was there goes on."""

    def __init__(self, certificate: Path, key: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises `BadCertificate`."""
        self._certificate = certificate
        self._key = key
        self._clock = clock
        self._looked = clock()
        self._seen = self._stamp()
        self._current = self._load()
        self._serving: list[ssl.SSLContext] = []

    def context(self) -> ssl.SSLContext:
        now = self._clock()
        if now - self._looked >= LOOK:
            self._looked = now
            self._look()
        return self._current

    def for_server(self) -> ssl.SSLContext:
        """A context for a socket that is encrypted from the first byte: `context`, called for each connection, keeps it the newest.

        Not by a callback in the handshake: gevent and eventlet, where they have patched ssl, call it only for sockets, and asyncio has none.
        """
        made = self._load()
        self._serving.append(made)
        return made

    def _look(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._current = self._load()
        except BadCertificate as error:
            # The files are written one after the other: the next look finds them whole.
            log.error("certificate_refused", extra={"reason": str(error)})
            return
        try:
            for one in self._serving:
                self._put_into(one)
        except BadCertificate:  # they were changed between the two: looked at again
            self._seen = ()
        log.info("certificate_read")

    def _stamp(self) -> tuple[object, ...]:
        stamp: list[object] = []
        for path in (self._certificate, self._key):
            try:
                found = path.stat()
                stamp.append((found.st_mtime_ns, found.st_size, found.st_ino))
            except OSError:
                stamp.append(None)
        return tuple(stamp)

    def _load(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._put_into(context)
        return context

    def _put_into(self, context: ssl.SSLContext) -> None:
        for path in (self._certificate, self._key):
            try:
                path.read_bytes()
            except OSError as error:
                raise BadCertificate(f"{path}: cannot be read: {error.strerror}") from None
        try:
            context.load_cert_chain(self._certificate, self._key)
        except ssl.SSLError as error:
            why = (
                "the key is not that of the certificate"
                if "mismatch" in str(error).lower()
                else "no certificate and key in PEM"
            )
            raise BadCertificate(f"{self._certificate}, {self._key}: {why}") from None
