"""Everything that is made of documents in a process of its own, by the name of the work: one order in, one file out.

An order is plain values: ``work``, what `WORKS` names it, and what that takes. Not for: the process (`shared.runner.making`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from shared.documents import forms, office, pages, pdfs, scans, texts, words
from shared.documents.order import Order
from shared.documents.ports import BadSource, DocumentError

#: What is called once no other program is needed: from then on the process can start none.
Seal = Callable[[], None]


def _text(order: Order, folder: Path, seal: Seal) -> bytes:
    return texts.make(order, folder, seal)


def _picture(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return pages.picture(
        order["content"], page=order.get("page", 1), width=order.get("width", 800), dots=order.get("dots")
    )


def _scan(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return scans.scan(order)


def _join(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return pdfs.joined(order["parts"])


def _overlay(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return pdfs.overlaid(order)


def _number(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return pdfs.numbered(order, folder)


def _protect(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return bytes(order["content"])


def _repair(order: Order, folder: Path, seal: Seal) -> bytes:
    seal()
    return pdfs.repaired(order["content"])


#: What can be ordered.
WORKS: Mapping[str, Callable[[Order, Path, Seal], bytes]] = MappingProxyType(
    {
        "text": _text,
        "form": forms.make,
        "word": office.make,
        "convert": words.convert,
        "join words": words.joined,
        "picture": _picture,
        "scan": _scan,
        "read": scans.read,
        "join": _join,
        "overlay": _overlay,
        "number": _number,
        "protect": _protect,
        "repair": _repair,
    }
)


def make(order: Order, folder: Path, *, seal: Seal = lambda: None) -> bytes:
    """The file that `order` describes, made in `folder`, which is for this order alone. Raises `DocumentError`.

    `seal` is called when no program is to be started any more.
    """
    work = WORKS.get(str(order.get("work")))
    if work is None:
        raise BadSource("there is no such work on documents")
    try:
        made = work(order, folder, seal)
        if made.startswith(b"%PDF-") and (order.get("password") or order.get("owner password")):
            made = pdfs.protected(made, user=order.get("password"), owner=order.get("owner password"))
        return made
    except DocumentError:
        raise
    except (KeyError, TypeError) as error:
        raise BadSource(f"the order is not complete: {error}") from error


def warm() -> None:
    """Import what most orders need, and look for fonts, before the first of them."""
    import pikepdf  # noqa: F401, PLC0415  only this process pays for it
    import PIL.PngImagePlugin  # noqa: F401, PLC0415
    import pypdfium2  # noqa: F401, PLC0415
    import typst  # noqa: F401, PLC0415

    from shared.documents import fonts  # noqa: PLC0415

    fonts.found()
    texts.held()
