"""A `Reply` as what a browser gets: a whole page, or for the page's own script the part that changes, as JSON.

A form sent by script carries the header ``X-Parley``; it gets ``{"html", "page", …}``, or ``{"go": address}``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Flask, Response, g, render_template, request, url_for
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from services.gateway.client.files import FileInfo, SessionFiles
from services.gateway.client.interview import InterviewClient, new_request_id
from services.gateway.client.reply import Reply
from services.gateway.http.browser import browser
from services.gateway.http.security import nonce
from services.gateway.http.sending import by_script, go, said
from services.gateway.http.visit import Visit, interview_path
from services.gateway.options import Options
from services.gateway.render import layout, waiting
from services.gateway.render.control import Given
from services.gateway.render.icons import icon
from services.gateway.render.prints import Print, Prints, blank
from services.gateway.render.problems import Explainer
from services.gateway.render.screen import own_texts, view
from services.gateway.render.source import Source
from services.gateway.render.trusted import author_html
from services.gateway.render.view import View, safe_address
from services.gateway.streams import Streams
from services.gateway.web import messages
from services.gateway.web.assets import Assets
from services.gateway.web.messages import Message
from shared.catalogue.catalogues import N_
from shared.catalogue.page import PAGE
from shared.contract.datatypes import datatype_of
from shared.contract.encoding import encode
from shared.contract.errors import CallFailed

_WORDS_FOR_SCRIPT = (
    "offline",
    "arrived",
    "no answer",
    "dismiss",
    "matches",
    "no matches",
    "show list",
    "problem",
    "task failed",
    "usually",
    "progress",
    "error title",
    "behind",
    "follow",
    "ended",
    "gone",
    "restart",
    "forward",
    "uploading",
    "cancel",
    "filter",
)
#: Of the box beside the page (workshop.js).
_WORDS_FOR_AUTHORS = ("for the author", "line", *(key for key in PAGE if key.startswith("said ")))
#: On top of what the gateway itself waits for the interview service: the way there and back.
_WAY_SECONDS = 15


def install(app: Flask, options: Options, assets: Assets) -> None:
    """What all templates may use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {
        "asset": assets.url,
        "modules": assets.modules,
        "brand": options.brand,
        "draw_icon": lambda name, css="": author_html(icon(name, css) or ""),
        "short_hash": _short_hash,
        "nonce_of_response": nonce,
        "of_page": lambda: g.page,
    }


def _short_hash(text: object) -> str:
    return hashlib.blake2b(str(text).encode("utf-8", "replace"), digest_size=4).hexdigest()


