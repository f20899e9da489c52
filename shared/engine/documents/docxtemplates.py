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
from jinja2.utils import missing

from shared.authoring.errors import MISSING
from shared.authoring.jinjafilters import registered
from shared.engine.errors import BadAuthorValue
from shared.engine.naming.lookup import Unset
from shared.engine.run import Run

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml\Z")
_MARKER = re.compile(r"\{(%|\{)(?:p|tr|tc|r|cellbg|colspan|hm|vm)(?=\s)")
#: A template larger than this is refused: the text has to be held in memory, and an archive may claim any size.
_LARGEST = 64 * 1024 * 1024
#: Templates in each other.
DEEP = 5
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\xa0": " "})


class _Sought(jinja2.StrictUndefined):
    """Using an undefined name raises what the engine seeks by."""

    def __init__(
        self, hint: str | None = None, obj: object = missing, name: str | None = None, exc: object = None
    ) -> None:
        if obj is missing and name is not None:
            super().__init__(hint=hint, name=name, exc=lambda _message: Unset(name))  # type: ignore[arg-type]  # it is only called
        else:
            super().__init__(hint=hint, obj=obj, name=name)


class _Environment(jinja2.Environment):
    def getattr(self, obj: object, attribute: str) -> Any:
        try:
            return getattr(obj, attribute)
        except MISSING:
            raise
        except AttributeError:
            return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: object) -> object:
        try:
            return obj[argument]
        except MISSING:
            raise
        except (AttributeError, TypeError, LookupError):
            return super().getitem(obj, argument)


def text_of(run: Run, reference: object, given: Mapping[str, object] | None = None, *, depth: int = 0) -> str:
    """The text of the template (or templates) that `reference` names, with its expressions evaluated. Raises missing names.

    `given` are values of the attachment that go before the interview's variables.
    """
    found = run.value(reference)
    found = getattr(found, "elements", found)
    return "\n".join(
        _one(run, item, given or {}, depth) for item in (found if isinstance(found, list | tuple) else [found])
    )


def _one(run: Run, item: object, given: Mapping[str, object], depth: int) -> str:
    if hasattr(item, "number") and getattr(item, "number", None) is not None:
        content = run.context.files.read(item.number)
        name = str(getattr(item, "filename", "template"))
    else:
        name, content = run.context.files.find(str(item).strip())
    return evaluate(run, source_of(content, name), name, given, depth=depth)


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


def evaluate(run: Run, source: str, name: str, given: Mapping[str, object], *, depth: int = 0) -> str:
    """Jinja2 `source` with the interview's variables. Raises `BadAuthorValue` for a mistake, missing names as they are."""
    environment, values = prepared(run, source, name)

    def include(reference: object, **arguments: object) -> str:
        if depth >= DEEP:
            raise BadAuthorValue(f"The template {name} is included in itself, or too deeply.")
        return text_of(run, reference, {**given, **arguments}, depth=depth + 1)

    values["include_docx_template"] = include
    try:
        return str(environment.from_string(_straight(source)).render({**values, **given}))
    except MISSING:
        raise
    except (jinja2.TemplateRuntimeError, TypeError, ValueError, ArithmeticError) as error:
        raise BadAuthorValue(f"The template {name} cannot be filled in{_where(error, source)}: {error}") from error


def _where(error: BaseException, source: str) -> str:
    """The paragraph of the template in which `error` came up, with what it says."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    lines = source.splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    return f", paragraph {line} (\u201c{lines[line - 1].strip()[:120]}\u201d)"


def prepared(run: Run, source: str, name: str) -> tuple[jinja2.Environment, dict[str, object]]:
    """How `source` is to be evaluated: with which filters, and which of the interview's variables it uses."""
    environment = _Environment(undefined=_Sought, autoescape=False)  # the result is no HTML
    try:
        tree = environment.parse(_straight(source))
        layer = run.namespace.get("__builtins__")
        names = layer if isinstance(layer, dict) else {}
        own = registered()
        for used in tree.find_all(nodes.Filter):
            if used.name not in environment.filters:
                environment.filters[used.name] = own.get(used.name) or names.get(used.name, _same)
    except jinja2.TemplateSyntaxError as error:
        raise BadAuthorValue(
            f"The template {name} has a mistake in its Jinja2, paragraph {error.lineno}: {error.message}."
        ) from error
    wanted = meta.find_undeclared_variables(tree)
    values = {key: run.namespace.get(key, names.get(key)) for key in wanted if key in run.namespace or key in names}
    return environment, values


def _same(value: object, *_: object, **__: object) -> object:
    """A filter that only concerns how Word shows the value."""
    return value


def _straight(source: str) -> str:
    """Word makes quotation marks round and blanks hard; inside of expressions they are Python's."""
    return re.sub(r"\{[{%].*?[%}]\}", lambda found: found.group().translate(_QUOTES), source, flags=re.S)
