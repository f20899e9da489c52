"""PDF forms filled in: fields get values, and appearances that every viewer shows, in every script. Runs in the process that makes documents.

What is seen in a field is set by Typst, a page of the field's size for each, and becomes the field's appearance: wrapped where the field has
several lines, smaller where it would not fit. Rules: documents.md, "Filling PDF templates". Not for: where values come from (the engine).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.documents import archival, fonts, pdfs
from shared.documents.formtags import Tags
from shared.documents.order import Order
from shared.documents.ports import BadSource
from shared.documents.widgets import Widget, widgets_of

if TYPE_CHECKING:
    from pikepdf import Dictionary, Pdf

_TYPES: Final = Path(__file__).parent / "pandoc" / "fields.typ"
#: Bits of a field's flags (ISO 32000-1, tables 226, 227, 228).
_MULTILINE, _COMB, _RADIO, _PUSH = 1 << 12, 1 << 24, 1 << 15, 1 << 16
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s+Tf")
_FALSE: Final = frozenset(("", "no", "off", "false", "none", "0"))
_SANS: Final = ("Liberation Sans", "Arial", "Helvetica", "Noto Sans", "DejaVu Sans")


def make(order: Order, folder: Path, seal: Callable[[], None]) -> bytes:
    """``content`` with its ``fields`` (texts, truth values), ``images`` by field, ``editable``, ``pdf/a``. Raises `BadSource`."""
    seal()
    pdf = pdfs.opened(order["content"], password=order.get("template password"))
    with pdf:
        form = pdf.Root.get("/AcroForm")
        widgets = list(widgets_of(pdf))
        if form is not None and "/XFA" in form:
            if not widgets:
                raise BadSource(
                    "the template is an XFA form, which only Adobe's own programs can show. Save it as a PDF with ordinary form fields"
                )
            del form["/XFA"]  # it says the same fields again, with other values
        tags = Tags(pdf)
        _fill(pdf, widgets, order, folder, tags)
        if form is not None:
            form["/NeedAppearances"] = False
        if not order.get("editable", True):
            if form is not None and order.get("pdf/a") and "/DR" in form:
                del form["/DR"]  # or its fonts, which nothing uses any more, are given to each page
            if tags.there:
                tags.flattened(list(widgets_of(pdf)))
            pdf.flatten_annotations("all")
            if "/AcroForm" in pdf.Root:
                del pdf.Root["/AcroForm"]
        else:
            tags.kept(list(widgets_of(pdf)))
        made = pdfs.saved(pdf)
    if not order.get("pdf/a"):
        return made
    try:
        return archival.archived(made)
    except BadSource:
        if order["pdf/a"] == "where possible":
            return made
        raise


def _fill(pdf: Pdf, widgets: list[Widget], order: Order, folder: Path, tags: Tags) -> None:
    values, images = dict(order.get("fields") or {}), dict(order.get("images") or {})
    shown: list[tuple[Widget, dict[str, Any]]] = []
    for widget in widgets:
        named = widget.name if widget.name in values or widget.name in images else widget.name.rpartition(".")[2]
        if named in images:
            path = folder / f"image-{len(shown)}.png"
            path.write_bytes(_trimmed(images[named]))
            shown.append((widget, _seen(widget, "", image=path.name)))
        elif named in values and widget.kind == "/Btn":
            _press(pdf, widget, values[named], str(order.get("export") or "Yes"))
        elif named in values and widget.kind in ("/Tx", "/Ch"):
            text = _text(values[named], lines=bool(widget.flags & _MULTILINE))
            widget.field["/V"] = _string(text)
            shown.append((widget, _seen(widget, text)))
        elif order.get("pdf/a") and widget.kind in ("/Tx", "/Ch") and archival.lacks_fonts(_look(widget)):
            shown.append((widget, _seen(widget, _text(widget.field.get("/V"), lines=bool(widget.flags & _MULTILINE)))))
        if order.get("pdf/a") and widget.kind == "/Btn":
            _own_marks(pdf, widget)
    if shown:
        _show(pdf, shown, order, folder, tags)


def _text(value: object, *, lines: bool) -> str:
    text = "" if value is None else str(value).replace("\r\n", "\n").rstrip("\n")
    return text if lines else " ".join(text.split("\n"))


def _string(text: str) -> Any:
    from pikepdf import String  # noqa: PLC0415  only the process that makes documents pays for it

    return String(text)


def _seen(widget: Widget, text: str, *, image: str | None = None) -> dict[str, Any]:
    """What Typst is told of a field."""
    width, height = widget.size
    look = str(widget.annotation.get("/DA", widget.field.get("/DA", "")))
    size = _SIZE.search(look)
    most = int(widget.field.get("/MaxLen", 0)) if widget.flags & _COMB else 0
    side = int(widget.annotation.get("/Q", widget.field.get("/Q", 0)))
    return {
        "width": max(width, 1.0),
        "height": max(height, 1.0),
        "text": text,
        "size": float(size[1]) if size else 0.0,
        "multiline": bool(widget.flags & _MULTILINE) and widget.kind == "/Tx",
        "comb": most,
        "side": side if side in (0, 1, 2) else 0,
        "image": image,
    }


def _show(pdf: Pdf, shown: list[tuple[Widget, dict[str, Any]]], order: Order, folder: Path, tags: Tags) -> None:
    """Give each field its appearance."""
    import typst  # noqa: PLC0415  only the process that makes documents pays for it

    family = str(order.get("font") or "")
    given = {
        "fields": [seen for _, seen in shown],
        "fonts": [Path(family).stem.partition("-")[0] or "Arial", *_SANS, *fonts.FAMILIES],
        "lang": str(order.get("language") or "en").partition("-")[0].partition("_")[0] or "en",
    }
    (folder / "fields.json").write_text(json.dumps(given), encoding="utf-8")
    (folder / "fields.typ").write_bytes(_TYPES.read_bytes())
    try:
        made = typst.compile(folder / "fields.typ", root=folder, font_paths=fonts.found(), pdf_tags=False)
    except typst.TypstError as error:
        raise BadSource(f"the fields could not be set: {error.message}") from error
    assert isinstance(made, bytes)
    with pdfs.opened(made) as pages:
        for (widget, seen), page in zip(shown, pages.pages, strict=True):
            appearance = pdf.copy_foreign(page.as_form_xobject())
            if seen["image"] is not None and widget.kind in ("/Sig", "/Btn"):
                _stamp(pdf, widget, appearance, tags)
            else:
                widget.annotation["/AP"] = _dictionary(N=appearance)


def _stamp(pdf: Pdf, widget: Widget, appearance: Any, tags: Tags) -> None:
    """Put a picture where the field is, and take the field away: a signature field that is not signed would say so."""
    from pikepdf import Rectangle  # noqa: PLC0415  as above

    page = pdf.pages[widget.page - 1]
    name = page.add_resource(appearance, _name("/XObject"))
    left, low, right, high = (float(one) for one in widget.annotation["/Rect"])
    place = Rectangle(min(left, right), min(low, high), max(left, right), max(low, high))
    page.contents_add(b"q\n", prepend=True)
    draw = f"q 1 0 0 1 {place.llx} {place.lly} cm {name} Do Q".encode()
    page.contents_add(b"\nQ " + tags.drawn(page, widget, draw, picture=True))
    annotations = page["/Annots"]
    at = next((k for k, one in enumerate(annotations) if one.objgen == widget.annotation.objgen), None)
    if at is not None:
        del annotations[at]
    fields: Any = pdf.Root["/AcroForm"].get("/Fields", []) if "/AcroForm" in pdf.Root else []
    at = next((k for k, one in enumerate(fields) if one.objgen == widget.field.objgen), None)
    if at is not None:
        del fields[at]


def _press(pdf: Pdf, widget: Widget, value: object, export: str) -> None:
    """Check or clear a box; of radio buttons the one whose value it is."""
    if widget.flags & _PUSH:
        return
    looks = widget.annotation.get("/AP", {}).get("/N", {})
    states = [str(one) for one in (looks.keys() if hasattr(looks, "keys") else ()) if str(one) != "/Off"]
    if widget.flags & _RADIO:
        on = f"/{value}" in states or (len(states) == 1 and _export_of(widget) == str(value))
    else:
        on = (str(value).strip().lower() if not isinstance(value, bool) else str(value).lower()) not in _FALSE
    state = states[0] if states else f"/{export}"
    if not states:
        widget.annotation["/AP"] = _dictionary(
            N=_dictionary(**{state[1:]: _check_mark(pdf, widget), "Off": _nothing(pdf, widget)})
        )
    widget.annotation["/AS"] = _name(state if on else "/Off")
    if on or not widget.flags & _RADIO:
        holder = widget.annotation.get("/Parent", widget.field) if widget.flags & _RADIO else widget.field
        holder["/V"] = _name(state if on else "/Off")


def _look(widget: Widget) -> Any:
    return widget.annotation.get("/AP", {}).get("/N", {})


def _own_marks(pdf: Pdf, widget: Widget) -> None:
    """Marks that the template draws with fonts of viewers are drawn without any."""
    looks = _look(widget)
    for state in list(looks.keys() if "/BBox" not in looks else ()):
        if archival.lacks_fonts(looks[state]):
            looks[state] = _nothing(pdf, widget) if state == "/Off" else _check_mark(pdf, widget)


def _export_of(widget: Widget) -> str | None:
    """The value of a radio button whose states are numbers: it stands in the group's list."""
    options = widget.field.get("/Opt")
    states = [str(one)[1:] for one in widget.annotation.get("/AP", {}).get("/N", {}) if str(one) != "/Off"]
    if options is None or not states or not states[0].isdigit() or int(states[0]) >= len(options):
        return None
    return str(options[int(states[0])])


