"""Which pages of which files are to be read, in which languages, and PDF files made of them that can be searched (functions.md, "ocr_file()").

Not for: the texts themselves (`functions.ocr`), and how a page is read (`shared.documents.scans`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from shared.authoring.context import current
from shared.authoring.objects import assembled, pdf
from shared.authoring.text.isotables import language
from shared.authoring.text.words import get_language

_PICTURES: Final = ("png", "jpg", "jpeg", "tif", "tiff", "gif", "bmp", "webp")
#: Pages of a picture at most.
_PAGES: Final = 500
#: What ISO 639 does not say: the writing (config.md, "OCR language settings").
_SCRIPTS: Final = {"zh": "chi-tra"}


def searchable(
    files: list[Any],
    options: Mapping[str, Any],
    *,
    colour: bool,
    tell: Callable[[float, str], None] = lambda _share, _text: None,
) -> bytes:
    """A PDF file of the pages of `files`, each a picture with its text behind it. Raises what `ocr_file` raises.

    `tell` hears which share of the pages is made.
    """
    how = {"work": "read", "languages": options["languages"], "mode": options["psm"], "searchable": True}
    pages, parts = list(pages_of(files, options)), []
    for number, page in enumerate(pages):
        tell(number / len(pages), f"{number} / {len(pages)}")
        scanned = assembled.work({"work": "scan", **page, "colour": colour})
        parts.append(assembled.work({**how, "content": scanned}))
    return assembled.work({"work": "join", "parts": parts})


def files_of(given: Any) -> list[Any]:
    """The files that are meant, one by one."""
    trigger = getattr(given, "_trigger_gather", None)
    if callable(trigger):
        trigger()
        files = list(given.elements)
    elif isinstance(given, list | tuple):
        files = list(given)
    else:
        first = getattr(given, "_first_file", None)
        files = [first() if callable(first) else given]
    for file in files:
        if not hasattr(type(file), "_content"):
            raise TypeError(f"ocr_file() reads files (DAFile, DAFileList), not {file!r}")
        file.retrieve()
    return files


def options_of(language: str | None, *, psm: int, **given: Any) -> dict[str, Any]:
    """The arguments, as plain data. Raises TypeError, ValueError."""
    for name in given:
        if name not in ("f", "l", "x", "y", "W", "H"):
            raise TypeError(f"ocr_file_in_background() has no argument {name!r}")
    if not isinstance(psm, int) or not 0 <= psm <= 13:
        raise ValueError(f"psm of ocr_file() is a page segmentation mode of Tesseract, 0 to 13, not {psm!r}")
    numbers = {"psm": psm}
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, bool) or int(value) < (1 if name in "fl" else 0):
            raise ValueError(
                f"{name} of ocr_file() is a number of {'a page' if name in 'fl' else 'pixels'}, not {value!r}"
            )
        numbers[name] = int(value)
    return {"languages": _languages(str(language or get_language())), **numbers}


def _languages(stated: str) -> str:
    """Tesseract's names of the languages, of which ISO 639 has some as two letters."""
    own = {**_SCRIPTS, **(current().config.get("ocr languages") or {})}
    names = [str(own.get(one.strip().lower(), one.strip())) for one in stated.split("+")]
    return "+".join(_three_letters(name) if len(name) == 2 else name.replace("-", "_") for name in names)


@cache
def _three_letters(code: str) -> str:
    found = language(code.lower())
    if found is None:
        raise ValueError(f"language of ocr_file() is a code of ISO 639 or of Tesseract, not {code!r}")
    return found.alpha_3


def pages_of(files: list[Any], options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is ordered for each page: those from `f` to `l` of each file."""
    crop = [options.get(name, 0) for name in ("x", "y", "W", "H")]
    dots = current().config.get("ocr dpi") or 300
    for file in files:
        content, is_pdf = file._content(), file._is_pdf() if hasattr(file, "_is_pdf") else False
        if not is_pdf and str(file.extension).lower() not in _PICTURES:
            raise ValueError(f"ocr_file() reads PDF files and pictures; {file.filename} is neither")
        count = pdf.num_pages(content, file.filename) if is_pdf else _frames(content)
        first, last = options.get("f", 1), min(options.get("l", count), count)
        if first > last:
            raise ValueError(
                f"{file.filename} has {count} page(s); from {first} to {options.get('l', count)} there is none"
            )
        for page in range(first, last + 1):
            yield {"content": content, "pdf": is_pdf, "page": page, "dots": dots, "crop": crop}


def _frames(content: bytes) -> int:
    """The pages of a picture: a fax or a scanner's TIFF file may have several. An animation is one picture."""
    if not content.startswith((b"II*\x00", b"MM\x00*")):
        return 1
    from PIL import Image  # noqa: PLC0415  heavy: 40 ms, and few interviews read pictures

    with Image.open(io.BytesIO(content)) as picture:
        return min(int(getattr(picture, "n_frames", 1)), _PAGES)
