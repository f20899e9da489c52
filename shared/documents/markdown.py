"""The assembler of today: a document is its Markdown text, under every format that was asked for.

It makes no PDF, DOCX or RTF, and says so: what it gives is Markdown that stands for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shared.documents.ports import Assembled, Format, Source, Text, TooLarge, Unsupported

#: The longest text: what a child may write into one file.
MAX_BYTES: Final = 16 * 1024 * 1024


class MarkdownText:
    """Implements `ports.Assembler`."""

    def assemble(self, source: Source, formats: Iterable[str]) -> tuple[Assembled, ...]:
        if not isinstance(source, Text):
            raise Unsupported(f"a template in {source.format.upper()} cannot be filled here")
        content = source.markdown.encode()
        if len(content) > MAX_BYTES:
            raise TooLarge(f"the document's text has {len(content)} bytes; the limit is {MAX_BYTES}")
        asked = tuple(dict.fromkeys(formats))
        return (Assembled(format=Format.MARKDOWN, content=content, stands_for=asked),) if asked else ()
