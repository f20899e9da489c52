"""DOCX templates: the text of the file with its Jinja2 evaluated, so that everything a document needs is asked for.

Not for making a DOCX file. Rules: docs documents.md ("Word templates", "Filters"). Markers that only concern Word
(``{{r …}}``, ``{%p … %}``, ``{%tr … %}``) mean the same as the plain ones here.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import jinja2
from jinja2 import meta, nodes
from jinja2.utils import missing

from shared.authoring.errors import MISSING
from shared.authoring.jinjafilters import registered
from shared.authoring.text.formatting import single_to_double_newlines
from shared.engine.errors import BadAuthorValue
from shared.engine.naming import lookup, packages
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


def text_of(
    run: Run,
    reference: object,
    given: Mapping[str, object] | None = None,
    *,
    depth: int = 0,
    package: str | None = None,
) -> str:
    """The text of the template (or templates) that `reference` names, with its expressions evaluated. Raises missing names.

    `given` are values of the attachment that go before the interview's variables; `package` has the files that are named alone.
    """
    found = run.value(reference)
    found = getattr(found, "elements", found)
    return "\n".join(
        _one(run, item, given or {}, depth, package) for item in (found if isinstance(found, list | tuple) else [found])
    )


def _one(run: Run, item: object, given: Mapping[str, object], depth: int, package: str | None) -> str:
    if hasattr(item, "number") and getattr(item, "number", None) is not None:
        content = run.context.files.read(item.number)
        name = str(getattr(item, "filename", "template"))
    else:
        name, content = run.context.files.find(packages.whole(str(item), package), "templates")
    return evaluate(run, source_of(content, name), name, given, depth=depth, package=package)


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


def evaluate(
    run: Run, source: str, name: str, given: Mapping[str, object], *, depth: int = 0, package: str | None = None
) -> str:
    """Jinja2 `source` with the interview's variables. Raises `BadAuthorValue` for a mistake, missing names as they are."""
    environment, values = prepared(run, source, name)

    def include(reference: object, **arguments: object) -> str:
        if depth >= DEEP:
            raise BadAuthorValue(f"The template {name} is included in itself, or too deeply.")
        return text_of(run, reference, {**given, **arguments}, depth=depth + 1, package=package)

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
    return _at(line, source)


def _at(line: int | None, source: str, *, naming: str = "") -> str:
    """A paragraph by its number and beginning, or by the expression in it that holds `naming`."""
    lines = source.splitlines()
    if line is None or not 1 <= line <= len(lines):
        return ""
    shown = lines[line - 1].strip()
    if naming:
        expressions = re.findall(r"\{[{%].*?[%}]\}", shown)
        shown = next((one for one in expressions if re.search(rf"\b{re.escape(naming)}\b", one)), shown)
    return f", paragraph {line} (\u201c{shown[:120]}\u201d)"


def prepared(run: Run, source: str, name: str) -> tuple[jinja2.Environment, dict[str, object]]:
    """How `source` is to be evaluated: with which filters, and which of the interview's variables it uses."""
    environment = _Environment(undefined=_Sought, autoescape=False)  # the result is no HTML
    try:
        tree = environment.parse(_straight(source))
    except jinja2.TemplateSyntaxError as error:
        raise BadAuthorValue(
            f"The template {name} has a mistake in its Jinja2{_at(error.lineno, source)}: {error.message}."
        ) from error
    layer = run.namespace.get("__builtins__")
    names = layer if isinstance(layer, dict) else {}
    for used in tree.find_all(nodes.Filter):
        if used.name not in environment.filters:
            found = _filter(used.name, names)
            if found is None:
                raise _unknown("filter", used, name, source, (*environment.filters, *registered(), *_FILTERS))
            environment.filters[used.name] = found
    for asked in tree.find_all(nodes.Test):
        if asked.name not in environment.tests:
            raise _unknown("test", asked, name, source, environment.tests)
    if (automatic := _automatic(run)) is not None:
        environment.finalize = lambda value: value if value is None else automatic(str(value))
    wanted = meta.find_undeclared_variables(tree)
    values = {key: run.namespace.get(key, names.get(key)) for key in wanted if key in run.namespace or key in names}
    return environment, values


def _automatic(run: Run) -> Callable[[str], object] | None:
    """What every text goes through that is put into a document (initial.md, "auto jinja filter")."""
    name = run.interview.features.get("auto jinja filter")
    if not name:
        return None
    found = registered().get(str(name)) or lookup.evaluate(run.namespace, str(name))
    if not callable(found):
        raise BadAuthorValue(f"'auto jinja filter' names {name!r}, which is no function.")
    return found


def _filter(called: str, names: Mapping[str, object]) -> Callable[..., Any] | None:
    """What a filter of that name does: one that a module registered, one that is documented, a function that authors know."""
    found = registered().get(called) or _FILTERS.get(called) or names.get(called)
    return found if callable(found) else None


def _unknown(
    kind: str, used: nodes.Filter | nodes.Test, name: str, source: str, known: Iterable[str]
) -> BadAuthorValue:
    near = difflib.get_close_matches(used.name, known, n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return BadAuthorValue(
        f"The template {name} has a mistake in its Jinja2{_at(used.lineno, source, naming=used.name)}: "
        f"there is no {kind} {used.name!r}.{meant}"
    )


def _same(value: object, *_: object, **__: object) -> object:
    """A filter that only concerns how Word shows the value."""
    return value


def _salutation(person: Any, **options: object) -> str:
    return str(person.salutation(**options))


#: Documented filters that are no functions of that name (documents.md, "Jinja2 filters").
_FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **dict.fromkeys(("RichText", "inline_markdown", "markdown"), _same),
        "paragraphs": single_to_double_newlines,
        "salutation": _salutation,
    }
)


def _straight(source: str) -> str:
    """Word makes quotation marks round and blanks hard; inside of expressions they are Python's."""
    return re.sub(r"\{[{%].*?[%}]\}", lambda found: found.group().translate(_QUOTES), source, flags=re.S)
