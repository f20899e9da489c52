"""/interview as pages: showing a screen, links with actions and commands, and forms that are sent.

The same address with JSON is api/interview.py's; routes.py decides.
"""

from __future__ import annotations

import json

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from services.gateway.client.files import SessionFiles
from services.gateway.client.interview import InterviewClient, new_request_id
from services.gateway.client.reply import Reply
from services.gateway.http import files
from services.gateway.http.browser import browser
from services.gateway.http.security import followed_here, from_elsewhere, is_part_of_a_page, stays_on
from services.gateway.http.sending import by_script
from services.gateway.http.visit import Visit, interview_path
from services.gateway.options import Options
from services.gateway.render.view import safe_address
from services.gateway.web import forms, messages
from services.gateway.web.messages import Link, Message
from services.gateway.web.screens import Screens, entered


class InterviewPages:
    def __init__(self, client: InterviewClient, options: Options, files: SessionFiles, screens: Screens) -> None:
        self._client = client
        self._options = options
        self._files = files
        self._screens = screens

    def get(self) -> ResponseReturnValue:
        visit = Visit(self._client, self._options, browser())
        interview = visit.interview_name()
        named = request.args.get("session")
        if named and from_elsewhere() and visit.is_stranger(named):
            return messages.ask_to_resume(interview, named)
        if request.args.get("action"):
            return self._link(visit, interview)
        if request.args.get("command"):
            return self._command(visit, interview)
        entrance = visit.enter(interview)
        reply = visit.follow(entrance.reply)
        if entrance.changed and not by_script() and (reply.is_page or not reply.screen):
            # So that loading the page again does not start over, and the address can be shown to others.
            return redirect(interview_path(reply.interview), 303)
        return self._screens.show(reply)

    def post(self) -> ResponseReturnValue:
        visit = Visit(self._client, self._options, browser())
        interview, form = visit.interview_name(), request.form
        visit.asker.check_post(form.get(":csrf"))
        session = visit.session_for(interview, form.get(":session"))
        request_id = form.get(":request") or new_request_id()
        try:
            if form.get(":action"):
                action, arguments = forms.action(form)
                return self._shown(visit, visit.act(session, request_id=request_id, name=action, arguments=arguments))
            if form.get(":do") == "email":
                asked = {"address": form.get(":email", ""), "editable": bool(form.get(":editable"))}
                reply = visit.act(session, request_id=request_id, name="_da_email_documents", arguments=asked)
                return self._shown(visit, reply)
            if form.get(":do") == "back":
                return self._shown(visit, visit.back(session, request_id=request_id))
            if form.get(":do") == "restart":
                return self._shown(visit, visit.restart(session, request_id=request_id))
            if form.get(":do") in {"exit", "leave"}:
                return self._left(visit, interview, session, form[":do"])
            return self._answered(visit, session, request_id)
        except forms.BadForm as bad:
            abort(400, str(bad))

    def _link(self, visit: Visit, interview: str) -> ResponseReturnValue:
        """A link with an action (functions.md url_action): run it, then show what comes of it under a clean address."""
        try:
            action, arguments, proof = forms.decode_action(request.args["action"])
        except forms.BadForm as bad:
            abort(400, str(bad))
        session = request.args.get("session") or visit.session_of(interview)
        hidden = is_part_of_a_page()
        if not session:
            if hidden:
                abort(403)
            session = visit.begin(interview).session
        elif (hidden or not followed_here()) and not visit.made(session, action, arguments, proof):
            if hidden:
                abort(403)
            return messages.ask_to_act(interview, session, json.dumps({"action": action, "arguments": arguments}))
        if request.args.get("session"):
            visit.use(session)  # what comes of it is shown under an address that does not name it
        reply = visit.act(session, request_id=new_request_id(), name=action, arguments=arguments)
        return self._shown(visit, reply)

    def _command(self, visit: Visit, interview: str) -> ResponseReturnValue:
        """``url_of('exit')`` and kin."""
        word, session = request.args["command"], visit.session_of(interview)
        if from_elsewhere() and word != "new_session":
            # A link on somebody else's page, or in a mail, may lead to an interview, but not throw away what was answered there.
            return redirect(interview_path(interview), 303)
        if word == "new_session" or not session:
            visit.begin(interview)
        elif word == "restart":
            visit.restart(session, request_id=new_request_id())
        elif word in {"exit", "leave", "logout", "exit_logout"}:
            return self._ended(visit, interview, session, word)
        return redirect(interview_path(interview), 303)

    def _ended(self, visit: Visit, interview: str, session: str, word: str) -> ResponseReturnValue:
        if word.startswith("exit"):
            visit.discard(session)
        address = request.args.get("next", "")
        if not stays_on(address, request.host) and (safe_address(address) or address.startswith("//")):
            # Anybody can write such a link: the user says whether to go there.
            links = (Link("Go there", safe_address(address) or self._options.exit_url),)
            text = f"The next page is {address}"
            return messages.show(Message(heading="You are leaving this site", texts=(text,), links=links))
        return self._screens.show(_command_reply(interview, session, word, address))

    def _left(self, visit: Visit, interview: str, session: str, word: str) -> ResponseReturnValue:
        """The exit link of the corner (questions.md "screen parts"): to the author's `exit url`, without the session if it says so."""
        screen = visit.show(session).screen
        address = (screen.get("parts") or {}).get("exit url") or (screen.get("title") or {}).get("exit url")
        if word == "exit":
            visit.discard(session)
        return self._screens.show(_command_reply(interview, session, word, address))

    def _answered(self, visit: Visit, session: str, request_id: str) -> ResponseReturnValue:
        token = request.form.get(":token", "")

        def keep(name: str, file: FileStorage) -> int:
            return files.keep(self._files, visit.at(session), file, token=token, name=name)

        sent = forms.read(request.form, request.files, keep)
        reply = visit.answer(
            session,
            request_id=request_id,
            token=token,
            values=sent.values,
            button=sent.button,
            raw=True,
        )
        if reply.rejected:
            return self._screens.show(reply, entered(sent.values, reply))
        return self._shown(visit, reply)

    def _shown(self, visit: Visit, reply: Reply) -> ResponseReturnValue:
        """After a change: what comes next, at once for the page's script, else by a redirect so that reloading is harmless.

        What is to be said once does not survive a redirect; reloading then sends the same request again, which changes nothing.
        """
        reply = visit.follow(reply).saying(reply.notices)
        if by_script() or not reply.is_page or reply.failure or reply.replaced or reply.messages:
            return self._screens.show(reply)
        return redirect(interview_path(reply.interview), 303)


def _command_reply(interview: str, session: str, command: str, address: str | None) -> Reply:
    """What the interview would have said, had it come to this command itself."""
    screen = {"kind": "command", "command": command, "question": address}
    return Reply.of(session=session, interview=interview, screen=screen)
