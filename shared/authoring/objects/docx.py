"""Which variables a DOCX template uses (objects.md, "get_docx_variables"). Not for filling templates."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

from shared.authoring.context import current

_TAG = re.compile(r"<[^>]*>")
_PARAGRAPH = re.compile(r"</w:p>|<w:br\s*/>|<w:tab\s*/>")
#: Word puts typographic quotation marks where code needs plain ones.
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})
#: Marks by which templates address paragraphs, table rows and cells instead of text.
_SCOPE = re.compile(r"(\{[{%])\s*(?:p|tr|tc|r)\s+")
_LARGEST = 64 * 1024 * 1024  #: bytes one part may unpack to: more is no document, it is an attack


class BadDocx(ValueError):
    """The bytes are no readable DOCX template."""


def variables(content: bytes, filename: str) -> list[str]:
    """The names of the variables, in alphabetical order, without what the interview finds by itself. Raises `BadDocx`."""
    known = current().namespace.get("__builtins__", {})
    return sorted(names(content, filename) - set(known))


def names(content: bytes, filename: str) -> set[str]:
    """All names that a template uses and does not set itself. Raises `BadDocx`."""
    import jinja2.meta  # noqa: PLC0415  heavy: 120 ms, and few interviews ask this
    from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415  heavy, as above

    text = template_text(content, filename)
    environment = SandboxedEnvironment()
    try:
        tree = environment.parse(text)
    except jinja2.TemplateError as problem:
        raise BadDocx(f"{filename} cannot be read as a template: {problem}") from problem
    # Jinja2 looks for names in no template with a filter or test that it does not know; which there are the interview knows.
    for node in tree.find_all((jinja2.nodes.Filter, jinja2.nodes.Test)):
        (environment.filters if isinstance(node, jinja2.nodes.Filter) else environment.tests).setdefault(
            node.name, _any
        )
    return set(jinja2.meta.find_undeclared_variables(tree))


def _any(*given: object) -> object:
    """Stands for filters and tests that are not run."""
    return given


def template_text(content: bytes, filename: str) -> str:
    """The text of the document, its headers and footers, with the template's marks in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [
                entry
                for entry in archive.infolist()
                if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", entry.filename)
            ]
            if not parts:
                raise BadDocx(f"{filename} is not a DOCX file: it has no text")
            if any(entry.file_size > _LARGEST for entry in parts):
                raise BadDocx(f"{filename} is too large to be a template")
            texts = [archive.read(entry).decode("utf-8") for entry in parts]
    except (zipfile.BadZipFile, UnicodeDecodeError) as problem:
        raise BadDocx(f"{filename} is not a readable DOCX file: {problem}") from problem
    return "\n".join(_plain(text) for text in texts)


def _plain(xml: str) -> str:
    text = unescape(_TAG.sub("", _PARAGRAPH.sub("\n", xml)))
    return _SCOPE.sub(r"\1 ", text.translate(_QUOTES))
