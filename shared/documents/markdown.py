"""The assembler for where no process makes documents (replays, tests): a document is its Markdown text, under every format that was asked for.

It makes no PDF, DOCX or RTF, and says so: what it gives is Markdown that stands for them. Not for: documents of a running server (`making`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from shared.documents.ports import Assembled, Format, Text, TooLarge

#: The longest text: what a child may write into one file.
MAX_BYTES: Final = 16 * 1024 * 1024


class MarkdownText:
    """Implements `ports.Assembler`."""

    def assemble(self, source: Text, formats: Iterable[str]) -> tuple[Assembled, ...]:
        content = source.markdown.encode()
        if len(content) > MAX_BYTES:
            raise TooLarge(f"the document's text has {len(content)} bytes; the limit is {MAX_BYTES}")
        asked = tuple(dict.fromkeys(formats))
        return (Assembled(format=Format.MARKDOWN, content=content, stands_for=asked),) if asked else ()
