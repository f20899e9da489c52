"""`Source`: a SCREEN with what all makers of its view need: whose it is, what its texts refer to, the gateway's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from services.gateway.client.reply import Reply
from services.gateway.render.references import FileLookup, around
from services.gateway.render.trusted import author_html
from shared.catalogue.page import counted_words, words
from shared.contract.jsonvalue import JsonMap
from shared.markup import MarkupContext, to_html, to_inline


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    screen: JsonMap
    session: str
    interview: str
    language: str
    words: Mapping[str, str]
    markup: MarkupContext

    @classmethod
    def of(cls, reply: Reply, *, host: str, lookup: FileLookup | None) -> Source:
        language = str(reply.screen.get("language") or "en")
        return cls(
            screen=reply.screen,
            session=reply.session,
            interview=reply.interview,
            language=language,
            words=words(language, reply.screen.get("words") or {}),
            markup=around(reply.screen, reply.interview, lookup, host=host),
        )

    @property
    def counted(self) -> Mapping[str, Mapping[str, str]]:
        return counted_words(self.language, self.screen.get("words") or {})

    @property
    def kind(self) -> str:
        return str(self.screen["kind"])

    @property
    def parts(self) -> JsonMap:
        return self.screen.get("parts") or {}

    @property
    def features(self) -> JsonMap:
        return self.screen.get("features") or {}

    @property
    def options(self) -> JsonMap:
        return self.screen.get("options") or {}

    @property
    def titles(self) -> JsonMap:
        return self.screen.get("title") or {}

    @property
    def fields(self) -> list[JsonMap]:
        return list(self.screen.get("fields") or ())

    def inline(self, text: object) -> Markup:
        """A line of text: Markdown without paragraphs."""
        return author_html(to_inline(text or "", self.markup))

    def html(self, text: object) -> Markup:
        """A text: Markdown."""
        return author_html(to_html(text or "", self.markup))
