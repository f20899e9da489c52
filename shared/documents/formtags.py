"""Filled-in forms for screen readers: what is written into a page for good stands in the file's structure, and so do fields that stay.

Only where the template is tagged: tags for the rest of a page are nobody's to guess. A field that is no field any more is a ``Form`` element
that says its role and its name (ISO 32000-1, 14.8.5.6, "PrintField"); a picture is a ``Figure``. Not for: what stands in fields (`forms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pikepdf import NumberTree, Object, Page, Pdf

    from shared.documents.widgets import Widget

#: Roles of what was a field: text, box, radio button, list.
_ROLES: Final = {"/Tx": "/tv", "/Btn": "/cb", "/Ch": "/tv", "/Sig": "/tv"}
_RADIO: Final = 1 << 15
_HIDDEN: Final = 2 | 32


class Tags:
    """The structure of `pdf`; nothing happens to a file that has none."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._root = pdf.Root.get("/StructTreeRoot")
        self._parents: NumberTree | None = None
        if self._root is not None and "/ParentTree" in self._root:
            from pikepdf import Dictionary, NumberTree  # noqa: PLC0415  only the process that makes documents pays for it

            self._parents = NumberTree(self._root["/ParentTree"])
            if pdf.docinfo.get("/Title"):
                shown = pdf.Root.get("/ViewerPreferences", Dictionary())
                shown["/DisplayDocTitle"] = True
                pdf.Root["/ViewerPreferences"] = shown

    @property
    def there(self) -> bool:
        return self._parents is not None

    def drawn(self, page: Page, widget: Widget, draw: bytes, *, picture: bool = False) -> bytes:
        """`draw`, operators that show what stands in `widget`, as a part of the structure."""
        if self._parents is None:
            return draw
        kind = "/Figure" if picture else "/Form"
        element = self._element(page, widget, kind)
        marks = self._parents_of(page)
        number = len(marks)
        marks.append(element)
        element["/K"] = number
        return b"%s <</MCID %d>> BDC %s EMC" % (kind.encode(), number, draw)

    def _element(self, page: Page, widget: Widget, kind: str) -> Object:
        """A new element for the widget, or the one that it has."""
        from pikepdf import Dictionary, Name, String  # noqa: PLC0415  as above

        assert self._parents is not None
        label = str(widget.annotation.get("/TU", widget.field.get("/TU", widget.name)))
        known = widget.annotation.get("/StructParent")
        element = None
        if known is not None and int(known) in self._parents:
            element = self._parents[int(known)]
            del self._parents[int(known)]
        if element is None:
            element = self._pdf.make_indirect(Dictionary(Type=Name.StructElem))
            self._put(page, element)
        element["/S"], element["/Pg"], element["/T"] = Name(kind), page.obj, String(label)
        if kind == "/Figure":
            element["/Alt"] = String(label)
            return element
        role = "/rb" if widget.kind == "/Btn" and widget.flags & _RADIO else _ROLES.get(widget.kind, "/tv")
        printed = Dictionary(O=Name.PrintField, Role=Name(role), Desc=String(label))
        if widget.kind == "/Btn":
            on = str(widget.annotation.get("/AS", "/Off")) != "/Off"
            printed["/checked"] = Name("/on" if on else "/off")
            element["/ActualText"] = String("\u2611" if on else "\u2610")
        element["/A"] = printed
        return element

    def _put(self, page: Page, element: Object) -> None:
        """Into the document, after what else is of the page."""
        from pikepdf import Array, Dictionary  # noqa: PLC0415  as above

        assert self._root is not None
        kids = self._root.get("/K")
        top = kids[0] if isinstance(kids, Array) and len(kids) == 1 else kids
        holder = top if isinstance(top, Dictionary) and "/S" in top else self._root
        inside = holder.get("/K")
        listed = list(inside) if isinstance(inside, Array) else [] if inside is None else [inside]
        at = max((k + 1 for k, one in enumerate(listed) if _page_of(one) == page.obj.objgen), default=len(listed))
        listed.insert(at, element)
        holder["/K"] = Array(listed)
        element["/P"] = holder

    def _parents_of(self, page: Page) -> Object:
        """The elements of the page's marks, by their numbers."""
        from pikepdf import Array  # noqa: PLC0415  as above

        assert self._parents is not None
        if "/StructParents" not in page.obj:
            page.obj["/StructParents"] = self._next_key()
        key = int(page.obj["/StructParents"])
        if key not in self._parents:
            self._parents[key] = self._pdf.make_indirect(Array([]))
        return self._parents[key]

    def _next_key(self) -> int:
        assert self._parents is not None
        assert self._root is not None
        key = max([int(self._root.get("/ParentTreeNextKey", 0)), *(int(one) + 1 for one in self._parents)])
        self._root["/ParentTreeNextKey"] = key + 1
        return key

    def kept(self, widgets: list[Widget]) -> None:
        """Fields that stay are in the structure, in which the keyboard goes from one to the next."""
        from pikepdf import Dictionary, Name, String  # noqa: PLC0415  as above

        if self._parents is None:
            return
        for widget in widgets:
            page = self._pdf.pages[widget.page - 1]
            page.obj["/Tabs"] = Name.S
            if "/TU" not in widget.annotation and "/TU" not in widget.field:
                widget.field["/TU"] = String(widget.name)
            if "/StructParent" in widget.annotation:
                continue
            element = self._element(page, widget, "/Form")
            for name in ("/A", "/ActualText"):
                if name in element:
                    del element[name]
            element["/K"] = Dictionary(Type=Name.OBJR, Obj=widget.annotation, Pg=page.obj)
            key = self._next_key()
            widget.annotation["/StructParent"] = key
            self._parents[key] = element

    def flattened(self, widgets: list[Widget]) -> None:
        """What stands in fields becomes a part of the pages, and the fields go."""
        from pikepdf import Array, Name  # noqa: PLC0415  as above

        drawn: dict[int, list[bytes]] = {}
        for widget in widgets:
            page, look = self._pdf.pages[widget.page - 1], _look(widget)
            if look is not None and not int(widget.annotation.get("/F", 0)) & _HIDDEN:
                name = page.add_resource(look, Name.XObject)
                matrix = " ".join(f"{one:.4f}" for one in _placed(look, widget))
                draw = f"q {matrix} cm {name} Do Q".encode()
                drawn.setdefault(widget.page, []).append(self.drawn(page, widget, draw))
        for number, page in enumerate(self._pdf.pages, start=1):
            if number in drawn:
                page.contents_add(b"q\n", prepend=True)
                page.contents_add(b"\nQ\n" + b"\n".join(drawn[number]))
            kept = [one for one in page.get("/Annots", []) if one.get("/Subtype") != "/Widget"]
            if "/Annots" in page:
                page["/Annots"] = Array(kept)


