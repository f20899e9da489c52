"""A message taken apart: its bodies, and every other leaf as an attachment.

Whatever it is made of, nothing is lost: what cannot be decoded stays as it came, and `Dissected.problems` says so. The work is
bounded; a message beyond the bounds is not taken apart, and says that instead. Linear in the size of the message at each of its levels.

Source: objects.md, "DAEmail"; RFC 2045, 2046, 2387 (related), 5322.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final

from shared.mail import multipart, tnef
from shared.mail.charsets import decoded
from shared.mail.encodings import undone
from shared.mail.headers import HEADER_BYTES, Header, split
from shared.mail.names import Names, parameter, type_of

#: Beyond these a message is kept whole and not taken apart. Mails that people send have some ten parts in four levels.
PARTS: Final = 1000
LEVELS: Final = 100
#: Levels of messages within messages that are opened; the next is an attachment that is not.
MESSAGES: Final = 10
#: What the parts of one message may hold together: the message within a message within a message is there three times.
TOTAL_BYTES: Final = 120 * 1024 * 1024

_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", re.IGNORECASE)
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_MESSAGES: Final = ("message/rfc822", "message/global", "message/news")


class TooComplex(Exception):
    """More parts, levels or header than are taken apart; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One attachment. `email` is what an attached message is made of."""

    filename: str
    mimetype: str
    content: bytes
    email: Dissected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissected:
    """`headers` are [name, value] pairs, decoded. `problems` are sentences for whoever wonders about the rest."""

    body_text: str | None = None
    body_html: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As it travels from a child."""
        return {
            "body_text": self.body_text,
            "body_html": self.body_html,
            "headers": [list(pair) for pair in self.headers],
            "problems": self.problems,
            "attachments": [
                {
                    "filename": one.filename,
                    "mimetype": one.mimetype,
                    "content": one.content,
                    "email": None if one.email is None else one.email.plain(),
                }
                for one in self.attachments
            ],
        }


def dissect(raw: bytes) -> Dissected:
    """The parts of a message. Never raises for anything in it."""
    try:
        return _Dissection(_Budget()).message(raw)
    except TooComplex as error:
        header, _ = split(raw)
        headers = [(one.name, one.text) for one in header.fields[:PARTS]]
        return Dissected(headers=headers, problems=[f"too complex: {error}"])


