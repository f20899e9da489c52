"""Replies as what a browser gets: a whole page, or for the page's own script the part that changes, as JSON.

A form sent by script carries the header ``X-Parley``; it gets ``{"html", "page", …}``, or ``{"go": address}``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Request, Response, abort, g, jsonify, make_response, redirect, render_template, url_for

from services.gateway import visitor
from services.gateway.assets import Assets
from services.gateway.conversation import Reply, interview_path
from services.gateway.desk import new_request_id
from services.gateway.files import Downloads
from services.gateway.options import Options
from services.gateway.problems import Explainer, Problem
from services.gateway.render import layout
from services.gateway.render.icons import icon
from services.gateway.render.screen import view
from services.gateway.render.surroundings import around
from services.gateway.render.trusted import author_html
from services.gateway.render.view import View, safe_address
from services.gateway.render.widgets import Given
from services.gateway.render.words import words
from services.gateway.security import nonce
from services.gateway.streams import Streams
from shared.authoring.markup import to_html, to_inline
from shared.bus.messages import CallFailed

_WORDS_FOR_SCRIPT = ("offline", "working", "dismiss", "no matches", "show list", "problem", "select")


def by_script(request: Request) -> bool:
    """The page's own script asks, and wants only what changes."""
    return "X-Parley" in request.headers