def _page_of(element: Object) -> tuple[int, int] | None:
    """The page of an element: its own, or that of its last part that has one."""
    from pikepdf import Array, Dictionary  # noqa: PLC0415  as above

    for _ in range(30):
        if not isinstance(element, Dictionary):
            return None
        if "/Pg" in element:
            return element["/Pg"].objgen
        inside = element.get("/K")
        if isinstance(inside, Array) and len(inside):
            inside = inside[-1]
        if inside is None:
            return None
        element = inside
    return None


def _look(widget: Widget) -> Object | None:
    found: Object | None = widget.annotation.get("/AP", {}).get("/N")
    if found is None or "/BBox" in found:
        return found
    return found.get(str(widget.annotation.get("/AS", "/Off")))


def _placed(look: Object, widget: Widget) -> tuple[float, float, float, float, float, float]:
    """The matrix that puts an appearance into its field's rectangle (ISO 32000-1, 12.5.5, algorithm 8.1)."""
    a, b, c, d, e, f = (float(one) for one in look.get("/Matrix", [1, 0, 0, 1, 0, 0]))
    x0, y0, x1, y1 = (float(one) for one in look["/BBox"])
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
    left, low = min(x for x, _ in corners), min(y for _, y in corners)
    right, high = max(x for x, _ in corners), max(y for _, y in corners)
    rect = [float(one) for one in widget.annotation["/Rect"]]
    across, up = abs(rect[2] - rect[0]) / ((right - left) or 1), abs(rect[3] - rect[1]) / ((high - low) or 1)
    return across, 0, 0, up, min(rect[0], rect[2]) - left * across, min(rect[1], rect[3]) - low * up