class _Budget:
    """What is left for one message and all the messages in it."""

    def __init__(self) -> None:
        self.parts = PARTS
        self.bytes = TOTAL_BYTES

    def part(self) -> None:
        self.parts -= 1
        if self.parts < 0:
            raise TooComplex(f"more than {PARTS:,} parts")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that has no parts. `main` is whether a body may stand there."""

    header: Header
    encoded: bytes
    mimetype: str
    main: bool


class _Dissection:
    """One message on its way."""

    def __init__(self, budget: _Budget, *, messages: int = MESSAGES) -> None:
        self._budget = budget
        self._messages = messages
        self._names = Names()
        self._problems: list[str] = []
        self._attachments: list[Part] = []
        self._bodies: dict[str, str] = {}

    def message(self, raw: bytes) -> Dissected:
        header, begin = split(raw)
        if begin >= HEADER_BYTES:
            raise TooComplex(f"more than {HEADER_BYTES // 1024 // 1024} MB of header")
        for leaf in self._leaves(header, raw[begin:], "text/plain", level=0, main=True):
            self._take(leaf)
        return Dissected(
            body_text=self._bodies.get("text/plain"),
            body_html=self._bodies.get("text/html"),
            headers=[(one.name, one.text) for one in header.fields],
            attachments=self._attachments,
            problems=list(dict.fromkeys(self._problems)),
        )

    def _leaves(self, header: Header, body: bytes, default: str, *, level: int, main: bool) -> Iterator[_Leaf]:
        if level > LEVELS:
            raise TooComplex(f"more than {LEVELS} levels")
        self._budget.part()
        about = _content(header)
        mimetype = _mimetype(about, default)
        if not mimetype.startswith("multipart/"):
            yield _Leaf(header, body, mimetype, main)
            return
        # RFC 2045, 6.4 allows no encoding here; some programs use one all the same.
        body, problem = undone(body, header.text("Content-Transfer-Encoding"))
        found = multipart.split(body, parameter(about, "Content-Type", "boundary"), most=self._budget.parts)
        self._note(problem, found.problem)
        if not found.parts:
            yield _Leaf(Header([]), body, "text/plain", main)
            return
        root = _root(about, found.parts) if mimetype == "multipart/related" else 0
        inner = "message/rfc822" if mimetype == "multipart/digest" else "text/plain"
        before = set(self._bodies)
        for place, part in enumerate(found.parts):
            part_header, begin = split(part, content_only=True)
            # In anything but an alternative only one part can hold the bodies: what follows a text may be a text as well.
            here = main and (
                mimetype == "multipart/alternative"
                or (place == root if mimetype == "multipart/related" else before == set(self._bodies))
            )
            yield from self._leaves(part_header, part[begin:], inner, level=level + 1, main=here)
        for text in found.outside:
            self._note("text stands outside of the parts of a multipart; it is an attachment")
            yield _Leaf(Header([]), text, "text/plain", False)

    def _take(self, leaf: _Leaf) -> None:
        content, problem = undone(leaf.encoded, leaf.header.text("Content-Transfer-Encoding"))
        self._note(problem)
        about = _content(leaf.header)
        filename = parameter(about, "Content-Disposition", "filename") or parameter(about, "Content-Type", "name")
        attached = leaf.header.text("Content-Disposition").strip().lower().startswith("attachment")
        kind = leaf.mimetype
        if (
            leaf.main
            and kind in ("text/plain", "text/html")
            and not (attached or filename)
            and kind not in self._bodies
        ):
            self._bodies[kind] = self._text(content, about, html=kind == "text/html")
            return
        self._attach(filename, kind, content)

    def _text(self, content: bytes, about: Message, *, html: bool) -> str:
        charset = parameter(about, "Content-Type", "charset")
        if charset is None and html and (meta := _META.search(content, 0, 2048)):
            charset = meta[1].decode("ascii")
        text, problem = decoded(content, charset)
        self._note(problem)
        return text

    def _attach(self, filename: str | None, mimetype: str, content: bytes) -> None:
        self._budget.bytes -= len(content)
        if mimetype == "application/octet-stream" and filename:
            mimetype = type_of(filename) or mimetype
        name = self._names.give(filename, mimetype, otherwise=f"attachment{len(self._attachments) + 1}")
        email = self._inner(content) if mimetype in _MESSAGES else None
        self._attachments.append(Part(filename=name, mimetype=mimetype, content=content, email=email))
        if mimetype in tnef.TYPES or name.lower() == "winmail.dat":
            self._unpack(content)

    def _inner(self, content: bytes) -> Dissected | None:
        if self._messages <= 0 or self._budget.bytes < 2 * len(content):
            self._note("a message in a message in a message is attached and not taken apart")
            return None
        try:
            return _Dissection(self._budget, messages=self._messages - 1).message(content)
        except TooComplex as error:
            # What is around it is not.
            return Dissected(problems=[f"too complex: {error}"])

    def _unpack(self, content: bytes) -> None:
        """What Outlook packed into winmail.dat, beside the original."""
        packed = tnef.unpack(content)
        self._note(packed.problem)
        for name, mimetype, inner in packed.files:
            self._budget.part()
            if self._budget.bytes < len(inner):
                self._note("winmail.dat holds more than is unpacked")
                return
            self._attach(name, mimetype or type_of(name or "") or "application/octet-stream", inner)
        if packed.html is not None and "text/html" not in self._bodies:
            self._bodies["text/html"] = decoded(packed.html, None)[0]
        if packed.text is not None and "text/plain" not in self._bodies:
            self._bodies["text/plain"] = packed.text

    def _note(self, *problems: str | None) -> None:
        self._problems.extend(problem for problem in problems if problem and len(self._problems) < PARTS)


def _content(header: Header) -> Message:
    """The fields about the content, for the standard library to take apart."""
    about: Message = Message()
    for name in ("Content-Type", "Content-Disposition"):
        found = header.first(name)
        if found is not None:
            about[name] = decoded(found.raw[: 16 * 1024], None)[0]
    return about


def _mimetype(about: Message, default: str) -> str:
    said = str(about.get("Content-Type", "")).partition(";")[0].strip().lower()
    if not said or said == "text":  # RFC 1049
        return default if not said else "text/plain"
    return said if _TYPE.fullmatch(said) else "application/octet-stream"


def _root(about: Message, parts: list[bytes]) -> int:
    """Which part of a related one is the text that the others belong to (RFC 2387, 3.2)."""
    start = parameter(about, "Content-Type", "start")
    if start:
        for place, part in enumerate(parts):
            if split(part, content_only=True)[0].text("Content-ID").strip() == start.strip():
                return place
    return 0
