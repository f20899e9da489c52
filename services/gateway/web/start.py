"""The start page, what old links may lead to, and /resume."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.gateway.client.interview import InterviewClient
from services.gateway.http.browser import browser, keep_cookie
from services.gateway.http.language import page_language, say
from services.gateway.http.security import from_our_page, nonce
from services.gateway.http.visit import RESERVED, Visit, interview_path
from services.gateway.options import Options
from services.gateway.render.listing import Entry, Listing
from services.gateway.web import messages
from services.gateway.web.messages import Message
from shared.catalogue.catalogues import N_, direction
from shared.catalogue.page import words

#: Interviews to go on with that are shown; all of them are under /interviews.
_GOING = 3


class Start:
    def __init__(self, client: InterviewClient, options: Options, listing: Listing) -> None:
        self._client = client
        self._options = options
        self._listing = listing

    def blueprint(self) -> Blueprint:
        made = Blueprint("start", __name__)
        made.add_url_rule("/", "home", self.home)
        made.add_url_rule("/list", "list", self.home)
        made.add_url_rule("/user/<path:page>", view_func=self.accounts)
        made.add_url_rule("/resume", view_func=self.resume, methods=["POST"])
        return made

    def home(self) -> str:
        language = page_language()
        return render_template(
            "start.html",
            yours=say(N_("Your interviews")),
            groups=self._listing.groups(language),
            going=self._going(language),
            words=words(language),
            language=language,
            direction=direction(language),
            nonce=nonce(),
        )

    def _going(self, language: str) -> list[Entry]:
        """The interviews in which this browser was last, for whoever wants to go on."""
        visited = dict.fromkeys(Visit(self._client, self._options, browser()).visited())
        return [self._listing.entry(name, language) for name in list(visited)[:_GOING]]

    def accounts(self, page: str) -> Response:
        texts = (N_("You can use all interviews without one."),)
        return messages.show(Message(heading=N_("There are no accounts here"), texts=texts, status=404))

    def resume(self) -> ResponseReturnValue:
        """interviews.md "resume": the session does not show in an address. A form on another site must be confirmed here."""
        form, asker = request.form, browser()
        session, name = form.get("session", ""), form.get("i", "")
        # Arguments of the interview. Whoever agrees to go on has not agreed to an action, or to begin anew.
        others = {key: value for key, value in form.items() if key and key[0] != ":" and key not in RESERVED}
        if not from_our_page() and not asker.holds(form.get(":csrf")):
            # The browser sends a form from elsewhere without its cookies (SameSite): none may be set in their place.
            keep_cookie()
            return messages.ask_to_resume(name, session, tuple(others.items()))
        visit = Visit(self._client, self._options, asker)
        interview = visit.use(session).interview
        return redirect(interview_path(interview, **others), 302)
