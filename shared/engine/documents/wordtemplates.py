"""DOCX templates filled in, by docxtpl: values, loops, pictures, formatted texts, other templates (docs documents.md, "Assembling DOCX templates").

Runs in the author's child, since expressions of a template are author code; the template itself is data: no macros, no entities, nothing
fetched, bounded in size. What it needs was asked for before (`docxtemplates`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import PurePosixPath
from typing import Any, Final

import jinja2
from markupsafe import Markup

from shared.authoring.errors import MISSING
from shared.authoring.functions.definitions import RawValue
from shared.authoring.objects import assembled
from shared.documents import archives, pictures, tags, words
from shared.engine.documents import docxtemplates, images, pdftemplates, wordtext
from shared.engine.errors import BadAuthorValue
from shared.engine.naming import packages
from shared.engine.run import Run

#: Bytes that all parts of a template may unpack to, and parts that it may have.
_LARGEST, _PARTS = 128 * 1024 * 1024, 3000
_FILE = re.compile(r"\[FILE\s+([^\],]+)(?:,\s*([^\],]+))?(?:,\s*([^\]]*))?\]\Z")
_WIDTH = re.compile(r"([\d.]+)\s*(in|cm|mm|pt|px|%)?\Z")
#: English metric units of a length; per cent are of six inches, about the width of a page's text.
_UNITS: Final = {"in": 914400, "cm": 360000, "mm": 36000, "pt": 12700, "px": 9525, "%": 54864, None: 9525}
_CHARACTER: Final = 2  #: a style of characters (WD_STYLE_TYPE)
_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def render(
    run: Run,
    template: object,
    given: Mapping[str, object],
    *,
    link_style: str | None = None,
    package: str | None = None,
) -> bytes:
    """The DOCX file of a template with the interview's variables; `given` go before them. Raises `BadAuthorValue`, missing names.

    `package` has the files that the template names without one, if it is not the interview's.
    """
    found = run.value(template)
    found = getattr(found, "elements", found)
    parts = found if isinstance(found, list | tuple) and len(found) > 1 else [found]
    files = [run.context.files.find(pdftemplates.reference(run, one), "templates") for one in parts]
    name, content = files[0]
    if len(files) > 1:  # "the files will be concatenated and then assembled"
        for one, data in files:
            check(one, data)
        content = assembled.work({"work": "join words", "parts": [data for _, data in files]})
    return _Filling(run, given, link_style=link_style, package=package).filled(name, content)


class _Filling:
    """One template being filled in, with those that it includes."""

    def __init__(
        self,
        run: Run,
        given: Mapping[str, object],
        *,
        depth: int = 0,
        outer: Any = None,
        link_style: str | None = None,
        package: str | None = None,
    ) -> None:
        self._package = package
        self._link_style = link_style
        self._run = run
        self._given = {name: _opened(value) for name, value in given.items()}
        self._depth = depth
        self._outer = outer  #: the template into which this one is put: pictures and links become its own
        self._template: Any = None
        self._changed: Callable[[Any], Any] | None = None  #: what every text goes through first

    def filled(self, name: str, content: bytes) -> bytes:
        made = io.BytesIO()
        self._render(name, content)
        self._template.save(made)
        return archives.stable(made.getvalue())

    def _render(self, name: str, content: bytes) -> None:
        from docxtpl import DocxTemplate  # noqa: PLC0415  heavy: 0.2 s, and few interviews fill one in

        check(name, content)
        source = docxtemplates.source_of(content, name)
        environment, values = docxtemplates.prepared(self._run, source, name)
        environment.autoescape = True
        self._changed = environment.finalize
        environment.finalize = self._shown
        environment.filters |= {
            "markdown": lambda value: Markup(wordtext.paragraphs(str(value), self._link())),  # noqa: S704  (escaped there)
            "inline_markdown": lambda value: Markup(wordtext.runs(str(value), self._link())),  # noqa: S704
            "manual_line_breaks": lambda value: Markup(wordtext.with_breaks(str(value))),  # noqa: S704
            "RichText": _rich_text,
        }
        self._template = DocxTemplate(io.BytesIO(content))
        context = {**values, "include_docx_template": self._include, **self._given}
        try:
            self._template.render(context, environment, autoescape=True)
        except MISSING:
            raise
        except jinja2.TemplateError as error:
            near = " ".join(line.strip() for line in getattr(error, "docx_context", ()) if line.strip())[:300]
            raise BadAuthorValue(
                f"The template {name} has a mistake{f' near “{near}”' if near else ''}: {error}."
            ) from error
        except (TypeError, ValueError, ArithmeticError, KeyError) as error:
            raise BadAuthorValue(f"The template {name} cannot be filled in: {error}") from error

    def _part(self) -> Any:
        """The part of the file that is being written, where relations belong."""
        template = self._outer._template if self._outer is not None else self._template
        return template.current_rendering_part

    def _link(self) -> wordtext.Links:
        """How links are made: by the style that the author names, or that the template has for them (documents.md, "hyperlink style")."""
        known = {style.name: style.style_id for style in self._template.get_docx().styles if style.type == _CHARACTER}
        wanted = (self._link_style, "Hyperlink", "InternetLink", "Internet Link")
        style = next((known[name] for name in wanted if name in known), None)
        return wordtext.Links(self._relate, style)

    def _relate(self, address: str) -> str:
        return str(self._part().relate_to(address, _HYPERLINK, is_external=True))

    def _shown(self, value: object) -> object:
        """What `{{ … }}` shows of a value."""
        if isinstance(value, Markup | jinja2.Undefined) or hasattr(value, "__html__"):
            return value
        if value is None:
            return ""
        text = str(value)
        if found := _FILE.match(text.strip()):
            return self._file(found[1].strip(), found[2], unescape(found[3] or ""))
        return _text(text if self._changed is None else str(self._changed(text)))

    def _file(self, reference: str, width: str | None, alt_text: str) -> Markup:
        """A picture; another DOCX file as its paragraphs; a text as it is."""
        try:
            named = images.file_of(reference, self._run.interview.images)
            name, content = self._run.context.files.find(packages.whole(named, self._package))
        except (LookupError, OSError):
            return Markup.escape(f"[{reference}]")
        if name.lower().endswith(".docx"):
            return self._include_content(name, content, {})
        if name.lower().endswith((".txt", ".md", ".csv")):
            return Markup(wordtext.with_breaks(content.decode("utf-8", "replace")))  # noqa: S704  (escaped there)
        return self._picture(name, content, width, alt_text.strip() or PurePosixPath(name).stem)

    def _picture(self, name: str, content: bytes, width: str | None, alt_text: str) -> Markup:
        from docx.image.exceptions import UnrecognizedImageError  # noqa: PLC0415  heavy, as above

        wide = _WIDTH.match((width or "").strip())
        length = round(float(wide[1]) * _UNITS[wide[2]]) if wide else None
        try:
            drawn = self._part().new_pic_inline(io.BytesIO(pictures.for_word(content)), length, None)
        except (UnrecognizedImageError, ValueError) as error:
            raise BadAuthorValue(f"The picture {name} cannot be put into a document.") from error
        drawn.docPr.set("descr", "".join(one for one in alt_text if one.isprintable()))  # for those who do not see it
        around = '</w:t></w:r><w:r><w:drawing>%s</w:drawing></w:r><w:r><w:t xml:space="preserve">'
        return Markup(around % drawn.xml)  # noqa: S704  (made by python-docx)

    def _include(self, reference: object, **arguments: object) -> Markup:
        """``include_docx_template()``: the paragraphs of another template, filled in with these variables besides (functions.md)."""
        wanted = packages.whole(pdftemplates.reference(self._run, reference), self._package)
        name, content = self._run.context.files.find(wanted, "templates")
        return self._include_content(name, content, arguments)

    def _include_content(self, name: str, content: bytes, arguments: Mapping[str, object]) -> Markup:
        if self._depth >= docxtemplates.DEEP:
            raise BadAuthorValue(f"The template {name} is included in itself, or too deeply.")
        inner = _Filling(
            self._run,
            {**self._given, **arguments},
            depth=self._depth + 1,
            link_style=self._link_style,
            package=self._package,
        )
        inner._render(name, content)
        from lxml import etree  # noqa: PLC0415  heavy, as above

        parts = words.taken(inner._template.docx, self._part())
        return Markup("".join(etree.tostring(one, encoding="unicode") for one in parts))  # noqa: S704  (escaped when it was filled in)


def check(name: str, content: bytes) -> None:
    """Raises `BadAuthorValue` for a file that is too large when it is unpacked, or holds macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _PARTS or sum(entry.file_size for entry in entries) > _LARGEST:
                raise BadAuthorValue(f"The template {name} is too large.")
            if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
                raise BadAuthorValue(f"The template {name} holds macros. Save it as a DOCX file without them.")
    except zipfile.BadZipFile as error:
        raise BadAuthorValue(f"The template {name} is not a DOCX file.") from error


def _opened(value: object) -> object:
    return value.value if isinstance(value, RawValue) else value


def _text(text: str) -> object:
    """A text for a run, with the breaks that markup of documents asks for (``[BR]``, ``[NBSP]`` …)."""
    kept = wordtext.plain(text)
    if "[" not in kept:
        return kept
    shown = tags.as_text(kept.replace("\n", " ") if "[BR]" in kept or "[NEWLINE]" in kept else kept)
    return Markup(wordtext.with_breaks(shown)) if "\n" in shown else shown  # noqa: S704  (escaped there)


def _rich_text(value: object, **look: object) -> object:
    from docxtpl import RichText  # noqa: PLC0415  heavy, as above

    return RichText(str(value), **look)
