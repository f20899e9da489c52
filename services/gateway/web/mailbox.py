"""/mail: what an embedded system without an outgoing server would have sent. Only for the machine that it runs on.

A mail's HTML stands in a frame of its own, where nothing of it runs and nothing is fetched; attachments are downloads.
"""

from __future__ import annotations

import base64
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from services.gateway.http.security import nonce
from shared.bus.messages import Bus
from shared.catalogue.page import words
from shared.contract.errors import NoFile

_FRAME = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


class MailboxPages:
    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def blueprint(self) -> Blueprint:
        made = Blueprint("mailbox", __name__)
        made.before_request(_only_here)
        made.add_url_rule("/mail", "listing", self.listing)
        made.add_url_rule("/mail/<mail>", "letter", self.letter)
        made.add_url_rule("/mail/<mail>/<int:number>", "part", self.part)
        return made

    def listing(self) -> str:
        return self._page(mails=self._bus.call("mailbox", "listing"), letter=None)

    def letter(self, mail: str) -> str:
        return self._page(mails=(), letter=self._asked("letter", mail=mail))

    def part(self, mail: str, number: int) -> Response:
        found = self._asked("part", mail=mail, number=number)
        html = number == 0
        made = Response(
            base64.b64decode(found["content"]), mimetype="text/html" if html else "application/octet-stream"
        )
        made.headers["Content-Security-Policy"] = _FRAME
        made.headers["X-Content-Type-Options"] = "nosniff"
        if not html:
            made.headers.set("Content-Disposition", "attachment", filename=found["filename"])
        return made

    def _asked(self, method: str, **arguments: Any) -> Any:
        try:
            return self._bus.call("mailbox", method, **arguments)
        except NoFile:
            abort(404)

    def _page(self, **values: object) -> str:
        return render_template("mailbox.html", words=words("en"), nonce=nonce(), **values)


def _only_here() -> None:
    """Mails of all sessions are nobody else's to read: not another machine's, not one's behind a proxy, not a page's elsewhere
    that gave this machine a name of its own.
    """
    host = request.host.rpartition(":")[0] if request.host.count(":") == 1 else request.host
    try:
        here = ip_address(request.remote_addr or "").is_loopback
        named = host == "localhost" or ip_address(host.partition("]")[0].strip("[]")).is_loopback
    except ValueError:
        here = named = False
    if not (here and named) or "X-Forwarded-For" in request.headers:
        abort(404)
