"""Documents of a screen and documents kept in variables.

An attachment is evaluated completely (so that everything it needs is asked for) and becomes a DAFileCollection. Its
text is kept as Markdown under each format; making PDF, DOCX and RTF of it is for the part that owns documents.
Rules: docs documents.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from shared.authoring.errors import MISSING
from shared.authoring.objects import DAFileCollection
from shared.engine import contentfiles, contexts, docxtemplates, lookup, uploads
from shared.engine.names import canonical, specific
from shared.engine.run import Run
from shared.language.model import Attachment, Block, Expr, Question

#: Formats of a document made of text, and of those made of templates, unless ``valid formats`` says otherwise.
_TEXT_FORMATS = ("pdf", "rtf", "docx")
#: Says in a screen that the document comes in all formats of text.
_ALL = "*"
_TEMPLATE_FORMATS = {"pdf template file": ("pdf",), "docx template file": ("docx", "pdf")}
_TEMPLATES = tuple(_TEMPLATE_FORMATS)
#: Parts of an attachment that are evaluated for what they ask; their values fill templates.
_VALUES = ("fields", "code", "field code", "metadata", "manual", "manual code", "description")


def of_question(run: Run, question: Question, context: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """What the screen says about its documents: name, file name, description, formats; binds their variables."""
    if not question.attachments and question.attachment_code is None:
        return ()
    made: list[Mapping[str, Any]] = []
    for attachment in question.attachments:
        described = describe(run, attachment)
        if attachment.variable:
            _keep(run, canonical(specific(attachment.variable, dict(context))), described)
        made.append(described)
    if question.attachment_code is not None:
        made.extend(_existing(item) for item in _collections(run.evaluate(question.attachment_code)))
    return tuple(made)


def bind(run: Run, block: Block, name: str | None) -> None:
    """Assemble the documents of an attachment block into their variables; with a name, the one it is for."""
    context = contexts.context_of(run, block)
    for attachment in block.options.get("attachments", ()):
        if not attachment.variable:
            continue
        target = canonical(specific(attachment.variable, context))
        if name is None or target == name:
            _keep(run, target, describe(run, attachment))


def describe(run: Run, attachment: Attachment) -> Mapping[str, Any]:
    """One document with its texts rendered and the values for its template evaluated."""
    options = attachment.options
    name = run.render(attachment.name).strip()
    filename = run.render(attachment.filename).strip() if attachment.filename is not None else ""
    given = _given(run, options)
    return {
        "name": name,
        "filename": filename or file_name_of(name),
        "description": run.render(attachment.description).strip() if attachment.description is not None else "",
        "formats": _formats(run, options),
        "content": _content(run, attachment, given),
    }


def _given(run: Run, options: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the author gives a template; with ``skip undefined`` those that are not there are left out."""
    skip = run.truth(options.get("skip undefined"))
    given: dict[str, Any] = {}
    for key in _VALUES:
        if key not in options:
            continue
        for part in _parts(options[key]):
            try:
                value = run.value(part)
            except MISSING:
                if not skip:
                    raise
                continue
            if key in ("fields", "code", "field code"):
                for item in value if isinstance(value, list) else [value]:
                    given.update(item if isinstance(item, Mapping) else {})
    for key in ("field variables", "raw field variables"):
        for variable in options.get(key, ()):
            if not skip or lookup.is_defined(run.namespace, variable):
                given[variable] = lookup.evaluate(run.namespace, variable)
    return given


def _parts(value: Any) -> list[Any]:
    """A value that is evaluated in parts, so that one missing name leaves the others."""
    if isinstance(value, Mapping):
        return [{key: item} for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [part for item in value for part in _parts(item)]
    return [value]


def _content(run: Run, attachment: Attachment, given: Mapping[str, Any]) -> str:
    if attachment.content is not None:
        return run.render(attachment.content)
    if isinstance(attachment.content_file, Expr):
        return contentfiles.render(run, attachment.content_file, attachment.place)
    template = attachment.options.get("docx template file")
    if template is not None:
        return docxtemplates.text_of(run, template, given)
    for key in ("pdf template file",):
        if isinstance(attachment.options.get(key), Expr):
            run.evaluate(attachment.options[key])
    return ""


def _formats(run: Run, options: Mapping[str, Any]) -> list[str]:
    stated = options.get("valid formats", options.get("valid types"))
    if stated is not None:
        found = run.value(stated)
        found = [found] if isinstance(found, str) else [str(item) for item in found]
        return [_ALL] if _ALL in found else found
    for key in _TEMPLATES:
        if key in options:
            return list(_TEMPLATE_FORMATS[key])
    return [_ALL]


def file_name_of(name: str) -> str:
    """A file name (without ending) made of a document's name."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in name)
    return kept.strip("_") or "document"


def _keep(run: Run, target: str, described: Mapping[str, Any]) -> None:
    """Bind the document; one with the same content as before stays the same, so that showing a screen twice changes nothing."""
    content = described["content"].encode()
    digest = hashlib.sha256(content).hexdigest()
    known = lookup.fetch_or(run.namespace, target)
    formats = list(_TEXT_FORMATS) if _ALL in described["formats"] else list(described["formats"])
    info = {key: described[key] for key in ("name", "filename", "description")} | {"formats": formats, "digest": digest}
    if isinstance(known, DAFileCollection) and known.info == info:
        return
    number = run.context.files.write(filename=f"{info['filename']}.md", mimetype="text/markdown", content=content)
    made = DAFileCollection(target)
    made.info = info
    for kind in (*formats, "md"):
        setattr(made, kind, uploads.one_file(run, f"{target}.{kind}", number))
    lookup.assign(run.namespace, target, made)


def _collections(result: Any) -> list[Any]:
    if result is None:
        return []
    if hasattr(result, "elements") and not hasattr(result, "info"):
        result = result.elements
    return list(result) if isinstance(result, list | tuple) else [result]


def _existing(item: Any) -> Mapping[str, Any]:
    info = getattr(item, "info", None) or {}
    return {
        "name": str(info.get("name", getattr(item, "instanceName", ""))),
        "filename": str(info.get("filename", "")),
        "description": str(info.get("description", "")),
        "formats": [_ALL]
        if list(info.get("formats", ())) == list(_TEXT_FORMATS)
        else list(info.get("formats", ())) or ["md"],
    }
