"""Documents as files: the collection that a variable holds, and the file that a screen's download asks for.

A file is made when it is wanted, in a process of its own; where none is at hand the text of a document stands for its files.
Rules: docs documents.md ("Saving documents as variables", "Document caching and regeneration").
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable
from typing import Any

from shared.authoring.objects import DAFile, DAFileCollection, assembled
from shared.contract.screen import Screen
from shared.documents.markdown import MarkdownText
from shared.documents.ports import DocumentError, Text
from shared.engine.documents import finished, uploads
from shared.engine.documents.described import Described
from shared.engine.errors import BadAuthorValue
from shared.engine.naming import lookup
from shared.engine.run import Run
from shared.state.codec import encode_value

#: Words of ``valid formats`` that name a format of another name.
_MEANT = {"rtf to docx": "docx"}


def keep(run: Run, target: str, described: Described) -> None:
    """Bind the document; one with the same content as before stays the same, so that showing a screen twice changes nothing."""
    said = described.said
    known = lookup.fetch_or(run.namespace, target)
    info = {key: said[key] for key in ("name", "filename", "description")} | {
        "formats": described.formats,
        "digest": Text(str(encode_value(dict(described.recipe)))).digest() if run.request.documents else _digest(said),
    }
    if isinstance(known, DAFileCollection) and known.info == info:
        return
    made = DAFileCollection(target)
    made.info = info
    for kind, file in described.manual.items():
        setattr(made, kind, file)
    if described.raw is not None:
        made.raw = _kept(run, f"{target}.raw", described.raw)
    if run.request.documents is None:
        _texts(run, made, said, [kind for kind in described.formats if not hasattr(made, kind)])
    else:
        _recipes(run, made, described)
    for file in made._files():
        finished.grant(file, described.access)
    lookup.assign(run.namespace, target, made)


def _digest(said: Any) -> str:
    return Text(str(said["content"])).digest()


def _recipes(run: Run, made: DAFileCollection, described: Described) -> None:
    stem, name = str(described.said["filename"]), made.instanceName
    recipe = dict(described.recipe)
    if described.word is not None:
        recipe |= {"work": "word", "content": _word(run, made, described, stem)}
    if "markdown" in recipe:  # it may be long, and the state is written with every step
        text = str(recipe["markdown"]).encode()
        recipe["markdown"] = number = run.context.files.write(
            filename=f"{stem}.md", mimetype="text/markdown", content=text
        )
        made.md = uploads.one_file(run, f"{name}.md", number)
    for wanted in described.formats:
        kind = _MEANT.get(wanted, wanted)
        if kind == "md" or hasattr(made, kind):
            continue
        filename, mimetype = assembled.file_name(stem, kind)
        file = DAFile(f"{name}.{kind}")
        file._be_made_by({"of": recipe, "format": kind}, filename=filename, mimetype=mimetype)
        setattr(made, kind, file)


def _kept(run: Run, name: str, file: tuple[str, bytes, str]) -> DAFile:
    filename, content, mimetype = file
    number = run.context.files.write(filename=filename, mimetype=mimetype, content=content)
    return uploads.one_file(run, name, number)


def _word(run: Run, made: DAFileCollection, described: Described, stem: str) -> int:
    """The DOCX file of a template, filled in now: its values are variables, which change."""
    assert described.word is not None
    filename, mimetype = assembled.file_name(stem, "docx")
    number: int = run.context.files.write(filename=filename, mimetype=mimetype, content=described.word())
    if "docx" in described.formats:
        made.docx = uploads.one_file(run, f"{made.instanceName}.docx", number)
    return number


def _texts(run: Run, made: DAFileCollection, said: Any, formats: Iterable[str]) -> None:
    for file in MarkdownText().assemble(Text(said["content"]), (*formats, "md")):
        name = f"{said['filename']}.{file.format}"
        number = run.context.files.write(filename=name, mimetype=file.mimetype, content=file.content)
        for kind in file.stands_for:
            setattr(made, kind, uploads.one_file(run, f"{made.instanceName}.{kind}", number))


def wanted(run: Run, screen: Screen) -> Screen:
    """What a download of a document of `screen` gets: a screen of kind ``response``. The screen itself if it has no such document.

    Raises `BeingMade` for one that takes long.
    """
    asked = run.request.document
    if asked is not None and asked.format == "zip" and run.documents:
        return _given(run, _all(run, str(screen.options.get("zip filename") or "file")))
    if asked is None or not 0 <= asked.number < len(run.documents):
        return screen
    document: Described = run.documents[asked.number]
    kind = "pdf" if asked.format == "png" else asked.format
    if kind not in (*kinds(document), "md"):
        return screen
    found = file(run, document, kind)
    if asked.format == "png":
        picture = assembled.work({"work": "picture", "content": found[1], "width": 400})
        found = f"{document.said['filename']}.png", picture, "image/png"
    return _given(run, found)


def _all(run: Run, called: str) -> tuple[str, bytes, str]:
    """All files of all documents, as an archive."""
    made, taken = io.BytesIO(), set[str]()
    stamp = run.request.now.timetuple()[:6]
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in run.documents:
            for kind in kinds(document):
                name, content, _ = file(run, document, kind)
                stem, dot, ending = name.replace("/", "_").rpartition(".")
                unused = next(
                    one
                    for n in itertools.count(1)
                    if (one := name if n == 1 else f"{stem}_{n}{dot}{ending}") not in taken
                )
                taken.add(unused)
                archive.writestr(zipfile.ZipInfo(unused, stamp), content, zipfile.ZIP_DEFLATED)
    return f"{called.removesuffix('.zip')}.zip", made.getvalue(), "application/zip"


def _given(run: Run, file: tuple[str, bytes, str]) -> Screen:
    number = run.context.files.write(filename=file[0], mimetype=file[2], content=file[1])
    return Screen(kind="response", command="response", response={"file": {"number": number, "filename": file[0]}})


def kinds(document: Described) -> list[str]:
    """The formats that it is offered in, each once, by the endings of their files."""
    return list(dict.fromkeys(_MEANT.get(one, one) for one in document.formats))


def file(run: Run, document: Described, kind: str) -> tuple[str, bytes, str]:
    """Name, content and type. Raises `BadAuthorValue`."""
    try:
        return _made(document, kind)
    except DocumentError as error:
        raise BadAuthorValue(f"The document {document.said['name']!r} could not be made: {error}") from error


def shown(run: Run, document: Described) -> dict[str, Any]:
    """What a screen says of the document, with the bytes of each file that is there already."""
    sizes: dict[str, int] = {}
    for kind in kinds(document):
        number = getattr(_ready(document, kind), "__dict__", {}).get("number")
        if isinstance(number, int):
            sizes[kind] = int(run.context.files.info(number)["size"])
    if document.raw is not None:
        sizes["raw"] = len(document.raw[1])
    return {**document.said, "sizes": sizes} if sizes else dict(document.said)


def to_be_made(run: Run, document: Described, kind: str) -> DAFile:
    """The same as a file that is made once somebody wants it, of the answers as they are now."""
    ready: DAFile | None = _ready(document, kind)
    if ready is not None:
        return ready
    if kind == "raw" and document.raw is not None:
        return _kept(run, "document", document.raw)
    name, mimetype = assembled.file_name(str(document.said["filename"]), kind)
    recipe, made = dict(document.recipe), DAFile("document")
    if document.word is not None and kind != "md":
        filled, word_type = assembled.file_name(str(document.said["filename"]), "docx")
        number = run.context.files.write(filename=filled, mimetype=word_type, content=document.word())
        if kind == "docx":
            return DAFile("document", number=number, filename=filled, mimetype=word_type)
        recipe |= {"work": "word", "content": number}
    made._be_made_by({"of": recipe, "format": kind}, filename=name, mimetype=mimetype)
    return made


def _ready(document: Described, kind: str) -> Any:
    """The file, where it is one that is there already or that knows itself how it is made."""
    return document.manual.get(kind) or getattr(document.existing, kind, None)


def _made(document: Described, kind: str) -> tuple[str, bytes, str]:
    if (ready := _ready(document, kind)) is not None:
        return str(ready.filename), ready.slurp(auto_decode=False), str(ready.mimetype)
    if kind == "raw" and document.raw is not None:
        return document.raw
    name, mimetype = assembled.file_name(str(document.said["filename"]), kind)
    if document.word is not None and kind != "md":
        content = document.word()
        return (
            name,
            content
            if kind == "docx"
            else assembled.made({**document.recipe, "work": "word", "content": content}, kind),
            mimetype,
        )
    return name, assembled.made(document.recipe, kind), mimetype
