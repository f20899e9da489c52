"""/document/<n>: a document of the current screen, to read; with ``format``, as a file, as its picture (png), or all of them (zip)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request

from services.gateway.client.interview import InterviewClient
from services.gateway.http import files
from services.gateway.http.browser import browser
from services.gateway.http.security import nonce
from services.gateway.http.visit import Visit, interview_path
from services.gateway.options import Options
from services.gateway.render.references import around
from services.gateway.render.trusted import author_html
from services.gateway.web import messages
from shared.catalogue.catalogues import direction
from shared.catalogue.page import words
from shared.contract.errors import NoFile
from shared.contract.jsonvalue import JsonMap
from shared.markup import to_html, to_inline


class Documents:
    def __init__(self, client: InterviewClient, options: Options) -> None:
        self._client = client
        self._options = options

    def blueprint(self) -> Blueprint:
        made = Blueprint("documents", __name__)
        made.add_url_rule("/document/<int:number>", view_func=self.show)
        return made

    def _later(self, visit: Visit, session: str) -> Response:
        """It is being made: a page that asks again by itself; scripts see the status and ask themselves."""
        reply = visit.show(session)
        page = words(str(reply.screen.get("language") or "en"), reply.screen.get("words") or {})
        response = messages.show(messages.Message(heading=page["please wait"], texts=(), retry=1), reply)
        response.status_code = 202
        response.headers["Retry-After"] = "1"
        return response

    def show(self, number: int) -> Response:
        visit, session = Visit(self._client, self._options, browser()), request.args.get("session", "")
        wanted = request.args.get("format", "")
        if wanted and wanted != "md":
            try:
                document = visit.document(session, number=number, format=wanted)
            except NoFile:
                abort(404)
            return files.send_document(document) if document.ready else self._later(visit, session)
        reply = visit.show(session)
        documents = reply.screen.get("attachments") or []
        if number >= len(documents):
            abort(404)
        found: JsonMap = documents[number]
        name, content = str(found.get("filename") or "document"), str(found.get("content") or "")
        if wanted == "md":
            response = Response(content, mimetype="text/markdown")
            response.headers.set("Content-Disposition", "attachment", filename=f"{name}.md")
            return response
        markup = around(reply.screen, reply.interview, None, host=request.host)
        language = str(reply.screen.get("language") or "en")
        return make_response(
            render_template(
                "document.html",
                heading=author_html(to_inline(found.get("name") or name, markup)),
                content=author_html(to_html(content, markup)),
                words=words(language, reply.screen.get("words") or {}),
                language=language,
                direction=direction(language),
                nonce=nonce(),
                back=interview_path(reply.interview),
            )
        )