def _check_mark(pdf: Pdf, widget: Widget) -> Any:
    width, height = widget.size
    points = [(0.2, 0.5), (0.42, 0.25), (0.8, 0.78)]
    path = " ".join(f"{x * width:.2f} {y * height:.2f} {'m' if k == 0 else 'l'}" for k, (x, y) in enumerate(points))
    return _drawing(pdf, widget, f"q {min(width, height) / 9:.2f} w {path} S Q")


def _nothing(pdf: Pdf, widget: Widget) -> Any:
    return _drawing(pdf, widget, "")


def _drawing(pdf: Pdf, widget: Widget, content: str) -> Any:
    from pikepdf import Name, Stream  # noqa: PLC0415  as above

    made = Stream(pdf, content.encode())
    made["/Type"], made["/Subtype"], made["/BBox"] = Name("/XObject"), Name("/Form"), [0, 0, *widget.size]
    return made


def _dictionary(**entries: Any) -> Dictionary:
    from pikepdf import Dictionary  # noqa: PLC0415  as above

    return Dictionary(**entries)


def _name(name: str) -> Any:
    from pikepdf import Name  # noqa: PLC0415  as above

    return Name(name)


def _trimmed(content: bytes) -> bytes:
    """A picture without the empty edges around what was drawn, as PNG. Raises `BadSource`."""
    from PIL import Image, ImageChops  # noqa: PLC0415  as above

    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.thumbnail((3000, 3000))
            picture = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadSource(f"a picture for a field cannot be read: {error}") from error
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    drawn = ImageChops.difference(white.convert("RGB"), Image.new("RGB", picture.size, "white")).getbbox()
    made = io.BytesIO()
    (picture.crop(drawn) if drawn else picture).save(made, "PNG")
    return made.getvalue()
