"""The mails of a system without an outgoing server, which are files in a folder: what the page ``/mail`` shows of them.

Only in the embedded system, for whoever tries interviews out. Messages are taken apart in a child, as those that come in are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shared.contract.errors import NoFile
from shared.mail.headers import split
from shared.runner.dissector import Dissector
from shared.store.records import HEAD_BYTES

#: Mails that the page lists, the newest.
LISTED = 100
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,150}")
_FIELDS = ("From", "To", "Cc", "Bcc", "Reply-To", "Date")


class Mailbox:
    def __init__(self, folder: Path, dissect: Dissector) -> None:
        self._folder = folder
        self._dissect = dissect

    @property
    def methods(self) -> Mapping[str, Callable[..., object]]:
        return {"listing": self.listing, "letter": self.letter, "part": self.part}

    def listing(self) -> list[dict[str, str]]:
        """The newest mails first: id, subject, to, date."""
        files = sorted(self._folder.glob("[!.]*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [self._line(path) for path in files[:LISTED]]

    def letter(self, *, mail: str) -> dict[str, Any]:
        """One mail: id, subject, ``about`` (names and values), text, whether there is ``html``, names and sizes of attachments."""
        raw = self._raw(mail)
        header, _ = split(raw)
        found = self._dissect(raw)
        return {
            "id": mail,
            "subject": header.text("Subject"),
            "about": [[name, header.text(name)] for name in _FIELDS if header.first(name) is not None],
            "text": found.get("body_text") or "",
            "html": found.get("body_html") is not None,
            "attachments": [
                {"filename": one["filename"], "size": len(one["content"])} for one in found.get("attachments") or []
            ],
        }

    def part(self, *, mail: str, number: int) -> dict[str, str]:
        """The HTML (0) or an attachment (from 1): filename, mimetype, content in base64."""
        found = self._dissect(self._raw(mail))
        if number == 0 and found.get("body_html") is not None:
            return _part("body.html", "text/html", str(found["body_html"]).encode())
        attachments = found.get("attachments") or []
        if not 1 <= number <= len(attachments):
            raise NoFile("this mail has no such part")
        one = attachments[number - 1]
        return _part(str(one["filename"]), str(one["mimetype"]), bytes(one["content"]))

    def _line(self, path: Path) -> dict[str, str]:
        try:
            with path.open("rb") as file:
                header, _ = split(file.read(HEAD_BYTES))
        except OSError:
            return {"id": path.stem, "subject": "", "to": "", "date": ""}
        return {"id": path.stem, **{name.lower(): header.text(name) for name in ("Subject", "To", "Date")}}

    def _raw(self, mail: str) -> bytes:
        if not _ID.fullmatch(mail):
            raise NoFile("there is no such mail")
        try:
            return (self._folder / f"{mail}.eml").read_bytes()
        except OSError:
            raise NoFile("there is no such mail") from None


def _part(filename: str, mimetype: str, content: bytes) -> dict[str, str]:
    return {"filename": filename, "mimetype": mimetype, "content": base64.b64encode(content).decode()}