class Printer:
    def __init__(
        self, app: Flask, options: Options, assets: Assets, downloads: Downloads, streams: Streams, explainer: Explainer
    ) -> None:
        self._app = app
        self._options = options
        self._assets = assets
        self._downloads = downloads
        self._streams = streams
        self._explainer = explainer
        app.jinja_env.globals |= {
            "asset": assets.url,
            "brand": options.brand,
            "draw_icon": lambda name, css="": author_html(icon(name, css) or ""),
            "short_hash": lambda text: hashlib.blake2b(str(text).encode(), digest_size=4).hexdigest(),
            "nonce_of_response": nonce,
        }

    # ------------------------------------------------------------------ screens

    def reply(
        self, request: Request, reply: Reply, given: Given | None = None, *, notices: tuple[str, ...] = ()
    ) -> Response:
        """The response to a REPLY of any kind."""
        if reply.get("failure") and not reply.get("screen"):
            return self.problem(request, self._explainer.of_failure(reply["failure"]), reply)
        screen = reply.get("screen") or {}
        if screen.get("kind") == "command":
            return self._command(request, reply, screen)
        if screen.get("kind") == "response":
            return self.content(reply, screen.get("response") or {}, str(screen.get("question") or ""), request)
        return self._screen(request, reply, given, notices)

    def _screen(self, request: Request, reply: Reply, given: Given | None, notices: tuple[str, ...]) -> Response:
        session = str(reply["session"])

        def lookup(number: int) -> Mapping[str, Any] | None:
            try:
                return self._downloads.info(session, number)
            except CallFailed:
                return None

        shown = view(reply, brand=self._options.brand, host=request.host, lookup=lookup, given=given)
        context = self._context(reply, shown, notices)
        self._embed(shown, context)
        self._page_data(reply, shown, context)
        status = 422 if reply.get("rejected") else 200
        if by_script(request):
            html = render_template("screen.html", **context)
            response = jsonify(html=html, page=shown.page, title=shown.title, css=str(shown.css_html))
        else:
            response = make_response(render_template("page.html", **context))
        response.status_code = status
        response.headers["Vary"] = "Cookie, X-Parley"
        return response

    def _context(self, reply: Reply, shown: View, notices: tuple[str, ...]) -> dict[str, Any]:
        screen = reply["screen"]
        return {
            "view": shown,
            "words": shown.words,
            "nonce": nonce(),
            "csrf": visitor.csrf_token(),
            "ids": {"session": reply["session"], "token": screen.get("token", ""), "request": new_request_id()},
            "urls": {"interview": interview_path(str(reply["interview"])), "start": url_for("start")},
            "notices": notices,
            "css_html": shown.css_html,
            "heading_text": author_html(str(shown.heading)).striptags(),
        }

    def _embed(self, shown: View, context: Mapping[str, Any]) -> None:
        if "data-field=" not in shown.subquestion:
            return
        macros: Any = self._app.jinja_env.get_template("fields.html").make_module(dict(context))
        shown.embedded, left = layout.embed(shown.subquestion, shown.widgets, macros.inline)
        shown.rows = layout.rows(left)

    def _page_data(self, reply: Reply, shown: View, context: Mapping[str, Any]) -> None:
        """What the page's script needs to know."""
        screen = reply["screen"]
        shown.page |= {
            "interview": reply["interview"],
            "session": reply["session"],
            "token": screen.get("token", ""),
            # Two screens with the same key ask for the same things: what was being typed may stay.
            "key": [screen.get("block", ""), *(spec.get("variable") for spec in screen.get("fields") or ())],
            "version": reply.get("version"),
            "step": reply.get("step"),
            "heard": g.get("heard", ""),
            "csrf": context["csrf"],
            "url": context["urls"]["interview"],
            "check_in": screen.get("check_in"),
            "check_in_seconds": self._options.check_in_seconds,
            "reload": screen.get("reload"),
            "language": shown.language,
            "direction": shown.direction,
            "body_class": shown.body_class,
            "scripts": shown.scripts,
            "styles": shown.styles,
            "script": shown.script_html,
            "conditions": shown.js_conditions,
            "rejected": bool(reply.get("rejected")),
            "words": {
                key: shown.words[key] for key in shown.words if key in _WORDS_FOR_SCRIPT or key.startswith("error ")
            },
        }

    # ------------------------------------------------------------------ what is not a screen

    def _command(self, request: Request, reply: Reply, screen: Mapping[str, Any]) -> Response:
        command, session = str(screen.get("command")), str(reply["session"])
        address = safe_address(screen.get("question")) or safe_address((screen.get("response") or {}).get("url"))
        if command in {"exit", "exit_logout", "interview_exit"}:
            visitor.forget(session)
        if command in {"logout", "exit_logout"}:
            self._streams.cut(client=visitor.client())
            visitor.forget_all()
        if command in {"signin", "register"}:
            return self.message(request, "There are no accounts here", ("You can go on without one.",), reply=reply)
        if command in {"wait", "refresh", "continue"}:
            texts = ("This page looks again by itself.",)
            return self.message(request, words("en")["working"], texts, reply=reply, retry=3)
        return self.go(request, address or self._options.exit_url)

    def go(self, request: Request, address: str) -> Response:
        if by_script(request):
            return jsonify(go=address)
        response = make_response(redirect(address, 303))
        response.autocorrect_location_header = False
        return response

    def content(self, reply: Reply, parts: Mapping[str, Any], text: str, request: Request) -> Response:
        """What response() and json_response() send (functions.md "Functions for special responses")."""
        status = int(parts.get("status") or parts.get("response_code") or 200)
        mimetype = str(parts.get("content_type") or "text/plain; charset=utf-8")
        address = safe_address(parts.get("url"))
        if address is not None:
            return self.go(request, address)
        if parts.get("file") is not None:
            number = parts["file"].get("number") if isinstance(parts["file"], Mapping) else parts["file"]
            if str(number).isdigit():
                return self._downloads.serve(str(reply["session"]), int(str(number)))
        body: Any = parts.get("binary", parts.get("text"))
        if isinstance(body, Mapping) and "base64" in body:
            body = base64.b64decode(str(body["base64"]))
        for name in ("json", "all_variables"):
            if name in parts:
                body = json.dumps(parts[name], indent=2 if name == "all_variables" else None)
        if parts.get("null"):
            return Response(status=204)
        response = Response(text if body is None else body, status=status, content_type=mimetype)
        response.headers["X-Parley-Response"] = "1"
        return response

    def document(self, request: Request, reply: Reply, number: int) -> Response:
        documents = (reply.get("screen") or {}).get("attachments") or []
        if number >= len(documents):
            abort(404)
        found = documents[number]
        name, content = str(found.get("filename") or "document"), str(found.get("content") or "")
        if request.args.get("format") == "md":
            response = Response(content, mimetype="text/markdown")
            response.headers.set("Content-Disposition", "attachment", filename=f"{name}.md")
            return response
        surroundings = around(reply["screen"], str(reply["interview"]), None, host=request.host)
        language = str(reply["screen"].get("language") or "en")
        return make_response(
            render_template(
                "document.html",
                heading=author_html(to_inline(found.get("name") or name, surroundings)),
                content=author_html(to_html(content, surroundings)),
                words=words(language),
                language=language,
                nonce=nonce(),
                back=interview_path(str(reply["interview"])),
            )
        )

    def problem(self, request: Request, problem: Problem, reply: Reply | None = None) -> Response:
        return self.message(
            request,
            problem.heading,
            problem.texts,
            reply=reply,
            status=problem.status,
            retry=problem.retry,
            gone=problem.gone,
            author=problem.author,
            kind=problem.kind,
        )

    def message(
        self,
        request: Request,
        heading: str,
        texts: tuple[str, ...],
        *,
        reply: Reply | None = None,
        status: int = 200,
        retry: int | None = None,
        gone: bool = False,
        author: Mapping[str, Any] | None = None,
        kind: str = "",
        links: Sequence[Mapping[str, str]] = (),
    ) -> Response:
        interview = str(reply["interview"]) if reply else request.args.get("i", "")
        session = str(reply["session"]) if reply else visitor.session_of(interview) if interview else None
        links = list(links)
        if interview and not gone:
            links.append({"label": "Back to the interview", "url": interview_path(interview)})
        elif interview and kind == "NoSession":
            links.append({"label": words("en")["restart"], "url": interview_path(interview, new_session="1")})
        links.append({"label": words("en")["home"], "url": url_for("start")})
        again = None
        if session and status >= 500 and not retry:
            fields = [
                (":csrf", visitor.csrf_token()),
                (":session", session),
                (":request", new_request_id()),
                (":token", ""),
            ]
            again = {"action": interview_path(interview), "fields": fields, "do": "back", "label": "Go one step back"}
        context = {
            "heading": heading,
            "texts": texts,
            "links": links,
            "again": again,
            "retry": retry if request.method == "GET" else None,
            "author": author,
            "words": words("en"),
            "nonce": nonce(),
            "reference": None,
        }
        if by_script(request):
            html = render_template("message_part.html", **context)
            response = jsonify(html=html, page={"message": True, "retry": retry, "kind": kind}, title=heading)
        else:
            response = make_response(render_template("message.html", **context))
        response.status_code = status
        if retry:
            response.headers["Retry-After"] = str(retry)
        return response


def entered(values: Mapping[str, Any], reply: Reply) -> Given:
    """What to show again after a refusal. Passwords are typed again."""
    secret = {
        spec.get("variable")
        for spec in (reply.get("screen") or {}).get("fields") or ()
        if spec.get("datatype") == "password"
    }
    rejected = reply.get("rejected") or {}
    kept = {name: value for name, value in values.items() if name not in secret and not isinstance(value, dict)}
    return Given(values=kept, errors=dict(rejected.get("fields") or {}))
