"""One browser's talk with one interview: which session is meant, and the calls that a request stands for.

Pages and the JSON interface differ only in how they print what these methods return: a REPLY of docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Request, abort

from services.gateway import visitor
from services.gateway.desk import InterviewDesk, new_request_id
from services.gateway.options import Options
from services.gateway.security import from_another_site
from shared.bus.messages import CallFailed

#: Parameters of /interview that are the gateway's; all others are the interview's `url_args` (special.md).
RESERVED = frozenset(
    {"i", "session", "new_session", "reset", "action", "json", "command", "from_list", "request_id", "next"}
)
#: How often a screen may only say "go on" before the user is told that nothing comes of it.
_TURNS = 5

Reply = dict[str, Any]


def interview_path(interview: str, **parameters: str) -> str:
    return "/interview?" + urlencode({"i": interview, **parameters}, safe=":/")


class Conversation:
    def __init__(self, desk: InterviewDesk, options: Options, request: Request) -> None:
        self._desk = desk
        self._options = options
        self._request = request

    # ------------------------------------------------------------------ who and which

    @property
    def url_root(self) -> str:
        return (self._options.url_root or self._request.host_url).rstrip("/") + "/"

    def who(self, interview: str, url_args: Mapping[str, str] | None = None) -> dict[str, Any]:
        request = self._request
        browser: dict[str, Any] = {
            "url_root": self.url_root,
            "interview_url": self.url_root.rstrip("/") + interview_path(interview),
            "ip": request.remote_addr,
            "user_agent": request.headers.get("User-Agent", "")[:500],
            "languages": [code for code, _ in request.accept_languages][:10],
        }
        if request.referrer and not request.referrer.startswith(self.url_root):
            browser["referer"] = request.referrer[:1000]
        if url_args:
            browser["url_args"] = dict(url_args)
        return {"client": visitor.client(), "user": {}, "browser": browser}

    def interview_name(self) -> str:
        """The interview a request is about: named, or of the named session, or the last one, or the default. 404 if none."""
        session = self._request.args.get("session")
        name = (
            self._request.args.get("i")
            or (visitor.interview_of(session) if session else None)
            or self._of_referring_page()
        )
        name = name or self._options.default_interview or visitor.last_interview()
        if not name:
            abort(404)
        return name[:500]

    def _of_referring_page(self) -> str | None:
        """The interview of the page a relative link (``?action=…``) stood on: a browser may have several open."""
        try:
            referrer = urlsplit(self._request.referrer or "")
        except ValueError:
            return None
        if referrer.netloc != self._request.host:
            return None
        return next(iter(parse_qs(referrer.query).get("i", ())), None)

    def session_for(self, interview: str, asked: str | None) -> str | None:
        """The session a POST is about: one this browser was given, or none."""
        if asked:
            return asked if visitor.knows(asked) else None
        return visitor.session_of(interview)

    # ------------------------------------------------------------------ calls

    def enter(self, interview: str) -> tuple[Reply, bool]:
        """GET /interview: resume, or begin. The flag says that parameters took effect and should leave the address.

        A link on another site begins anew as well, but does not delete what was there.
        """
        arguments = self._request.args
        url_args = {key: value for key, value in arguments.items() if key not in RESERVED}
        anew = arguments.get("reset") == "1" or arguments.get("new_session") == "1"
        session = arguments.get("session") or visitor.session_of(interview)
        if arguments.get("reset") == "1" and not from_another_site(self._request):
            mine = visitor.session_of(interview)
            if mine:
                self._desk.call("delete", session=mine, request_id=new_request_id(), who=self.who(interview))
                visitor.forget(mine)
        if anew or not session:
            return self.begin(interview, url_args), bool(anew or url_args)
        try:
            reply = self._remember(self._desk.call("screen", session=session, who=self.who(interview, url_args)))
        except CallFailed as failed:
            if failed.kind != "NoSession" or arguments.get("session"):
                raise
            visitor.forget(session)
            return self.begin(interview, url_args), True
        return reply, bool(url_args)

    def begin(self, interview: str, url_args: Mapping[str, str] | None = None, request_id: str | None = None) -> Reply:
        who = self.who(interview, url_args)
        return self._remember(
            self._desk.call("open", interview=interview, request_id=request_id or new_request_id(), who=who)
        )

    def show(self, interview: str, session: str) -> Reply:
        return self._remember(self._desk.call("screen", session=session, who=self.who(interview)))

    def answer(
        self,
        interview: str,
        session: str,
        *,
        request_id: str,
        token: str,
        values: Mapping[str, Any],
        button: Any,
        raw: bool,
    ) -> Reply:
        return self._remember(
            self._desk.call(
                "answer",
                session=session,
                request_id=request_id,
                token=token,
                values=dict(values),
                button=button,
                raw=raw,
                who=self.who(interview),
            )
        )

    def act(self, interview: str, session: str, *, request_id: str, name: str, arguments: Mapping[str, Any]) -> Reply:
        return self._remember(
            self._desk.call(
                "action",
                session=session,
                request_id=request_id,
                name=name,
                arguments=dict(arguments),
                who=self.who(interview),
            )
        )

    def back(self, interview: str, session: str, *, request_id: str) -> Reply:
        return self._remember(self._desk.call("back", session=session, request_id=request_id, who=self.who(interview)))

    def restart(self, interview: str, session: str, *, request_id: str) -> Reply:
        return self._remember(
            self._desk.call("restart", session=session, request_id=request_id, who=self.who(interview))
        )

    def check_in(self, interview: str, session: str, report: Mapping[str, Any]) -> dict[str, Any]:
        # The bus makes a call again when its line is cut: with an id, what the check-in starts is started once.
        return dict(
            self._desk.call("check_in", session=session, request_id=new_request_id(), who=self.who(interview), **report)
        )

    def follow(self, reply: Reply) -> Reply:
        """Do what a command screen says if that leads to another screen (restart, new_session, refresh, continue).

        A screen that stays a command (exit, leave, logout, signin, wait …) is returned as it is.
        """
        for _ in range(_TURNS):
            screen = reply.get("screen") or {}
            if screen.get("kind") != "command":
                return reply
            interview, session, command = str(reply["interview"]), str(reply["session"]), screen.get("command")
            if command == "restart":
                reply = self.restart(interview, session, request_id=new_request_id())
            elif command == "new_session":
                reply = self.begin(interview)
            elif command in {"refresh", "continue"}:
                reply = self.show(interview, session)
            else:
                return reply
        return reply

    def _remember(self, reply: Reply) -> Reply:
        visitor.remember(str(reply["interview"]), str(reply["session"]))
        return reply
