"""Templates of documents held against the interview: names in a DOCX file that no block defines, fields that a PDF form does not have.

Only templates that are named in the YAML can be looked at; those that code finds are known when the interview runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final

from shared.authoring.objects import docx, pdf
from shared.documents import office
from shared.documents.scripts import without_font
from shared.language.check_files import attachments_of
from shared.language.check_names import defined_names
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.model import Attachment, Interview
from shared.language.sources import Sources

#: What templates have besides the interview's names.
_OWN: Final = frozenset(
    {"loop", "include_docx_template", "True", "False", "None", "true", "false", "none", "x", "i", "j", "k"}
)
_ROOT: Final = re.compile(r"\w+")


def template_problems(interview: Interview, sources: Sources, authoring: Collection[str]) -> Iterator[Problem]:
    defined = defined_names(interview, sources)
    known = None if defined is None else defined | {_root(name) for name in interview.index} | set(authoring) | _OWN
    told = False
    for attachment, package in attachments_of(interview):
        yield from _without_font(attachment, package, sources)
        for key in ("docx template file", "pdf template file"):
            for reference in _named(attachment.options.get(key)):
                content = _read(reference, package, sources)
                if content is None:
                    continue
                if key == "pdf template file":
                    yield from _of_form(attachment, reference, content)
                    continue
                yield from _of_word(attachment, reference, content, known)
                if office.program() is None and not told and not _docx_only(attachment):
                    told = True
                    yield Problem(
                        Finding.FILE_MISSING,
                        attachment.place,
                        f"no PDF can be made of {reference!r} on this machine: LibreOffice (soffice, python3-uno) is not there",
                        "users are offered the DOCX file; 'valid formats: docx' says so",
                    )


def _without_font(attachment: Attachment, package: str, sources: Sources) -> Iterator[Problem]:
    """Text of the document itself in a script for which there is no font here; what is answered is not known yet."""
    if not _pdf_is_made(attachment):
        return
    texts = [text.source for text in (attachment.name, attachment.content) if text is not None]
    for reference in _named(attachment.options.get("docx template file")):
        content = _read(reference, package, sources)
        with suppress(docx.BadDocx):  # which is another problem
            texts += [] if content is None else [docx.template_text(content, reference)]
    if lacking := without_font(texts):
        yield Problem(
            Finding.NO_FONT,
            attachment.place,
            f"no font for {' and '.join(lacking)} is installed here: such characters are boxes in PDF files",
            "install the extra 'cjk' of parley, or a font of the system",
        )


def _pdf_is_made(attachment: Attachment) -> bool:
    word = attachment.options.get("docx template file") is not None
    return not _docx_only(attachment) and (office.program() is not None or not word)


def _root(name: str) -> str:
    found = _ROOT.match(name)
    return found.group() if found else name


def _named(value: object) -> list[str]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [one.strip() for one in listed if isinstance(one, str)]


def _read(reference: str, package: str, sources: Sources) -> bytes | None:
    try:
        return sources.reference(reference, "templates", package).path.read_bytes()
    except (LanguageError, OSError):
        return None  # that it is not there is another problem, told elsewhere


def _of_word(
    attachment: Attachment, reference: str, content: bytes, known: Collection[str] | None
) -> Iterator[Problem]:
    try:
        used = docx.names(content, reference)
    except docx.BadDocx as error:
        yield Problem(Finding.FILE_MISSING, attachment.place, f"the template {reference!r}: {error}")
        return
    given = _given(attachment)
    if known is None or attachment.options.get("code") is not None:
        return  # a module or code may give any name
    for name in sorted(used - set(known) - given):
        yield Problem(
            Finding.UNDEFINED, attachment.place, f"the template {reference!r} uses {name!r}, which no block defines"
        )


def _of_form(attachment: Attachment, reference: str, content: bytes) -> Iterator[Problem]:
    try:
        fields = {one[0] for one in pdf.fields(content, reference)}
    except pdf.BadPdf as error:
        yield Problem(Finding.FILE_MISSING, attachment.place, f"the template {reference!r}: {error}")
        return
    last = {name.rpartition(".")[2] for name in fields}
    for name in sorted(_given(attachment) - fields - last):
        yield Problem(
            Finding.UNDEFINED,
            attachment.place,
            f"the form {reference!r} has no field {name!r}",
            "'parley fields' lists the fields of a form",
        )


def _given(attachment: Attachment) -> set[str]:
    """The names to which the author gives values in ``fields`` and kin."""
    found: set[str] = set()
    for key in ("fields", "field code"):
        value = attachment.options.get(key)
        for part in value if isinstance(value, list | tuple) else [value]:
            found |= {str(name) for name in part} if isinstance(part, Mapping) else set()
    return found


def _docx_only(attachment: Attachment) -> bool:
    stated = attachment.options.get("valid formats")
    return stated is not None and "pdf" not in (stated if isinstance(stated, list | tuple) else [stated])
