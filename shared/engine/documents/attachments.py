"""Documents of a screen and documents kept in variables.

An attachment is evaluated completely, so that everything it needs is asked for. What it is made of then is its recipe; files are made
by it when somebody wants them (`collected`). Rules: docs documents.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from shared.authoring import memory
from shared.authoring.errors import MISSING
from shared.authoring.functions.mail_files import file_numbers
from shared.documents import office
from shared.engine.documents import (
    collected,
    contentfiles,
    finished,
    gaps,
    images,
    metadata,
    pdftemplates,
)
from shared.engine.documents.described import ALL, TEXT_FORMATS, Described
from shared.engine.naming import contexts, lookup, packages
from shared.engine.naming.names import canonical, specific
from shared.engine.run import Run
from shared.language.model import Attachment, Block, Expr, Question

_TEMPLATE_FORMATS = {"pdf template file": ("pdf",), "docx template file": ("docx", "pdf")}
_TEMPLATES = tuple(_TEMPLATE_FORMATS)
#: Parts of an attachment that are evaluated for what they ask; their values fill templates.
_VALUES = ("fields", "code", "field code", "description")


def of_question(run: Run, question: Question, context: Mapping[str, object]) -> tuple[Described, ...]:
    """The documents of a screen; those with a variable are bound to it."""
    made: list[Described] = []
    for attachment in question.attachments:
        described = describe(run, attachment)
        if attachment.variable:
            collected.keep(run, canonical(specific(attachment.variable, dict(context))), described)
        made.append(described)
    if question.attachment_code is not None:
        listed = _collections(run.evaluate(question.attachment_code))
        if not run.truth(run.interview.features.get("cache documents", True)):
            for item in listed:
                _describe_again(run, item)
            listed = _collections(run.evaluate(question.attachment_code))
        made.extend(_existing(run, item) for item in listed)
    return tuple(made)


def bind(run: Run, block: Block, name: str | None) -> None:
    """Assemble the documents of an attachment block into their variables; with a name, the one it is for."""
    context = contexts.context_of(run.namespace, block)
    for attachment in block.options.get("attachments", ()):
        if not attachment.variable:
            continue
        target = canonical(specific(attachment.variable, context))
        if name is None or target == name:
            collected.keep(run, target, describe(run, attachment))


def _describe_again(run: Run, item: object) -> None:
    """Have the document that an attachment block made say what the answers say now (initial.md, "cache documents")."""
    name = str(getattr(item, "instanceName", ""))
    for block in reversed(run.interview.index.get(name, ())):
        if any(one.variable == name for one in block.options.get("attachments", ())):
            return bind(run, block, name)
    return None


def describe(run: Run, attachment: Attachment) -> Described:
    """One document with its texts rendered and the values for its template evaluated."""
    own = metadata.in_their_package(run, attachment.options, attachment.place)
    options = metadata.options_of(run, own)
    with _being_made(run, options):
        for key, text in (("draft", gaps.SHOWN), ("skip undefined", "")):
            if run.truth(options.get(key)):
                return gaps.filled(run, partial(_described, run, attachment, options, now=True), text)
        return _described(run, attachment, options)


@contextmanager
def _being_made(run: Run, options: Mapping[str, Any]) -> Iterator[None]:
    """What functions know of the document meanwhile: whether it is redacted, and its language."""
    step, language, known = run.context.step, run.context.language, run.context.step.get(memory.ATTACHMENT)
    step[memory.ATTACHMENT] = {"redact": run.truth(options.get("redact", True)), "format": _evaluation_format(options)}
    run.context.language = str(options.get("language") or language)
    try:
        yield
    finally:
        run.context.language = language
        step.pop(memory.ATTACHMENT) if known is None else step.update({memory.ATTACHMENT: known})


def _evaluation_format(options: Mapping[str, Any]) -> str:
    return "docx" if "docx template file" in options else "pdf" if "pdf template file" in options else "pandoc"


def _described(run: Run, attachment: Attachment, options: Mapping[str, Any], *, now: bool = False) -> Described:
    """`now`: also a template is filled in now, while what is missing has a stand-in."""
    name = run.render(attachment.name).strip()
    filename = run.render(attachment.filename).strip() if attachment.filename is not None else ""
    given = _given(run, options)
    content = _content(run, attachment, options, given)
    manual = finished.manual_of(run, options)
    said: dict[str, Any] = {
        "name": name,
        "filename": filename or file_name_of(name),
        "description": run.render(attachment.description).strip() if attachment.description is not None else "",
        "formats": finished.formats(_formats(run, options), manual, attachment),
        "content": content,
    }
    word = None
    if "docx template file" in options and "content" not in options:
        word = _word(run, options, given, packages.elsewhere(run.interview.name, attachment.place.file))
        if now:
            word = partial(_same, word())
        if office.program() is None:  # nothing here makes a PDF of it
            said["offered"] = [kind for kind in said["formats"] if kind != "pdf"] or ["docx"]
    recipe = _recipe(run, options, given, content, name)
    raw = finished.raw_of(run, attachment, options, said)
    return Described(said=said, recipe=recipe, word=word, manual=manual, raw=raw, access=finished.access(run, options))


def _word(
    run: Run, options: Mapping[str, Any], given: Mapping[str, object], package: str | None
) -> Callable[[], bytes]:
    """Fills in the template, whenever it is called, as the document wants it. `package`: of names of files in it, if not the interview's."""
    style = run.render(options["hyperlink style"]).strip() if options.get("hyperlink style") else None

    def fill() -> bytes:
        from shared.engine.documents import wordtemplates  # noqa: PLC0415  heavy: 120 ms, Jinja2

        with _being_made(run, options):
            return wordtemplates.render(run, options["docx template file"], given, link_style=style, package=package)

    return fill


