"""One request's way to the interview service: which interview and session it is about, and the calls it stands for.

Pages and the JSON interface differ only in how they print what these methods return, a `Reply`, and in who asks, an `Asker`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import abort, g
from werkzeug.sansio.utils import get_current_url

from services.gateway.client.files import ScreenDocument
from services.gateway.client.interview import InterviewClient, Opened, new_request_id
from services.gateway.client.reply import Reply
from services.gateway.http.asker import Asker
from services.gateway.http.current import asked
from services.gateway.http.language import accepted
from services.gateway.http.security import from_elsewhere
from services.gateway.options import Options
from shared.contract.caller import Browser, Caller
from shared.contract.entry import Entered
from shared.contract.errors import CallFailed, NoSession
from shared.contract.reply import CheckInReply, Variables

#: Parameters of /interview that are the gateway's; all others are the interview's `url_args` (special.md).
RESERVED = frozenset(
    {"i", "session", "new_session", "reset", "action", "json", "command", "from_list", "request_id", "next"}
)
#: How often a screen may only say "go on" before the user is told that nothing comes of it.
_TURNS = 5
#: Letters of an interview's name that are believed.
_NAME = 500


def interview_path(interview: str, **parameters: str) -> str:
    return "/interview?" + urlencode({"i": interview, **parameters}, safe=":/")


@lru_cache(maxsize=256)
def _root(scheme: str, host: str) -> str:
    """Where the pages lie for who asks `host`, one of the names that are let in (`hosts`)."""
    return get_current_url(scheme, host).rstrip("/") + "/"


def _written_otherwise(interview: str) -> str:
    """``package:x.yml`` for ``package:data/questions/x.yml``, and the other way round (docs/architecture.md, "Names of interviews")."""
    package, _, path = interview.partition(":")
    short = path.removeprefix("data/questions/")
    return f"{package}:{short}" if short != path else f"{package}:data/questions/{path}"


@dataclass(frozen=True, slots=True)
class Entrance:
    """What GET /interview came to. `changed`: parameters took effect and should leave the address."""

    reply: Reply
    changed: bool


class Visit:
    """Made for one request, of which it reads address and headers."""

    def __init__(self, client: InterviewClient, options: Options, asker: Asker) -> None:
        self._client = client
        self._options = options
        self.asker = asker
        self._asked = asked()

    # ------------------------------------------------------------------ who and which

    @property
    def url_root(self) -> str:
        root = self._options.url_root
        return root.rstrip("/") + "/" if root else _root(self._asked.scheme, self._asked.host)

    def caller(self, url_args: Mapping[str, str] | None = None) -> Caller:
        root, referrer = self.url_root, self._asked.referrer
        browser = Browser(
            url_root=root,
            ip=self._asked.remote_addr,
            user_agent=self._asked.headers.get("User-Agent", "")[:500],
            languages=accepted(),
            referer=referrer[:1000] if referrer and not referrer.startswith(root) else None,
            url_args=dict(url_args or {}),
        )
        return Caller(client=self.asker.client, browser=browser)

    def interview_name(self) -> str:
        """The interview a request is about: named, or of the named session, or the default, or the last one. 404 if none."""
        name = (
            self._asked.args.get("i")
            or self._of_named_session()
            or self._of_referring_page()
            or self._options.default_interview
            or next((one.interview for one in self._sessions(None)), None)
        )
        if not name:
            abort(404)
        return name[:_NAME]

    def _of_named_session(self) -> str | None:
        session = self._asked.args.get("session")
        if not session:
            return None
        try:
            return self._client.enter(self.asker.at(session)).interview
        except NoSession:
            return None

    def _of_referring_page(self) -> str | None:
        """The interview of the page a relative link (``?action=…``) stood on: a browser may have several open."""
        try:
            referrer = urlsplit(self._asked.referrer or "")
        except ValueError:
            return None
        if referrer.netloc != self._asked.host:
            return None
        return next(iter(parse_qs(referrer.query).get("i", ())), None)

    def _sessions(self, interview: str | None) -> list[Entered]:
        """The asker's sessions (of `interview`), the one used last first."""
        browsers = self.asker.browsers
        return self._with_others(self._client.find(browsers, interview=interview) if browsers else (), interview)

    def _with_others(self, found: Sequence[Entered], interview: str | None) -> list[Entered]:
        """`found`, which the interview service gave for `interview`, and where else the asker has been."""
        browsers = self.asker.browsers
        if browsers and not found and interview is not None:
            # A link that the interview made names it in full; the session knows it as its first visitor wrote it.
            found = self._client.find(browsers, interview=_written_otherwise(interview))
        known = {one.session for one in found}
        return [*found, *(one for one in self.asker.of_before(interview) if one.session not in known)]

    def sessions(self) -> list[Entered]:
        """The asker's sessions of all interviews, the one used last first: some twenty at most."""
        return self._sessions(None)

    def visited(self) -> list[str]:
        """Names of interviews of which the asker has a session, the one used last first; none where nobody can say."""
        try:
            return [one.interview for one in self.sessions()] if self.asker.browsers else []
        except CallFailed:
            return []

    def session_of(self, interview: str) -> str | None:
        """The session of `interview` that the asker used last."""
        return next((one.session for one in self._sessions(interview)), None)

    def session_for(self, interview: str, asked: str | None) -> str:
        """The session a POST is about: the one named, or the one used last. Raises `NoSession`."""
        session = asked or self.session_of(interview)
        if session is None:
            raise NoSession("this browser does not hold a session of that interview")
        return session

    def at(self, session: str) -> Opened:
        """`session` as the asker holds it. From now on the request is about it, whatever it ends with."""
        g.session = session
        return self.asker.at(session)

    # ------------------------------------------------------------------ showing

    def enter(self, interview: str) -> Entrance:
        """GET /interview: resume, or begin.

        A link on another site or in a mail begins anew as well, but does not delete what was there.
        """
        arguments = self._asked.args
        url_args = {key: value for key, value in arguments.items() if key not in RESERVED}
        named = arguments.get("session")
        if arguments.get("reset") == "1" and not from_elsewhere():
            self._delete_last(interview)
        if arguments.get("reset") == "1" or arguments.get("new_session") == "1":
            return Entrance(self.begin(interview, url_args), changed=True)
        if named:
            self.asker.settle()
            return Entrance(self._client.resume(self.at(named), caller=self.caller(url_args)), changed=True)
        sessions, shown = self._found(interview, url_args)
        if shown is not None:
            return Entrance(shown, changed=bool(url_args))
        for one in sessions[:_TURNS]:
            try:
                return Entrance(self.show(one.session, url_args), changed=bool(url_args))
            except NoSession:  # deleted just now, or in the list of an old cookie
                continue
        return Entrance(self.begin(interview, url_args), changed=bool(url_args))

    def _found(self, interview: str, url_args: Mapping[str, str]) -> tuple[list[Entered], Reply | None]:
        """The asker's sessions of `interview`, and the screen of the first where it could be guessed."""
        browsers = self.asker.browsers
        guess = self._client.guess(browsers, interview)
        if guess is None:
            return self._sessions(interview), None
        found, shown = self._client.find_and_show(
            browsers, self.at(guess), interview=interview, caller=self.caller(url_args)
        )
        return ([], shown) if shown is not None else (self._with_others(found, interview), None)

    def use(self, session: str) -> Entered:
        """Go on with `session`: it is the one that the asker used last. Raises `NoSession`."""
        self.asker.settle()
        return self._client.enter(self.at(session), use=True)

    def is_stranger(self, session: str) -> bool:
        """The asker may enter only because everybody may, and has never been there. Raises `NoSession`."""
        return self._client.enter(self.at(session)).stranger

    def _delete_last(self, interview: str) -> None:
        session = self.session_of(interview)
        if session is None:
            return
        try:
            self.discard(session)
        except NoSession:
            pass

    def begin(self, interview: str, url_args: Mapping[str, str] | None = None) -> Reply:
        request_id = new_request_id()
        at = self.asker.beginning(interview, request_id)
        return self._client.open(interview, at, request_id=request_id, caller=self.caller(url_args))

    def show(self, session: str, url_args: Mapping[str, str] | None = None) -> Reply:
        return self._client.screen(self.at(session), caller=self.caller(url_args))

    def document(self, session: str, *, number: int, format: str) -> ScreenDocument:
        return ScreenDocument(self._client, self.at(session), number=number, format=format, caller=self.caller())

    # ------------------------------------------------------------------ changing

    def answer(
        self, session: str, *, request_id: str, token: str, values: Mapping[str, object], button: object, raw: bool
    ) -> Reply:
        return self._client.answer(
            self.at(session),
            request_id=request_id,
            token=token,
            values=values,
            button=button,
            raw=raw,
            caller=self.caller(),
        )

    def act(
        self, session: str, *, request_id: str, name: str, arguments: Mapping[str, object], read_only: bool = False
    ) -> Reply:
        return self._client.action(
            self.at(session),
            request_id=request_id,
            name=name,
            arguments=arguments,
            caller=self.caller(),
            read_only=read_only,
        )

    def made(self, session: str, name: str, arguments: Mapping[str, object], proof: str) -> bool:
        """Whether `session` itself made a link that runs this action, as `proof` shows."""
        if not proof:
            return False
        asked = {"_action": name, "_arguments": arguments, "_proof": proof}
        reply = self.act(session, request_id=new_request_id(), name="_da_proven", arguments=asked)
        return reply.kind == "response" and (reply.screen.get("response") or {}).get("json") is True

    def back(self, session: str, *, request_id: str) -> Reply:
        return self._client.back(self.at(session), request_id=request_id, caller=self.caller())

    def restart(self, session: str, *, request_id: str) -> Reply:
        return self._client.restart(self.at(session), request_id=request_id, caller=self.caller())

    def delete(self, session: str) -> None:
        self._client.delete(self.at(session), request_id=new_request_id(), caller=self.caller())

    def discard(self, session: str) -> None:
        """Delete it; what is somebody else's, where the asker was a guest, is only listed no more. Raises `NoSession`."""
        if self._client.enter(self.at(session)).guest:
            self.leave(session)
        else:
            self.delete(session)

    def check_in(self, session: str, report: Mapping[str, object]) -> CheckInReply:
        # The bus makes a call again when its line is cut: with an id, what the check-in starts is started once.
        return self._client.check_in(self.at(session), request_id=new_request_id(), report=report, caller=self.caller())

    def variables(self, session: str) -> Variables:
        return self._client.variables(self.at(session), caller=self.caller())

    def leave(self, session: str) -> None:
        """The asker has done with the session, if it is there still."""
        try:
            self._client.leave(self.at(session))
        except NoSession:
            pass
        self.asker.done_with(session)

    def follow(self, reply: Reply) -> Reply:
        """Do what a command screen says if that leads to another screen (restart, new_session, refresh, continue).

        A screen that stays a command (exit, leave, logout, signin, wait …) is returned as it is.
        """
        steps: Mapping[str, Callable[[Reply], Reply]] = {
            "restart": lambda one: self.restart(one.session, request_id=new_request_id()),
            "new_session": lambda one: self.begin(one.interview),
            "refresh": lambda one: self.show(one.session),
            "continue": lambda one: self.show(one.session),
        }
        for _ in range(_TURNS):
            step = steps.get(reply.command)
            if step is None:
                return reply
            reply = step(reply)
        return reply
