"""DOCX templates: the text of the file with its Jinja2 evaluated, so that everything a document needs is asked for.

Not for making a DOCX file. Rules: docs documents.md ("Word templates", "Filters"). Markers that only concern Word
(``{{r …}}``, ``{%p … %}``, ``{%tr … %}``) mean the same as the plain ones here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import jinja2
from jinja2 import meta, nodes

from shared.authoring.errors import MISSING
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml\Z")
_MARKER = re.compile(r"\{(%|\{)(?:p|tr|tc|r|cellbg|colspan|hm|vm)(?=\s)")
#: A template larger than this is refused: the text has to be held in memory, and an archive may claim any size.
_LARGEST = 64 * 1024 * 1024
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\xa0": " "})


class MissingInDocument(NameError):
    """A name in a template that the interview has not defined yet. `variable` is the name."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        found = re.match(r"'([^']+)' is undefined", message)
        self.variable = found.group(1) if found else ""


class _Sought(jinja2.StrictUndefined):
    """Using an undefined name raises what the engine seeks by."""

    def __init__(self, hint: Any = None, obj: Any = None, name: Any = None, exc: Any = None) -> None:
        if obj is None:
            super().__init__(hint=hint, name=name, exc=MissingInDocument)  # type: ignore[arg-type]
        else:
            super().__init__(hint=hint, obj=obj, name=name)


class _Environment(jinja2.Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        try:
            return getattr(obj, attribute)
        except MISSING:
            raise
        except AttributeError:
            return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        try:
            return obj[argument]
        except MISSING:
            raise
        except (AttributeError, TypeError, LookupError):
            return super().getitem(obj, argument)


def text_of(run: Run, reference: Any, given: Mapping[str, Any] | None = None) -> str:
    """The text of the template (or templates) that `reference` names, with its expressions evaluated. Raises missing names.

    `given` are values of the attachment that go before the interview's variables.
    """
    found = run.value(reference)
    found = getattr(found, "elements", found)
    return "\n".join(_one(run, item, given or {}) for item in (found if isinstance(found, list | tuple) else [found]))


def _one(run: Run, item: Any, given: Mapping[str, Any]) -> str:
    if hasattr(item, "number") and getattr(item, "number", None) is not None:
        content = run.context.files.read(item.number)
        name = str(getattr(item, "filename", "template"))
    else:
        name, content = run.context.files.find(str(item).strip())
    return evaluate(run, source_of(content, name), name, given)


def source_of(content: bytes, name: str) -> str:
    """The paragraphs of a DOCX file as Jinja2 source. Raises `BadAuthorValue` if it is no DOCX file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [info for info in archive.infolist() if _PARTS.match(info.filename)]
            if sum(info.file_size for info in parts) > _LARGEST:
                raise BadAuthorValue(f"The template {name} is too large.")
            texts = [_paragraphs(archive.read(info)) for info in sorted(parts, key=lambda info: info.filename)]
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        raise BadAuthorValue(f"The template {name} is not a DOCX file: {error}.") from error
    return _MARKER.sub(r"{\1", "\n".join(texts))


def _paragraphs(xml: bytes) -> str:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise ElementTree.ParseError("it declares entities")
    lines = []
    for paragraph in ElementTree.fromstring(xml).iter(f"{_WORD}p"):  # noqa: S314  (entities are refused above)
        pieces = []
        for node in paragraph.iter():
            if node.tag == f"{_WORD}t":
                pieces.append(node.text or "")
            elif node.tag in (f"{_WORD}tab", f"{_WORD}br"):
                pieces.append(" ")
        lines.append("".join(pieces))
    return "\n".join(lines)


def evaluate(run: Run, source: str, name: str, given: Mapping[str, Any]) -> str:
    """Jinja2 `source` with the interview's variables."""
    environment = _Environment(undefined=_Sought, autoescape=False)  # the result is no HTML
    try:
        tree = environment.parse(_straight(source))
        layer = run.namespace.get("__builtins__")
        names = layer if isinstance(layer, dict) else {}
        for used in tree.find_all(nodes.Filter):
            if used.name not in environment.filters:
                environment.filters[used.name] = names.get(used.name, _same)
        template = environment.from_string(_straight(source))
    except jinja2.TemplateSyntaxError as error:
        raise BadAuthorValue(
            f"The template {name} has a mistake in its Jinja2, paragraph {error.lineno}: {error.message}."
        ) from error
    wanted = meta.find_undeclared_variables(tree)
    values = {key: run.namespace.get(key, names.get(key)) for key in wanted if key in run.namespace or key in names}
    return str(template.render({**values, **given}))


def _same(value: Any, *_: Any, **__: Any) -> Any:
    """A filter that only concerns how Word shows the value."""
    return value


def _straight(source: str) -> str:
    """Word makes quotation marks round and blanks hard; inside of expressions they are Python's."""
    return re.sub(r"\{[{%].*?[%}]\}", lambda found: found.group().translate(_QUOTES), source, flags=re.S)
