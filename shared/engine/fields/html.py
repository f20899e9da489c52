"""Fields of HTML (fields.md `html`, `raw html`): the author's own HTML as it is, values in it made harmless, scripts taken out.

What an author wrote may run; a value that is put into it may not, for it may come from a user, an address or a mail. Each value
is written between two noncharacters, so that the two are told apart after Mako: a value is cleaned as it must be where it
stands, and cannot end what it stands in. Script elements leave by themselves, as JSON; the page runs no others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shared.engine.run import Run
from shared.language.model import Text
from shared.markup.clean import clean, is_address

_BEGIN, _END = "\ufdd0", "\ufdd1"
_BRACKETS_RE = re.compile(f"[{_BEGIN}{_END}]|%EF%B7%9[01]")  # the second as Mako's filter `u` leaves them
_VALUE_RE = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
#: What ends a stretch of each kind, and where in the author's text one is then. A tag's name says what its content is.
_OPENING_RE = re.compile(r"<!--|<(/?)(script|style)\b|</?[a-z]", re.I)
_ADDRESS_RE = re.compile(r"(href|src|action|formaction|data|poster)\s*=\s*[\"']?\s*\Z", re.I)
_BARE_RE = re.compile(r"\A<i ?(.*)></i>\Z", re.S)


@dataclass(frozen=True, slots=True)
class Html:
    """`printed` is for the page; `scripts` are its script elements, each as it was written."""

    printed: str
    scripts: tuple[str, ...] = ()


def of(run: Run, text: Text | None, kind: str, *, computed: bool = False) -> Html:
    """A field of `kind` (``html``, ``raw html``, ``script``, ``css``). `computed`: code made its text, so no word of it is written."""
    if text is None:
        return Html("")
    if computed:
        return Html(clean(run.render(text)))
    if kind == "script":
        return Html("", (run.render(text),))
    return taken_apart(run.render(text, bracketed))


def bracketed(value: object) -> str:
    """A value as `taken_apart` recognises it."""
    return f"{_BEGIN}{_BRACKETS_RE.sub('', str(value))}{_END}"


def taken_apart(rendered: str) -> Html:
    """`rendered` HTML whose values are `bracketed`."""
    writer = _Writer()
    for number, piece in enumerate(_VALUE_RE.split(rendered)):
        if number % 2:
            writer.value(piece)
        else:
            writer.written(_BRACKETS_RE.sub("", piece))
    return writer.html()


@dataclass(slots=True)
class _Writer:
    """Follows the author's HTML: `state` is text, tag, a quotation mark, script, style or comment."""

    state: str = "text"
    inside: str = ""  #: of a tag: the element whose content follows it, if that is no HTML
    printed: list[str] = field(default_factory=list)
    script: list[str] | None = None
    scripts: list[str] = field(default_factory=list)

    def _put(self, text: str) -> None:
        (self.printed if self.script is None else self.script).append(text)

    def written(self, text: str) -> None:
        while text:
            text = {"text": self._text, "tag": self._tag}.get(self.state, self._until)(text)

    def _text(self, text: str) -> str:
        found = _OPENING_RE.search(text)
        if found is None:
            self._put(text)
            return ""
        self._put(text[: found.start()])
        name = (found.group(2) or "").lower()
        if name == "script" and not found.group(1):
            self.script = []
        self._put(found.group())
        self.state = "comment" if found.group() == "<!--" else "tag"
        self.inside = "" if found.group(1) else name
        return text[found.end() :]

    def _tag(self, text: str) -> str:
        found = re.search(r"[\"'>]", text)
        if found is None:
            self._put(text)
            return ""
        self._put(text[: found.end()])
        if found.group() != ">":
            self.state = found.group()
        else:
            self.state = self.inside or "text"
            if self.script is not None and not self.inside:
                self.scripts.append("".join(self.script))
                self.script = None
        return text[found.end() :]

    def _until(self, text: str) -> str:
        """Within a quotation, a comment, a script or a style sheet: to its end."""
        raw = self.state in ("script", "style")
        end = f"</{self.state}" if raw else {"comment": "-->"}.get(self.state, self.state)
        at = text.lower().find(end)
        if at < 0:
            self._put(text)
            return ""
        self._put(text[: at + len(end)])
        self.state, self.inside = ("tag" if raw or self.state in "\"'" else "text"), self.inside if not raw else ""
        return text[at + len(end) :]

    def value(self, value: str) -> None:
        if self.state == "text":
            value = clean(value)
        elif self.state == "script":
            value = value.replace("</", "<\\/").replace("<!--", "<\\!--")
        elif self.state in ("style", "comment"):
            value = value.replace("<", "\\3c ").replace("--", "")
        elif self.state == "tag":
            value = self._attributes(value)
        else:
            value = self._quoted(value)
        self._put(value)

    def _quoted(self, value: str) -> str:
        before = "".join((self.printed if self.script is None else self.script)[-2:])
        address = _ADDRESS_RE.search(before)
        if address is not None and not is_address(value, embedded=address.group(1).lower() in ("src", "poster")):
            return "#"
        for letter, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
            value = value.replace(letter, entity)
        return value

    def _attributes(self, value: str) -> str:
        """Between the attributes of a tag: attributes, or the value of the last one."""
        before = "".join((self.printed if self.script is None else self.script)[-2:])
        if before.rstrip().endswith("="):
            return f'"{self._quoted(value)}"'
        found = _BARE_RE.match(clean(f"<i {value.replace('>', '')}></i>"))
        return found.group(1) if found else ""

    def html(self) -> Html:
        if self.script is not None:
            self.scripts.append("".join(self.script))
        return Html("".join(self.printed), tuple(self.scripts))
