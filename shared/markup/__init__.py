"""Text as authors write it -> HTML: Markdown with the documented markup (markup.md, documents.md "markup").

Pure: text in, text out. Caller knows where files live or which icons exist passes a `MarkupContext`. Not for documents
(PDF, DOCX), and not for Mako, which has run before.

Author HTML is trusted, as documented: it is passed through. What a user typed reaches a text only after the engine
has taken the HTML out of it (datatype ``raw`` excepted, by the author's wish); see docs/http.md "What is trusted".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.markup.texts import MarkupContext, to_html, to_inline, to_plain, use

__all__ = ["MarkupContext", "to_html", "to_inline", "to_plain", "use"]


def __getattr__(name: str) -> Any:
    """Loaded when it is wanted: a service that only wants what commands look like does without Markdown."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module("shared.markup.texts"), name)
    globals()[name] = found
    return found
