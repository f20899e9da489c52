"""/goto: a link that expires leads to what it stands for (functions.md, interview_url(temporary=…) and url_of('temp_url')).

What only looks at the link, to show a picture of it or to have it ready, is given an empty page: a link for one visit is for a person.
"""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from services.gateway.client.interview import InterviewClient
from services.gateway.render.view import safe_address
from services.gateway.web import messages
from services.gateway.web.messages import Message
from shared.catalogue.catalogues import N_

#: Programs that fetch what people write to each other, as they call themselves.
_BOTS: Final = re.compile(r"bot\b|crawl|spider|preview|scan|slurp|facebookexternalhit|whatsapp|embedly|skypeuri", re.I)


class Goto:
    def __init__(self, client: InterviewClient) -> None:
        self._client = client

    def blueprint(self) -> Blueprint:
        made = Blueprint("goto", __name__)
        made.add_url_rule("/goto", "follow", self.follow)
        return made

    def follow(self) -> ResponseReturnValue:
        if request.method == "HEAD" or _only_looks():
            return Response("", mimetype="text/html")
        address = safe_address(self._client.follow(request.args.get("c", "")))
        if address is not None:
            return redirect(address, 302)
        text = N_("It was good for a while, or for one visit. Ask whoever gave it to you for a new one.")
        return messages.show(Message(heading=N_("This link has expired"), texts=(text,), status=410))


def _only_looks() -> bool:
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return "prefetch" in purpose or bool(_BOTS.search(request.headers.get("User-Agent", "")))
