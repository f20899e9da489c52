"""Pages and pictures made ready for being read, and the texts that are read from them. Runs in the process that makes documents.

Tesseract is a program of the machine: where there is none, an extra reads instead (`rapid`), and where that is not there either, the error says
what to install. Rules: functions.md, "ocr_file()".
Not for: which pages there are and the languages of interviews (`authoring.functions.ocr`).
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared.documents import rapid
from shared.documents.order import Order
from shared.documents.pages import sheet_of
from shared.documents.ports import BadSource, ConvertFailed, Unsupported

#: Inches of a page's long edge up to which the dots an inch are as stated; larger pages get fewer (config.md, "OCR resolution").
_LONG_EDGE: Final = 11
#: Dots an inch at least and at most; pixels of a picture's side.
_FEWEST, _MOST, _SIDE = 50, 600, 6600
#: Seconds for one page.
_SECONDS: Final = 55
_LANGUAGES = re.compile(r"[A-Za-z]{3,}(?:_[A-Za-z]+)*(?:\+[A-Za-z]{3,}(?:_[A-Za-z]+)*)*\Z")
_MISSING = re.compile(r"Failed loading language '([A-Za-z_]+)'")
MODES: Final = range(14)


def scan(order: Order) -> bytes:
    """A page of a PDF file, or of a picture, as a grey PNG picture: ``content``, ``pdf``, ``page``, ``dots``, ``crop`` (x, y, W, H).

    ``colour``: with its colours. A width or height of 0 goes to the edge. Raises `BadSource`.
    """
    content, page = order["content"], int(order.get("page", 1))
    dots = min(max(int(order.get("dots", 300)), _FEWEST), _MOST)
    mode = "RGB" if order.get("colour") else "L"
    sheet = _page(content, page, dots, mode) if order.get("pdf") else _picture(content, page, mode)
    x, y, width, height = (max(0, int(one)) for one in order.get("crop") or (0, 0, 0, 0))
    if x >= sheet.width or y >= sheet.height:
        raise BadSource(
            f"page {page} has {sheet.width} x {sheet.height} pixels; nothing of it is right of {x} and below {y}"
        )
    right, bottom = min(sheet.width, x + (width or sheet.width)), min(sheet.height, y + (height or sheet.height))
    made = io.BytesIO()
    sheet.crop((x, y, right, bottom)).save(made, "PNG", dpi=(dots, dots))
    return made.getvalue()


def _page(content: bytes, page: int, dots: int, mode: str) -> Any:
    with sheet_of(content, page) as sheet:
        longest = max(*sheet.get_size(), 1)
        scale = dots / 72 * min(1.0, _LONG_EDGE * 72 / longest)
        return sheet.render(scale=scale, may_draw_forms=True, grayscale=mode == "L").to_pil().convert(mode)


def _picture(content: bytes, page: int, mode: str) -> Any:
    """A picture the right way up: telephones only note how they were held. What is transparent is paper."""
    from PIL import Image, ImageOps  # noqa: PLC0415  only the process that makes documents pays for it

    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.seek(page - 1)
            upright = ImageOps.exif_transpose(opened)
            if upright.mode not in ("L", "LA", "RGB", "RGBA"):
                upright = upright.convert("RGBA")
            upright.thumbnail((_SIDE, _SIDE))  # before it is copied again: a camera's picture takes some hundred MB
            upright = upright.convert("RGBA")
    except (OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadSource(f"the picture cannot be read: {error}") from error
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright).convert(mode)


@cache
def program() -> str | None:
    """Tesseract, if there is one."""
    return shutil.which("tesseract", path="/usr/local/bin:/usr/bin:/bin")


def read(order: Order, folder: Path, seal: Callable[[], None] = lambda: None) -> bytes:
    """The text (UTF-8) of the PNG picture ``content``, by ``languages`` (of Tesseract, joined by ``+``) and segmentation ``mode``.

    ``searchable``: instead a PDF file of one page, the picture with its text behind it.

    Raises `Unsupported` where Tesseract or its data for a language is not there, `ConvertFailed`.
    """
    languages, mode = str(order["languages"]), int(order.get("mode", 6))
    if not _LANGUAGES.match(languages) or mode not in MODES:
        raise BadSource(f"Tesseract knows no language {languages!r}, or no page segmentation mode {mode}")
    tesseract = program()
    if tesseract is None and rapid.available() and not order.get("searchable"):
        return rapid.read(order["content"], languages, seal).encode()
    if tesseract is None:
        raise Unsupported(
            "reading texts from pictures needs Tesseract, which this server does not have: install the package tesseract-ocr"
        )
    (folder / "page.png").write_bytes(order["content"])
    command = [
        tesseract,
        "page.png",
        "stdout",
        "-l",
        languages,
        "--psm",
        str(mode),
        *(["pdf"] if order.get("searchable") else []),
    ]
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ConvertFailed(f"reading a page took longer than {_SECONDS} seconds and was ended") from None
    seal()
    said = done.stderr.decode(errors="replace")
    if missing := _MISSING.search(said):
        package = f"tesseract-ocr-{missing[1].lower().replace('_', '-')}"
        raise Unsupported(f"Tesseract has no data for the language {missing[1]!r} here: install the package {package}")
    if done.returncode:
        raise ConvertFailed(f"Tesseract could not read the page: {' '.join(said.split())[-300:] or done.returncode}")
    return done.stdout
