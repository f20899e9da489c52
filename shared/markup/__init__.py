"""Text as authors write it -> HTML: Markdown with the documented markup (markup.md, documents.md "markup").

Pure: text in, text out. Caller knows where files live or which icons exist passes a `MarkupContext`. Not for documents
(PDF, DOCX), and not for Mako, which has run before.

Author HTML is trusted, as documented: it is passed through. What a user typed reaches a text only after the engine
has taken the HTML out of it (datatype ``raw`` excepted, by the author's wish); see docs/http.md "What is trusted".
"""

import sys
from importlib import import_module

if "pygments" not in sys.modules:
    # Blocks of code are not coloured here; the module that could, which the one for blocks imports, would bring Pygments.
    sys.modules["pygments"] = None  # type: ignore[assignment]  # documented: importing it fails
    import_module("markdown.extensions.codehilite")
    del sys.modules["pygments"]

from shared.markup.texts import MarkupContext, to_html, to_inline, to_plain, use

__all__ = ["MarkupContext", "to_html", "to_inline", "to_plain", "use"]
