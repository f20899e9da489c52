"""Files of a document that are made when somebody wants them: the order for one, and the file that comes of it.

A `DAFile` of an assembled document has no ``number`` until then, but a recipe: what the document is made of, as plain data that
lives with the collection. What is made is the same whenever it is made: a recipe holds texts and numbers of files, no variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from shared.authoring import filing
from shared.authoring.context import Documents, current
from shared.authoring.errors import BeingMade, NotAvailable
from shared.documents import pictures
from shared.documents.ports import MIMETYPES, Format, StillMaking

#: Where a file keeps the recipe that it is to be made by: ``{"of": recipe, "format": word of valid formats}``.
ATTRIBUTE: Final = "_recipe"

#: A document as plain data: ``markdown`` (a text, or the number of a file), ``name``, ``language``, ``metadata``, ``templates``, ``pdf/a`` …
Recipe = Mapping[str, Any]


def number_of(file: Any, readers: filing.Readers = filing.Readers.SESSION) -> int:
    """The number of the file that the recipe of `file` makes, made now, for `readers`. Raises `DocumentError`."""
    recipe = file.__dict__[ATTRIBUTE]
    content = made(recipe["of"], recipe["format"])
    return filing.write(current(), filename=file.filename, mimetype=file.mimetype, content=content, readers=readers)


def made(recipe: Recipe, wanted: str) -> bytes:
    """The document in the format `wanted`. Raises `DocumentError`."""
    documents = getattr(current(), "documents", None)
    if documents is None:
        raise NotAvailable(f"a document in {wanted.upper()}", "documents: they are made by a running server")
    return _of(documents, order(recipe, wanted))


def work(order: Mapping[str, Any]) -> bytes:
    """What comes of an order. Raises `DocumentError`, `NotAvailable`."""
    documents = getattr(current(), "documents", None)
    if documents is None:
        raise NotAvailable("this function", "documents: they are made by a running server")
    return _of(documents, order)


def _of(documents: Documents, order: Mapping[str, Any]) -> bytes:
    """The document, waited for; where somebody looks at the screen, not for longer than a second: the step is run again (`BeingMade`)."""
    context = current()
    while True:
        try:
            return documents.make(order)
        except StillMaking:
            if context.mode == "foreground":
                raise BeingMade from None


def passwords(stated: object) -> tuple[str, str]:
    """Owner's and user's password (functions.md, "pdf_concatenate()"): a text is the user's."""
    if isinstance(stated, Mapping):
        return str(stated.get("owner") or ""), str(stated.get("user") or "")
    if isinstance(stated, list | tuple):
        owner, user = (*stated, "", "")[:2]
        return str(owner or ""), str(user or "")
    return "", "" if stated is None else str(stated)


#: Endings of files that word processors read.
WORDS: Final = ("docx", "doc", "rtf", "odt", "md")


def order(recipe: Recipe, wanted: str) -> dict[str, Any]:
    """What is ordered to have the document in the format `wanted`, its pictures and templates in it."""
    if recipe.get("work") == "form":
        return _form(recipe)
    if recipe.get("work") == "word":
        content = recipe["content"]
        content = current().files.read(content) if isinstance(content, int) else content
        of_word = ("password", "owner password", "pdf/a", "tagged", "update references")
        kept = {key: recipe[key] for key in of_word if key in recipe}
        return {"work": "word", "format": wanted, "content": content, **kept}
    text = recipe["markdown"]
    markdown = current().files.read(text).decode() if isinstance(text, int) else str(text)
    kept = {key: value for key, value in recipe.items() if key not in ("markdown", "templates")}
    templates = {
        key: current().files.find(name, "templates")[1] for key, name in (recipe.get("templates") or {}).items()
    }
    if wanted != Format.MARKDOWN:
        markdown, files = pictures.shown(markdown, _found)
    else:
        files = {}
    return {
        "work": "text",
        **kept,
        "format": wanted,
        "markdown": markdown,
        "files": files,
        "templates": {key: content for key, content in templates.items() if key == wanted},
    }


def _form(recipe: Recipe) -> dict[str, Any]:
    """A form with its template; the values that are pictures are taken for what they show."""
    fields, images = dict(recipe["fields"]), {}
    for name, value in list(fields.items()):
        picture = pictures.only(str(value))
        found = None if picture is None else _found(picture)
        if found is not None:
            images[name] = found[1]
            del fields[name]
    content = current().files.find(recipe["template"], "templates")[1]
    kept = {key: value for key, value in recipe.items() if key != "template"}
    return {**kept, "format": "pdf", "content": content, "fields": fields, "images": images}


def _found(reference: str) -> tuple[str, bytes] | None:
    """A picture by what the markup says: a number of the session's, a file of a package."""
    try:
        return current().files.find(reference)
    except (LookupError, OSError):
        return None


def file_name(stem: str, wanted: str) -> tuple[str, str]:
    """Name and MIME type of a document in the format `wanted`."""
    kept = PurePosixPath(stem)
    ending = kept.suffix.lstrip(".").lower()
    stem = kept.stem if ending == wanted else str(kept)
    mimetype = MIMETYPES[Format(wanted)] if wanted in set(Format) else "application/octet-stream"
    return f"{stem}.{wanted}", mimetype
