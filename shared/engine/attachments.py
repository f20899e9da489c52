"""Documents of a screen and documents kept in variables.

An attachment becomes a DAFileCollection with a file for each format; what the formats are made of is in
``shared.authoring`` and, until documents get an issue of their own, a plain Markdown text.
Rules: docs documents.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.engine.run import Run
from shared.language.model import Attachment, Block, Question


def of_question(run: Run, block: Block, question: Question) -> tuple[Mapping[str, Any], ...]:
    """What the screen says about its documents: name, file name, description, formats; assembles their contents."""
    listed = list(question.attachments)
    made = [describe(run, attachment) for attachment in listed]
    if question.attachment_code is not None:
        result = run.evaluate(question.attachment_code)
        made.extend(_existing(item) for item in _collections(result))
    return tuple(made)


def describe(run: Run, attachment: Attachment) -> Mapping[str, Any]:
    """One document with its texts rendered."""
    name = run.render(attachment.name)
    filename = run.render(attachment.filename) if attachment.filename is not None else ""
    content = run.render(attachment.content) if attachment.content is not None else ""
    return {
        "name": name,
        "filename": filename or file_name_of(name),
        "description": run.render(attachment.description) if attachment.description is not None else "",
        "formats": ["md"],
        "content": content,
    }


def file_name_of(name: str) -> str:
    """A file name (without ending) made of a document's name."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in name.strip())
    return kept.strip("_") or "document"


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
        "formats": list(info.get("formats", ())) or ["md"],
    }


def bind(run: Run, block: Block, name: str | None) -> None:
    """Assemble the documents of an attachment block into their variables."""
    for attachment in block.options.get("attachments", ()):
        if attachment.variable:
            _assemble(run, attachment, name or attachment.variable)


def _assemble(run: Run, attachment: Attachment, name: str) -> None:
    from shared.authoring.objects import DAFileCollection
    from shared.engine import lookup, uploads

    described = describe(run, attachment)
    number = run.context.files.write(
        filename=f"{described['filename']}.md", mimetype="text/markdown", content=described["content"].encode()
    )
    made = DAFileCollection(name)
    made.info = {key: described[key] for key in ("name", "filename", "description", "formats")}
    made.md = uploads.one_file(run, f"{name}.md", number)
    lookup.assign(run.namespace, name, made)
