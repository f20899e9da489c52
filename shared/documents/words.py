"""Files of word processors: joined, and converted among each other by pandoc. Runs in the process that makes documents."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from shared.documents import archives, office, texts
from shared.documents.order import Order
from shared.documents.ports import BadSource, Unsupported

#: What pandoc calls the formats that it reads and writes, by the endings of files.
_READS: Final = {"docx": "docx", "odt": "odt", "rtf": "rtf", "html": "html", "md": texts.READER}
_WRITES: Final = {"docx": "docx", "odt": "odt", "rtf": "rtf", "html": "html5", "md": "markdown"}


def convert(order: Order, folder: Path, seal: Callable[[], None]) -> bytes:
    """``content``, of the format ``source``, in the format ``format``. Raises `Unsupported`, `BadSource`, `ConvertFailed`."""
    source, target = str(order["source"]), str(order["format"])
    if source == "md" and target in ("pdf", "docx", "rtf", "html"):
        return texts.make({**order, "markdown": bytes(order["content"]).decode("utf-8", "replace")}, folder, seal)
    if target == "pdf" and source in ("docx", "rtf", "odt", "doc"):
        return office.make(order, folder, seal)
    if source not in _READS or target not in _WRITES:
        raise Unsupported(f"{source.upper()} cannot be converted to {target.upper()} here")
    if source in ("docx", "odt"):
        archives.check(order["content"])
    given, made = folder / f"given.{source}", folder / f"made.{target}"
    given.write_bytes(order["content"])
    options = [f"--from={_READS[source]}", f"--to={_WRITES[target]}", "--sandbox", "--standalone", f"--output={made}"]
    texts.pandoc([*options, str(given)], "", folder)
    seal()
    return made.read_bytes()


def joined(order: Order, folder: Path, seal: Callable[[], None]) -> bytes:
    """One DOCX file of the DOCX files ``parts``, with the styles of the first. Raises `BadSource`, `TooLarge`."""
    from docx import Document  # noqa: PLC0415  only the process that makes documents pays for it

    seal()
    parts: Sequence[bytes] = order["parts"]
    try:
        for part in parts:
            archives.check(part)
        whole = Document(io.BytesIO(parts[0]))
        end = whole.element.body.sectPr
        for part in parts[1:]:
            for element in taken(Document(io.BytesIO(part)), whole.part):
                end.addprevious(element) if end is not None else whole.element.body.append(element)
    except (ValueError, KeyError, IndexError) as error:
        raise BadSource(f"a file that is to be joined is no DOCX file: {error}") from error
    made = io.BytesIO()
    whole.save(made)
    return made.getvalue()


def taken(document: Any, target: Any) -> list[Any]:
    """The elements of a document's body, with its pictures and links made those of the part `target`."""
    from docx.oxml.ns import qn  # noqa: PLC0415  as above

    made = [one for one in document.element.body if not one.tag.endswith("}sectPr")]
    for element in made:
        for node in element.iter():
            for attribute in (qn("r:embed"), qn("r:id"), qn("r:link")):
                relation = document.part.rels.get(node.get(attribute, ""))
                if relation is None:
                    continue
                if relation.is_external:
                    node.set(attribute, target.relate_to(relation.target_ref, relation.reltype, is_external=True))
                elif relation.reltype.endswith("/image"):
                    node.set(attribute, target.get_or_add_image(io.BytesIO(relation.target_part.blob))[0])
    return made
