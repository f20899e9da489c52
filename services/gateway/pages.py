"""/interview and its neighbours as pages. What happens is conversation.py's, what is printed printing.py's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for

from services.gateway import forms, jsonapi, visitor
from services.gateway.conversation import Conversation, interview_path
from services.gateway.desk import InterviewDesk, new_request_id
from services.gateway.files import Uploads
from services.gateway.listing import Listing
from services.gateway.options import Options
from services.gateway.printing import Printer, by_script, entered
from services.gateway.problems import Explainer
from services.gateway.render.view import safe_address
from services.gateway.render.words import words
from services.gateway.security import check_post, from_another_site, is_page_view, nonce, stays_on
from shared.bus.messages import CallFailed

#: Parameters of an address that change something when it is opened.
_CHANGING = frozenset({"action", "command", "reset", "new_session"})


def make(
    desk: InterviewDesk, options: Options, printer: Printer, explainer: Explainer, uploads: Uploads, listing: Listing
) -> Blueprint:
    pages = Blueprint("pages", __name__)

    def conversation() -> Conversation:
        return Conversation(desk, options, request)

    @pages.get("/interview")
    def interview() -> Any:
        if "prefetch" in request.headers.get("Sec-Purpose", ""):
            abort(503)  # a browser guessing ahead must not start sessions
        if from_another_site(request) and not is_page_view(request) and not _CHANGING.isdisjoint(request.args):
            abort(403)
        talk = conversation()
        name = talk.interview_name()
        if request.args.get("json") == "1":
            return jsonapi.show(talk, name, explainer)
        if request.args.get("action"):
            return by_link(talk, name)
        if request.args.get("command"):
            return command(talk, name)
        reply, changed = talk.enter(name)
        reply = talk.follow(reply)
        asked = request.args.get("session")
        if (
            (changed or asked)
            and not by_script(request)
            and (reply.get("screen") or {}).get("kind") not in {"command", "response"}
        ):
            # So that loading the page again does not start over, and the address can be shown to others.
            return redirect(interview_path(str(reply["interview"])), 303)
        return printer.reply(request, reply)

    def by_link(talk: Conversation, name: str) -> Response | Any:
        """A link with an action (functions.md url_action): run it, then show what comes of it under a clean address."""
        try:
            action, arguments = forms.decode_action(request.args["action"])
        except forms.BadForm as bad:
            abort(400, str(bad))
        session = request.args.get("session") or visitor.session_of(name)
        if not session:
            session = str(talk.begin(name)["session"])
        reply = talk.follow(talk.act(name, session, request_id=new_request_id(), name=action, arguments=arguments))
        kind = (reply.get("screen") or {}).get("kind")
        if kind in {"command", "response"} or reply.get("failure") or by_script(request):
            return printer.reply(request, reply)
        return redirect(interview_path(name), 303)

    def command(talk: Conversation, name: str) -> Response | Any:
        """``url_of('exit')`` and kin."""
        word, session = request.args["command"], visitor.session_of(name)
        if from_another_site(request) and word != "new_session":
            # A link on somebody else's page may lead to an interview, but not throw away what was answered there.
            return redirect(interview_path(name), 303)
        if word == "new_session" or not session:
            talk.begin(name)
        elif word == "restart":
            talk.restart(name, session, request_id=new_request_id())
        elif word in {"exit", "leave", "logout", "exit_logout"}:
            if word.startswith("exit"):
                desk.call("delete", session=session, request_id=new_request_id(), who=talk.who(name))
            address = request.args.get("next", "")
            if not stays_on(address, request.host) and (safe_address(address) or address.startswith("//")):
                # Anybody can write such a link: the user says whether to go there.
                links = ({"label": "Go there", "url": safe_address(address) or options.exit_url},)
                return printer.message(
                    request, "You are leaving this site", (f"The next page is {address}",), links=links
                )
            ended = {
                "interview": name,
                "session": session,
                "screen": {"kind": "command", "command": word, "question": address},
            }
            return printer.reply(request, ended)
        return redirect(interview_path(name), 303)

    @pages.post("/interview")
    def post() -> Any:
        talk = conversation()
        name = talk.interview_name()
        if request.is_json:
            return jsonapi.post(talk, name, explainer, uploads, lambda reply: printer.reply(request, reply))
        form = request.form
        check_post(request, form.get(":csrf"))
        session = talk.session_for(name, form.get(":session"))
        if session is None:
            raise CallFailed("NoSession", "this browser does not hold that session")
        request_id = form.get(":request") or new_request_id()
        try:
            if form.get(":action"):
                action, arguments = forms.action(form)
                reply = talk.act(name, session, request_id=request_id, name=action, arguments=arguments)
            elif form.get(":do") == "back":
                reply = talk.back(name, session, request_id=request_id)
            elif form.get(":do") in {"exit", "leave"}:
                return gone(talk, name, session, form[":do"])
            elif form.get(":do") == "restart":
                reply = talk.restart(name, session, request_id=request_id)
            else:
                return answered(talk, name, session, request_id)
        except forms.BadForm as bad:
            abort(400, str(bad))
        return shown(talk, reply)

    def gone(talk: Conversation, name: str, session: str, word: str) -> Any:
        """The exit link of the corner (questions.md "screen parts"): to the author's `exit url`, without the session if it says so."""
        screen = talk.show(name, session).get("screen") or {}
        address = (screen.get("parts") or {}).get("exit url") or (screen.get("title") or {}).get("exit url")
        if word == "exit":
            desk.call("delete", session=session, request_id=new_request_id(), who=talk.who(name))
        command = {"kind": "command", "command": word, "question": address}
        return printer.reply(request, {"interview": name, "session": session, "screen": command})

    def answered(talk: Conversation, name: str, session: str, request_id: str) -> Any:
        sent = forms.read(request.form, request.files, lambda file: uploads.keep(session, file))
        reply = talk.answer(
            name,
            session,
            request_id=request_id,
            token=request.form.get(":token", ""),
            values=sent.values,
            button=sent.button,
            raw=True,
        )
        if reply.get("rejected"):
            return printer.reply(request, reply, entered(sent.values, reply))
        return shown(talk, reply)

    def shown(talk: Conversation, reply: dict[str, Any]) -> Any:
        """After a change: what comes next, at once for the page's script, else by a redirect so that reloading is harmless."""
        reply = talk.follow(reply)
        kind = (reply.get("screen") or {}).get("kind")
        if by_script(request) or kind in {"command", "response"} or reply.get("failure"):
            return printer.reply(request, reply)
        return redirect(interview_path(str(reply["interview"])), 303)

    @pages.post("/checkin")
    def check_in() -> Any:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            abort(400, "a check-in is a JSON object")
        check_post(request, request.headers.get("X-CSRF-Token"))
        session = body.get("session")
        if not isinstance(session, str) or not visitor.knows(session):
            raise CallFailed("NoSession", "this browser does not hold that session")
        report = {key: body[key] for key in ("token", "action", "values", "initial", "changed", "ack") if key in body}
        return jsonify(conversation().check_in(visitor.interview_of(session) or "", session, report))

    @pages.get("/document/<int:number>")
    def document(number: int) -> Any:
        """A document of the current screen: to read, or as the Markdown it is made of (``?format=md``)."""
        session = request.args.get("session", "")
        if not visitor.knows(session):
            abort(403)
        reply = conversation().show(visitor.interview_of(session) or "", session)
        return printer.document(request, reply, number)

    @pages.get("/variables")
    def variables() -> Any:
        """For get_interview_variables() (functions.md)."""
        session = request.args.get("session", "")
        if not visitor.knows(session):
            abort(403)
        name = visitor.interview_of(session) or ""
        try:
            return jsonify({"success": True, **desk.call("variables", session=session, who=conversation().who(name))})
        except CallFailed:
            return jsonify({"success": False})

    @pages.get("/list")
    @pages.get("/", endpoint="home")
    def start() -> str:
        return render_template("start.html", groups=listing.groups(), words=words("en"), nonce=nonce())

    @pages.get("/interviews")
    def interviews() -> Any:
        return redirect(url_for("start"), 303)

    @pages.get("/user/<path:page>")
    def accounts(page: str) -> Any:
        return printer.message(
            request, "There are no accounts here", ("You can use all interviews without one.",), status=404
        )

    @pages.post("/resume")
    def resume() -> Any:
        """interviews.md "resume": the session does not show in an address."""
        session = request.form.get("session", "")
        talk = conversation()
        name = request.form.get("i") or talk.interview_name()
        talk.show(name, session)
        others = {key: value for key, value in request.form.items() if key not in {"session", "i"}}
        return redirect(interview_path(name, **others), 302)

    return pages