def _same(content: bytes) -> bytes:
    return content


def _recipe(
    run: Run, options: Mapping[str, Any], given: Mapping[str, object], content: str, name: str
) -> dict[str, object]:
    recipe: dict[str, object] = {"name": name, "language": str(options.get("language") or run.language)}
    if "pdf template file" in options:
        recipe |= pdftemplates.recipe(run, options, given)
    else:
        recipe |= {
            "markdown": images.written_out(content, run.interview.images),
            "metadata": metadata.of(run, options),
            "templates": metadata.templates(run, options),
        }
    for key in ("password", "owner password"):
        if options.get(key) is not None:
            recipe[key] = run.render(options[key]).strip()
    if run.truth(options.get("pdf/a", run.interview.features.get("pdf/a"))):
        # A form whose fonts are missing cannot be one: who said it of all documents did not mean this one.
        wanted = "where possible" if "pdf/a" not in options and "pdf template file" in options else True
        recipe |= {"pdf/a": wanted, "date": run.request.now.date().isoformat()}
    if not run.truth(options.get("tagged pdf", run.interview.features.get("tagged pdf", True))):
        recipe["tagged"] = False
    if run.truth(options.get("update references")):
        recipe["update references"] = True
    return recipe


def _given(run: Run, options: Mapping[str, Any]) -> dict[str, object]:
    """The values that the author gives a template; with ``skip undefined`` those that are not there are left out."""
    skip = run.truth(options.get("skip undefined"))
    given: dict[str, object] = {}
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


def _parts(value: object) -> list[object]:
    """A value that is evaluated in parts, so that one missing name leaves the others."""
    if isinstance(value, Mapping):
        return [{key: item} for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [part for item in value for part in _parts(item)]
    return [value]


def _content(run: Run, attachment: Attachment, options: Mapping[str, Any], given: Mapping[str, object]) -> str:
    if attachment.content is not None:
        return run.render(attachment.content)
    if isinstance(attachment.content_file, Expr):
        return contentfiles.render(run, attachment.content_file, attachment.place)
    template = options.get("docx template file") if "docx template file" in attachment.options else None
    if template is not None:
        from shared.engine.documents import docxtemplates  # noqa: PLC0415  heavy: 120 ms, Jinja2

        package = packages.elsewhere(run.interview.name, attachment.place.file)
        return docxtemplates.text_of(run, template, given, package=package)
    return ""


def _formats(run: Run, options: Mapping[str, object]) -> list[str]:
    stated = options.get("valid formats", options.get("valid types"))
    if stated is not None:
        found = run.value(stated)
        found = [found] if isinstance(found, str) else [str(item) for item in found]
        return [ALL] if ALL in found else found
    for key in _TEMPLATES:
        if key in options:
            return list(_TEMPLATE_FORMATS[key])
    return [ALL]


def file_name_of(name: str) -> str:
    """A file name (without ending) made of a document's name."""
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in name)
    return kept.strip("_") or "document"


def _collections(result: object) -> list[object]:
    if result is None:
        return []
    if hasattr(result, "elements") and not hasattr(result, "info"):
        result = result.elements
    return list(result) if isinstance(result, list | tuple) else [result]


def _existing(run: Run, item: object) -> Described:
    """A document that was made before (``attachment code``), with the text that it was made of."""
    info = getattr(item, "info", None) or {}
    said = {
        "name": str(info.get("name", getattr(item, "instanceName", ""))),
        "filename": str(info.get("filename", "")),
        "description": str(info.get("description", "")),
        "formats": [ALL]
        if list(info.get("formats", ())) == list(TEXT_FORMATS)
        else list(info.get("formats", ())) or ["md"],
        "content": _text_of(run, getattr(item, "md", None)),
    }
    return Described(said=said, existing=item)


def _text_of(run: Run, file: Any) -> str:
    numbers = file_numbers(file, all_formats=True) if file is not None else []
    return run.context.files.read(numbers[0]).decode("utf-8", "replace") if numbers else ""
