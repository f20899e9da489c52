"""Texts of scanned documents: `ocr_file` and `ocr_file_in_background` (functions.md).

The pages are made pictures and read in the process that makes documents, one at a time (`shared.documents.scans`); here is which files, pages and
languages are meant. Not here: Google Cloud Vision, which needs an account.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.background import BackgroundTask, background_action, background_progress
from shared.authoring.functions.taskoptions import BackgroundOptions
from shared.authoring.objects import DAFile, assembled, pdf
from shared.authoring.objects.base import DAObject
from shared.authoring.text.words import get_language
from shared.documents.ports import DocumentError

#: The action of the engine's own that reads in the background.
ACTION: Final = "_da_ocr"
_PICTURES: Final = ("png", "jpg", "jpeg", "tif", "tiff", "gif", "bmp", "webp")
#: Pages of a picture and bytes of all texts at most.
_PAGES, _BYTES = 500, 16 * 2**20
#: What ISO 639 does not say: the writing (config.md, "OCR language settings").
_SCRIPTS: Final = {"zh": "chi-tra"}


class OCRResult(DAObject):
    """What ``get()`` of a task of `ocr_file_in_background` gives: ``ok``, ``content``, ``error_message``. As text: what there is of these.

    Its name is what an open page is told when the task has ended: a page never sees more of an object.
    """

    ok: bool
    content: str
    error_message: str | None

    def __str__(self) -> str:
        return self.content if self.ok else str(self.error_message)


def ocr_file(
    image_file: object,
    language: str | None = None,
    psm: int = 6,
    f: int | None = None,
    l: int | None = None,  # noqa: E741  the documented name
    x: int | None = None,
    y: int | None = None,
    W: int | None = None,
    H: int | None = None,
    use_google: bool = False,
    raw_result: bool = False,
) -> str:
    """The text of a scanned PDF file or picture, or of a list of them; form feeds are between pages (functions.md, "ocr_file").

    `language`: a code of ISO 639 or of Tesseract's, several joined by ``+``. `psm`: page segmentation mode. `f`, `l`: first and last page of
    each file.
    `x`, `y`, `W`, `H`: what is cropped of each page, in pixels. Raises `DocumentError` (without Tesseract, or its language: which package to
    install), `NotAvailable` for `use_google`, TypeError and ValueError for arguments that are none.
    """
    _without_google(use_google or raw_result)
    return _read(_files(image_file), _options(language, psm=psm, f=f, l=l, x=x, y=y, W=W, H=H))


def ocr_file_in_background(
    image_file: object,
    ui_notification: str | BackgroundOptions | None = None,
    *,
    message: str = "OCR succeeded",
    use_google: bool = False,
    language: str | None = None,
    psm: int = 6,
    **pages: Any,
) -> BackgroundTask:
    """Start reading `image_file` in the background; the task's value is an `OCRResult` (functions.md, "ocr_file_in_background").

    `ui_notification` as in ``background_action()``; `message` is what ``flash`` and ``javascript`` show. The other arguments are those of `ocr_file`.
    """
    _without_google(use_google)
    options = _options(language, psm=psm, **pages)
    files = _files(image_file)
    for file in files:
        if isinstance(file, DAFile):
            file.commit()  # what was written to its copy is part of what is read
    kind = ui_notification.notify if isinstance(ui_notification, BackgroundOptions) else ui_notification
    return background_action(
        ACTION, ui_notification, files=files, options=options, message=str(message), script=kind == "javascript"
    )


def searchable(files: object, *, language: str | None, psm: int, colour: bool) -> bytes:
    """A PDF file of the pages of `files`, each a picture with its text behind it. Raises what `ocr_file` raises."""
    options = _options(language, psm=psm)
    how = {"work": "read", "languages": options["languages"], "mode": options["psm"], "searchable": True}
    scanned = (assembled.work({"work": "scan", **page, "colour": colour}) for page in _pages(_files(files), options))
    return assembled.work({"work": "join", "parts": [assembled.work({**how, "content": one}) for one in scanned]})


def in_background(arguments: Mapping[str, Any]) -> OCRResult:
    """What the task does: read, and say how that went."""
    told = str(arguments["message"])
    result = OCRResult("ocr_result")
    result.ok, result.content, result.error_message = True, "", None
    try:
        result.content = _read(list(arguments["files"]), dict(arguments["options"]), tell=True)
    except (DocumentError, pdf.BadPdf) as error:
        told = str(error)
        result.ok, result.error_message = False, told
    result.instanceName = f"alert({json.dumps(told)});" if arguments.get("script") else told
    return result


def _without_google(asked: bool) -> None:
    if asked:
        raise NotAvailable(
            "ocr_file(use_google=True)", "a Google account", "Without use_google Tesseract reads the file."
        )


def _files(given: Any) -> list[Any]:
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


def _options(language: str | None, *, psm: int, **given: Any) -> dict[str, Any]:
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
    import pycountry  # noqa: PLC0415  heavy: 40 ms and its tables

    found = pycountry.languages.get(alpha_2=code.lower())
    if found is None:
        raise ValueError(f"language of ocr_file() is a code of ISO 639 or of Tesseract, not {code!r}")
    return str(found.alpha_3)


def _read(files: list[Any], options: Mapping[str, Any], *, tell: bool = False) -> str:
    pages = list(_pages(files, options))
    texts: list[str] = []
    size = 0
    for number, page in enumerate(pages):
        if tell:
            background_progress(number / len(pages), f"{number} / {len(pages)}")
        picture = assembled.work({"work": "scan", **page})
        order = {"work": "read", "content": picture, "languages": options["languages"], "mode": options["psm"]}
        text = assembled.work(order).decode(errors="replace").rstrip("\f\n")
        size += len(text)
        if size > _BYTES:
            raise ValueError(f"the texts of the pages have more than {_BYTES >> 20} MB")
        texts.append(text)
    return "\f".join(texts)


def _pages(files: list[Any], options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
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
