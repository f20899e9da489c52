"""Pictures of a document: the markup that shows them in Markdown, and their files where pandoc and Typst find them."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

#: ``[FILE reference, width, alternative text]`` (markup.md, "Inserting images").
_FILE = re.compile(r"\[FILE\s+([^\],]+)(?:,\s*([^\],]+))?(?:,\s*([^\]]*))?\]")
_QR = re.compile(r"\[QR\s+([^\],]+)(?:,\s*([^\],]+))?(?:,\s*([^\]]*))?\]")
_WIDTH = re.compile(r"\d{1,4}(?:\.\d+)?\s*(?:%|px|in|cm|mm|pt|em)?\Z")
_TYPES: Final = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"%PDF": "pdf"}
_MIMETYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml"}
#: Pixels of a side: what is larger is made smaller, nobody prints it.
_LARGEST: Final = 3000


def shown(markdown: str, load: Callable[[str], tuple[str, bytes] | None]) -> tuple[str, dict[str, bytes]]:
    """`markdown` with its pictures as pandoc's, and the pictures by the names it uses.

    `load` gives name and content for a reference, or None for what cannot be found; then the reference is shown as text.
    """
    files: dict[str, bytes] = {}

    def markup(name: str, content: bytes, width: str | None, alternative: str) -> str:
        key = f"parley-file-{len(files)}"
        files[key] = content
        called = re.sub(r"[\[\]\\]", " ", alternative) or name
        return f"![{called}]({key}){_size(width)}"

    def file(found: re.Match[str]) -> str:
        loaded = load(found[1].strip())
        if loaded is None:
            return found[0].replace("[", "\\[", 1)
        name, content = loaded
        return markup(name, content, found[2], (found[3] or "").replace("&#93;", "]"))

    def code(found: re.Match[str]) -> str:
        return markup("QR code", _qr_code(found[1].strip()), found[2] or "1.5in", found[3] or found[1].strip())

    return _QR.sub(code, _FILE.sub(file, markdown)), files


def only(text: str) -> str | None:
    """The reference of the picture that `text` is, if it is one and nothing else."""
    found = _FILE.fullmatch(text.strip())
    return found[1].strip() if found else None


def _size(width: str | None) -> str:
    width = (width or "").strip()
    if not _WIDTH.match(width):
        return ""
    return f"{{width={width}{'' if width[-1] in '%xnmt' else 'px'}}}"


def _qr_code(text: str) -> bytes:
    import segno  # noqa: PLC0415  few documents have one

    made = io.BytesIO()
    segno.make(text, micro=False).save(made, kind="png", scale=8, border=2)
    return made.getvalue()


def written(files: Mapping[str, bytes], folder: Path, *, for_typst: bool) -> dict[str, str]:
    """Where pandoc is to look for each of `files`: a file of `folder` for Typst, which reads it itself; else the picture as an address."""
    made = {}
    for number, (name, content) in enumerate(files.items()):
        kind = _kind(content)
        if kind not in ("png", "jpg", "gif", "svg", *(("pdf",) if for_typst else ())):
            content, kind = _as_png(content, kind), "png"
        if not content:
            continue
        if for_typst:
            (folder / f"picture-{number}.{kind}").write_bytes(content)
            made[name] = f"picture-{number}.{kind}"
        else:
            made[name] = f"data:{_MIMETYPES[kind]};base64,{base64.b64encode(content).decode('ascii')}"
    return made


def width_of(content: bytes) -> int:
    """The dots from left to right; 0 for what is no picture of dots."""
    from PIL import Image  # noqa: PLC0415  as above

    try:
        with Image.open(io.BytesIO(content)) as opened:
            return opened.width
    except (OSError, ValueError, Image.DecompressionBombError):
        return 0


def for_word(content: bytes) -> bytes:
    """A picture of a kind that DOCX files may hold; empty for what is no picture."""
    kind = _kind(content)
    return content if kind in ("png", "jpg", "gif") else _as_png(content, kind)


def escaped(place: str) -> str:
    """`place` as Markdown that says just this."""
    return re.sub(r"([^A-Za-z0-9 ])", r"\\\1", place)


def _kind(content: bytes) -> str:
    for start, kind in _TYPES.items():
        if content.startswith(start):
            return kind
    return "svg" if b"<svg" in content[:1000] else "other"


def _as_png(content: bytes, kind: str) -> bytes:
    """A picture of what pandoc does not take: the first page of a PDF, or another kind of picture; empty for what is none."""
    if kind == "pdf":
        from shared.documents import pages  # noqa: PLC0415  heavy: only where a PDF is shown in a document

        return pages.picture(content, page=1, width=1200)
    from PIL import Image  # noqa: PLC0415  as above

    try:
        with Image.open(io.BytesIO(content)) as opened:
            made = io.BytesIO()
            opened.thumbnail((_LARGEST, _LARGEST))
            opened.convert("RGBA").save(made, "PNG")
            return made.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError):
        return b""
