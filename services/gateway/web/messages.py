"""Pages that are no screens: what went wrong, where an interview ended, what must be confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, g, jsonify, make_response, render_template, request, url_for

from services.gateway.client.interview import new_request_id
from services.gateway.client.reply import Reply
from services.gateway.http.browser import browser
from services.gateway.http.language import page_language, say, speak
from services.gateway.http.security import nonce
from services.gateway.http.sending import by_script
from services.gateway.http.visit import interview_path
from services.gateway.render.problems import Problem
from services.logs import session_hash
from shared.catalogue.catalogues import N_, direction
from shared.catalogue.page import words


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A form with one button. `fields` are sent with it; `do` is what the button says, if it says something (``:do``)."""

    action: str
    label: str
    fields: Sequence[tuple[str, str]] = ()
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    heading: str
    texts: tuple[str, ...] = ()
    status: int = 200
    retry: int | None = None  #: seconds after which the page tries again by itself
    gone: bool = False  #: there is no way back to the interview
    kind: str = ""  #: of the error, for the page's script
    mistake: bool = False  #: of the interview: who runs the site can find it by the session
    author: Mapping[str, object] | None = None  #: places and traces, in author mode
    links: tuple[Link, ...] = ()
    button: Post | None = field(default=None)


def of_problem(problem: Problem) -> Message:
    return Message(
        heading=problem.heading,
        texts=problem.texts,
        status=problem.status,
        retry=problem.retry,
        gone=problem.gone,
        kind=problem.kind,
        mistake=problem.mistake,
        author=problem.author,
    )


def show(message: Message, reply: Reply | None = None) -> Response:
    """The page, or for the page's own script the part of it that changes. `reply` (or `g.session`) says in which session it happened."""
    interview = reply.interview if reply else request.args.get("i", "")
    session = reply.session if reply else g.get("session")
    if reply is not None and reply.screen and reply.screen.get("language"):
        speak(str(reply.screen["language"]))
    language = page_language()
    heading = say(message.heading)
    context = {
        "heading": heading,
        "texts": [*map(say, message.texts), *_reference(message, session)],
        "links": _links(message, interview),
        "button": message.button or _back(message, interview, session),
        "retry": message.retry if request.method == "GET" else None,
        "author": message.author,
        "words": words(language),
        "language": language,
        "direction": direction(language),
        "nonce": nonce(),
    }
    if by_script():
        html = render_template("message_part.html", **context)
        page = {"message": True, "retry": message.retry, "kind": message.kind}
        response = jsonify(html=html, page=page, title=heading)
    else:
        response = make_response(render_template("message.html", **context))
    response.status_code = message.status
    if message.retry:
        response.headers["Retry-After"] = str(message.retry)
    return response


def _reference(message: Message, session: str | None) -> tuple[str, ...]:
    """What a user can name to those who run the site: the session, as their logs call it."""
    if not message.mistake or not session:
        return ()
    return (say(N_("If you tell those who run this site, name this number: {0}"), session_hash(session)),)


def ask_to_resume(interview: str, session: str, others: Sequence[tuple[str, str]] = ()) -> Response:
    """Somebody else's page wants this browser to go on with `session`: only the user can want that."""
    fields = (("i", interview), ("session", session), *others)
    button = Post(action=url_for("start.resume"), label=say(N_("Open the interview")), fields=fields)
    text = N_("A link or another page wants to open an interview that somebody began already.")
    return show(Message(heading=N_("Open this interview?"), texts=(text,), button=button, gone=True))


def ask_to_act(interview: str, session: str, action: str) -> Response:
    """A link from elsewhere, which the session did not make, wants something done in it: only the user can want that."""
    fields = ((":csrf", browser().csrf), (":session", session), (":request", new_request_id()), (":action", action))
    button = Post(action=interview_path(interview), label=say(N_("Do it")), fields=fields)
    text = N_(
        "A link wants to do something in an interview that you have begun. If you do not expect that, go back to the interview."
    )
    links = (Link(say(N_("Back to the interview")), interview_path(interview)),)
    return show(Message(heading=N_("Follow this link?"), texts=(text,), button=button, links=links, gone=True))


def _links(message: Message, interview: str) -> list[Link]:
    links = list(message.links)
    if interview and not message.gone:
        links.append(Link(say(N_("Back to the interview")), interview_path(interview)))
    elif interview and message.kind == "NoSession":
        links.append(Link(words(page_language())["restart"], interview_path(interview, new_session="1")))
    return [*links, Link(words(page_language())["home"], url_for("start.home"))]


def _back(message: Message, interview: str, session: str | None) -> Post | None:
    """A way out of a screen that cannot be made: the step before it."""
    if not session or message.status < 500 or message.retry:
        return None
    fields = (
        (":csrf", browser().csrf),
        (":session", session),
        (":request", new_request_id()),
        (":token", ""),
    )
    return Post(action=interview_path(interview), label=say(N_("Go one step back")), fields=fields, do="back")
