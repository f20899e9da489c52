"""The Interviews page: what this browser has begun, to go on with or to delete, each or all, asked once more before.

Source: background.md, "Deleting interviews after a period of inactivity". Not for: which interviews there are (`start`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.gateway.client.interview import InterviewClient
from services.gateway.http.browser import browser
from services.gateway.http.language import page_language, say
from services.gateway.http.security import nonce
from services.gateway.http.visit import Visit
from services.gateway.options import Options
from services.gateway.render.listing import Listing
from services.gateway.web import messages
from services.gateway.web.messages import Link, Message, Post
from shared.catalogue.catalogues import N_, direction
from shared.catalogue.page import words
from shared.contract.entry import Entered
from shared.contract.errors import NoSession

#: Rounds of deleting what `find` gives, of some twenty sessions each. What is left then is on the page still.
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class _Row:
    session: str
    interview: str
    title: str


class Sessions:
    def __init__(self, client: InterviewClient, options: Options, listing: Listing) -> None:
        self._client = client
        self._options = options
        self._listing = listing

    def blueprint(self) -> Blueprint:
        made = Blueprint("sessions", __name__)
        made.add_url_rule("/interviews", "page", self.page)
        made.add_url_rule("/interviews", "delete", self.delete, methods=["POST"])
        return made

    def page(self) -> str:
        language = page_language()
        titles = {one.name: one.title for group in self._listing.groups(language) for one in group.entries}
        rows = [
            _Row(one.session, one.interview, titles.get(one.interview) or one.interview.rpartition(":")[2])
            for one in self._visit().sessions()
        ]
        return render_template(
            "sessions.html",
            rows=rows,
            heading=say(N_("Your interviews")),
            empty=say(N_("You have not begun an interview in this browser.")),
            delete=say(N_("Delete")),
            delete_all=say(N_("Delete all")),
            csrf=browser().csrf if rows else "",
            words=words(language),
            language=language,
            direction=direction(language),
            nonce=nonce(),
        )

    def delete(self) -> ResponseReturnValue:
        form, visit = request.form, self._visit()
        visit.asker.check_post(form.get(":csrf"))
        session = form.get("session", "")
        if form.get(":do") != "delete":
            return self._ask(session)
        if session:
            self._delete(visit, [one for one in visit.sessions() if one.session == session])
        else:
            self._delete_all(visit)
        return redirect(url_for("sessions.page"), 303)

    def _ask(self, session: str) -> ResponseReturnValue:
        """`session` is to be deleted; all are if it is empty."""
        heading = N_("Delete this interview?") if session else N_("Delete all of your interviews?")
        fields = ((":csrf", browser().csrf), ("session", session))
        button = Post(action=url_for("sessions.delete"), label=say(N_("Delete")), fields=fields, do="delete")
        text = N_("All answers and files in it are erased. This cannot be undone.")
        links = (Link(say(N_("Your interviews")), url_for("sessions.page")),)
        return messages.show(Message(heading=heading, texts=(text,), button=button, links=links, gone=True))

    def _delete_all(self, visit: Visit) -> None:
        tried: set[str] = set()
        for _ in range(_ROUNDS):
            fresh = [one for one in visit.sessions() if one.session not in tried]
            if not fresh:
                return
            tried |= {one.session for one in fresh}
            self._delete(visit, fresh)

    def _delete(self, visit: Visit, sessions: Sequence[Entered]) -> None:
        for one in sessions:
            try:
                visit.discard(one.session)
            except NoSession:  # somebody else was faster
                continue

    def _visit(self) -> Visit:
        return Visit(self._client, self._options, browser())
