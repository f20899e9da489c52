"""/interview with json=1, and answers as JSON (docs/http.md "Answering")."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Response, abort, request
from werkzeug.datastructures import FileStorage

from services.gateway.api import bodies, errors
from services.gateway.client.files import SessionFiles
from services.gateway.client.interview import InterviewClient, new_request_id
from services.gateway.client.reply import Reply
from services.gateway.http import files
from services.gateway.http.asker import Asker
from services.gateway.http.security import from_elsewhere
from services.gateway.http.sending import said
from services.gateway.http.visit import Visit
from services.gateway.options import Options
from services.gateway.render.problems import Explainer


class InterviewJson:
    """`asker` says who makes the current request: by a cookie today, by a key of the API one day."""

    def __init__(
        self,
        client: InterviewClient,
        options: Options,
        files: SessionFiles,
        explainer: Explainer,
        asker: Callable[[], Asker],
    ) -> None:
        self._asker = asker
        self._client = client
        self._options = options
        self._files = files
        self._explainer = explainer

    def get(self) -> Response:
        visit = Visit(self._client, self._options, self._asker())
        named = request.args.get("session")
        if named and from_elsewhere() and visit.is_stranger(named):
            # The browser would go on with somebody else's session from now on. There is no page here on which to ask.
            abort(403, "This session is one of others. Open it as a page first.")
        entrance = visit.enter(visit.interview_name())
        return self._print(visit, visit.follow(entrance.reply))

    def post(self) -> Response:
        """One of: an answer (``set``, ``button``), ``{"action", "arguments"}`` (with ``"read_only": true`` nothing is saved),
        ``{"back": true}``, ``{"restart": true}``.

        The page's script (header ``X-Parley-Call``) gets what response() sent as it is.
        """
        visit = Visit(self._client, self._options, self._asker())
        interview = visit.interview_name()
        visit.asker.check_post(request.headers.get("X-CSRF-Token"))
        body = bodies.body()
        session = visit.session_for(interview, bodies.text(body, "session"))
        reply = self._done(visit, session, body)
        if not reply.rejected:
            reply = visit.follow(reply).saying(reply.notices)
        if "X-Parley-Call" in request.headers and reply.kind == "response":
            return said(reply, visit.at(reply.session), self._files)
        return self._print(visit, reply)

    def _done(self, visit: Visit, session: str, body: dict[str, object]) -> Reply:
        """What `body` asks for, done."""
        request_id = bodies.text(body, "request_id") or new_request_id()
        if body.get("back") is True:
            return visit.back(session, request_id=request_id)
        if body.get("restart") is True:
            return visit.restart(session, request_id=request_id)
        if "action" in body:
            name = bodies.text(body, "action")
            if not name:
                raise errors.BadBody("action must be the name of an action")
            arguments = bodies.mapping(body, "arguments")
            read_only = body.get("read_only") is True
            return visit.act(session, request_id=request_id, name=name, arguments=arguments, read_only=read_only)
        given = bodies.mapping(body, "set")
        token = bodies.text(body, "token") or ""

        def keep(name: str, file: FileStorage) -> int:
            return files.keep(self._files, visit.at(session), file, token=token, name=name)

        values = {name: bodies.with_files(name, value, partial(keep, name)) for name, value in given.items()}
        return visit.answer(
            session,
            request_id=request_id,
            token=token,
            values=values,
            button=body.get("button"),
            raw=False,
        )

    def _print(self, visit: Visit, reply: Reply) -> Response:
        if reply.failure:
            beside = {"session": reply.session, "interview": reply.interview}
            return errors.of_problem(self._explainer.of_failure(reply.failure), beside=beside)
        if reply.command in {"exit", "exit_logout"}:
            visit.leave(reply.session)
        return bodies.sent(reply.told, status=422 if reply.rejected else 200, csrf=visit.asker.csrf)