class Screens:
    def __init__(
        self,
        app: Flask,
        options: Options,
        client: InterviewClient,
        files: SessionFiles,
        streams: Streams,
        explainer: Explainer,
    ) -> None:
        self._client = client
        self._app = app
        self._options = options
        self._files = files
        self._streams = streams
        self._explainer = explainer
        self._prints = Prints()
        wanted = {*_WORDS_FOR_SCRIPT, *(_WORDS_FOR_AUTHORS if options.workshop is not None else ())}
        self._words = tuple(key for key in PAGE if key in wanted or key.startswith("error "))

    def show(self, reply: Reply, given: Given | None = None) -> Response:
        """The response to a reply of any kind. `given`: what the user had entered, if it was refused."""
        if reply.failure and not reply.screen:
            return messages.show(messages.of_problem(self._explainer.of_failure(reply.failure)), reply)
        if reply.is_waiting:
            return self._screen(waiting.page_of(reply), None)
        if reply.command:
            return self._command(reply)
        if reply.kind == "response":
            return said(reply, browser().at(reply.session), self._files)
        return self._screen(reply, given)

    def _screen(self, reply: Reply, given: Given | None) -> Response:
        whole, source = not by_script(), self._source(reply)
        own = own_texts(source)
        there = own and (bool(own[0]), bool(own[1]))
        beside = (request.host, whole, g.get("workshop"), there)
        name = self._prints.name(reply, *beside, texts=own is None) if given is None else None
        made = self._prints.get(name) if name is not None else None
        if made is None:
            made = self._print(reply, source, given, whole=whole, texts=own is None)
            if name is not None:
                self._prints.note(name, reply.session, made)
        body = made.filled(self._blanks(reply, own, whole=whole))
        response = Response(body, mimetype="text/html" if whole else "application/json")
        response.status_code = 422 if reply.rejected else 200
        response.headers["Vary"] = "Cookie, X-Parley"
        return response

    def _source(self, reply: Reply) -> Source:
        at = browser().at(reply.session)

        def lookup(number: int) -> FileInfo | None:
            try:
                return self._files.info(at, number)
            except CallFailed:
                return None

        return Source.of(reply, host=request.host, lookup=lookup)

    def _print(self, reply: Reply, source: Source, given: Given | None, *, whole: bool, texts: bool) -> Print:
        """`texts`: with heading and subquestion, rather than blanks for them."""
        shown = view(reply, brand=self._options.brand, host=request.host, given=given, source=source)
        heading_text = shown.heading.striptags()
        if not texts:
            heading_text = blank("heading text") if shown.heading else ""
            shown = replace(
                shown, heading=_blank_for(shown.heading), subquestion=_blank_for(shown.subquestion, "subquestion")
            )
        g.page = context = {**_context(reply, shown), "heading_text": heading_text}
        page = self._page_data(reply, shown, context)
        # Its own members of the page's object come first.
        own = blank("page")
        context |= {"view": self._embedded(shown), "page": page}
        if whole:
            plain = htmlsafe_json_dumps(page, dumps=self._app.json.dumps)
            context["page_json"] = author_html(f"{{{own},{plain[1:]}")
            return Print.of(render_template("page.html", **context).encode())
        told = {
            "html": render_template("screen.html", **context),
            "title": _title(shown),
            "css": str(shown.code.css_html),
        }
        return Print.of(b'{"page":{%b,%b,%b' % (own.encode(), encode(page)[1:], encode(told)[1:]))

    def _blanks(self, reply: Reply, own: tuple[Markup, Markup] | None, *, whole: bool) -> dict[str, bytes]:
        """What this page has of its own, `own` texts among it, as its `Print` takes it."""
        csrf, token = browser().csrf, reply.screen.get("token", "")
        values = {"csrf": csrf, "session": reply.session, "token": token, "request": new_request_id()}
        if own is not None:
            values |= {"heading": own[0], "heading text": own[0].striptags(), "subquestion": own[1]}
        page = {
            "session": reply.session,
            "token": token,
            "version": reply.version,
            "step": reply.step,
            "heard": g.get("heard", ""),
            "csrf": csrf,
        }
        if not whole:
            made = {name: encode(str(escape(value)))[1:-1] for name, value in values.items()}
            return {**made, "page": encode(page)[1:-1]}
        values["nonce"] = nonce()
        made = {name: str(escape(value)).encode() for name, value in values.items()}
        return {**made, "page": htmlsafe_json_dumps(page, dumps=self._app.json.dumps)[1:-1].encode()}

    def _embedded(self, shown: View) -> View:
        """`shown` with the controls that the author put into the text ([FIELD …]) printed there."""
        if "data-field=" not in shown.subquestion:
            return shown
        macros: Any = self._app.jinja_env.get_template("fields.html").module
        text, left = layout.embed(shown.subquestion, shown.form.widgets, macros.inline)
        return replace(shown, form=replace(shown.form, embedded=text, rows=layout.rows(left)))

    def _page_data(self, reply: Reply, shown: View, context: Mapping[str, Any]) -> dict[str, object]:
        """What the page's script needs to know, besides what is this page's own (`_blanks`)."""
        screen = reply.screen
        return {
            "interview": reply.interview,
            # Two screens with the same key ask for the same things: what was being typed may stay.
            "key": [screen.get("block", ""), *(spec.get("variable") for spec in screen.get("fields") or ())],
            "url": context["urls"]["interview"],
            "check_in": screen.get("check_in"),
            "check_in_seconds": self._options.check_in_seconds,
            "answer_seconds": self._options.call_seconds + _WAY_SECONDS,
            "reload": screen.get("reload"),
            "waits": screen.get("waits") or [],
            # What is shown over the screen that stands, while that stays (functions.md, command('wait')).
            "waiting": {"heading": shown.heading, "text": shown.subquestion} if reply.kind == "wait" else None,
            "language": shown.language,
            "direction": shown.direction,
            "body_class": shown.body_class,
            "author_code": shown.code.runs,
            "datatypes": shown.code.datatypes,
            "scripts": shown.code.scripts,
            "styles": shown.code.styles,
            "inline": shown.code.inline,
            "button_scripts": {_short_hash(script): script for script in shown.buttons.scripts},
            "conditions": shown.form.js_conditions,
            "title": shown.title,
            "rejected": bool(reply.rejected),
            "messages": [{"message": one.message, "priority": one.priority} for one in reply.messages],
            "words": {**{key: shown.words[key] for key in self._words}, **shown.counted},
        }

    def _command(self, reply: Reply) -> Response:
        command, screen = reply.command, reply.screen
        if command in {"exit", "exit_logout", "interview_exit"}:
            Visit(self._client, self._options, browser()).leave(reply.session)
        if command in {"logout", "exit_logout"}:
            self._streams.cut(client=browser().client)
            browser().forget()
        if command in {"signin", "register"}:
            texts = (N_("You can go on without one."),)
            return messages.show(Message(heading=N_("There are no accounts here"), texts=texts), reply)
        if command in {"refresh", "continue"}:
            texts = (N_("This page looks again by itself."),)
            return messages.show(Message(heading=PAGE["working"], texts=texts, retry=3), reply)
        address = safe_address(screen.get("question")) or safe_address((screen.get("response") or {}).get("url"))
        return go(address or self._options.exit_url)


def _blank_for(text: Markup, name: str = "heading") -> Markup:
    """Whether there is a text decides what is around it."""
    return author_html(blank(name)) if text else text


def _title(shown: View) -> str:
    """Of the window, which screen readers say first: also that something is wrong."""
    wrong = shown.refusal.errors or shown.refusal.message
    return shown.words["error title"].format(shown.title) if wrong else shown.title


def _context(reply: Reply, shown: View) -> dict[str, Any]:
    return {
        "view": shown,
        "window_title": _title(shown),
        "words": shown.words,
        "nonce": blank("nonce"),
        "csrf": blank("csrf"),
        "ids": {name: blank(name) for name in ("session", "token", "request")},
        "urls": {"interview": interview_path(reply.interview), "start": url_for("start.home")},
    }


def entered(values: Mapping[str, object], reply: Reply) -> Given:
    """What to show again after a refusal. Passwords are typed again."""
    secret = {
        spec.get("variable")
        for spec in reply.screen.get("fields") or ()
        if datatype_of(str(spec.get("datatype"))).secret
    }
    kept = {name: value for name, value in values.items() if name not in secret and not isinstance(value, dict)}
    return Given(values=kept, errors=reply.rejected.fields if reply.rejected else {})
