"""PDF forms filled in, read back by another library and looked at by a renderer."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image
from pypdf import PdfReader

from shared.documents.ports import BadSource
from shared.runner.making import Making
from tests.contract.documents.test_making import ARABIC, HEBREW

MULTILINE, COMB, RADIO = 1 << 12, 1 << 24, 1 << 15


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def _looks(pdf: pikepdf.Pdf, *states: str) -> Dictionary:
    drawn = {state: Stream(pdf, b"") for state in states}
    for one in drawn.values():
        one["/Type"], one["/Subtype"], one["/BBox"] = Name.XObject, Name.Form, [0, 0, 10, 10]
    return Dictionary(N=Dictionary(**drawn))


def form(**options: Any) -> bytes:
    """A form with a field of each kind."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792))
    fields = []

    def add(name: str, top: int, width: int = 250, height: int = 20, **entries: Any) -> Any:
        made = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, Rect=[72, 792 - top, 72 + width, 792 - top + height], F=4
        )
        if name:
            made["/T"] = String(name)
        for key, value in entries.items():
            made[f"/{key}"] = value
        made = pdf.make_indirect(made)
        page_annotations.append(made)
        return made

    page_annotations: list[Any] = []
    look = String("/Helv 0 Tf 0 g")
    fields += [
        add("name", 100, FT=Name.Tx, DA=look),
        add("story", 200, height=60, FT=Name.Tx, DA=look, Ff=MULTILINE),
        add("zip", 240, FT=Name.Tx, DA=look, Ff=COMB, MaxLen=5),
        add("agree", 280, width=20, FT=Name.Btn, AP=_looks(pdf, "Agreed", "Off")),
        add("bare", 310, width=20, FT=Name.Btn),
        add("state", 340, FT=Name.Ch, DA=look, Opt=Array([String("PA"), String("NJ")])),
        add("signature", 420, height=50, FT=Name.Sig),
    ]
    colours = [add("", 450 + 30 * n, width=20, AP=_looks(pdf, name, "Off")) for n, name in enumerate(("red", "blue"))]
    group = pdf.make_indirect(Dictionary(T=String("colour"), FT=Name.Btn, Ff=RADIO, Kids=Array(colours)))
    for one in colours:
        one["/Parent"] = group
    page["/Annots"] = Array(page_annotations)
    pdf.Root["/AcroForm"] = pdf.make_indirect(Dictionary(Fields=Array([*fields, group])))
    if options.get("xfa"):
        pdf.Root["/AcroForm"] = Dictionary(Fields=Array([]), XFA=String("<xdp/>"))
        del page["/Annots"]
    made = io.BytesIO()
    pdf.save(made, **({"encryption": options["encryption"]} if "encryption" in options else {}))
    return made.getvalue()


def _picture() -> bytes:
    made = io.BytesIO()
    picture = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    picture.paste((0, 0, 200, 255), (150, 80, 250, 120))
    picture.save(made, "PNG")
    return made.getvalue()


VALUES = {
    "name": f"José {HEBREW} {ARABIC}",
    "story": "One word after another. " * 12,
    "zip": "19104",
    "agree": "True",
    "bare": True,
    "state": "NJ",
    "colour": "blue",
}


def _fill(making: Making, **more: Any) -> bytes:
    order = {"work": "form", "content": form(), "fields": VALUES, "images": {"signature": _picture()}, "editable": True}
    return making.make({**order, **more})


def test_the_picture_of_a_form_shows_what_stands_in_its_fields(making: Making) -> None:
    def dark(values: dict[str, Any]) -> int:
        content = _fill(making, fields=values, images={})
        picture = Image.open(io.BytesIO(making.make({"work": "picture", "content": content, "width": 400})))
        return sum(picture.convert("L").histogram()[:128])

    assert dark({"name": "M" * 20}) > dark({"name": ""}) + 100


def test_every_kind_of_field_has_its_value_and_shows_it(making: Making) -> None:
    made = _fill(making)
    reader = PdfReader(io.BytesIO(made))
    values = {name: str(field.get("/V")) for name, field in (reader.get_fields() or {}).items()}
    assert values == {
        **{name: VALUES[name] for name in ("name", "zip", "state")},
        "story": VALUES["story"],
        "agree": "/Agreed",
        "bare": "/Yes",
        "colour": "/blue",
    }
    states = [str(one.get_object().get("/AS")) for one in reader.pages[0]["/Annots"] if "/AS" in one.get_object()]
    assert states == ["/Agreed", "/Yes", "/Off", "/blue"]


def test_a_flat_form_has_no_fields_and_reads_the_same(making: Making) -> None:
    made = _fill(making, editable=False)
    assert PdfReader(io.BytesIO(made)).get_fields() is None
    page = pypdfium2.PdfDocument(made)[0]
    words = page.get_textpage().get_text_range()
    for word in ("José", HEBREW, ARABIC, "another", "NJ"):
        assert word in words
    picture = page.render(scale=1).to_pil().convert("RGB")
    seen = picture.crop((72, 370, 322, 420))  # where the signature was to be
    assert any(blue > 150 > red for _, (red, _, blue) in seen.getcolors(100_000) or ())


def test_a_long_text_is_wrapped_and_stays_in_its_field(making: Making) -> None:
    page = pypdfium2.PdfDocument(_fill(making, editable=False))[0]
    text = page.get_textpage()
    lines = [text.get_rect(n) for n in range(text.count_rects())]
    story = [box for box in lines if 590 <= box[1] <= 655]
    assert len(story) > 2
    assert all(left >= 72 and right <= 323 for left, _, right, _ in story)


@pytest.mark.parametrize("value", ["False", "No", "", False])
def test_a_box_is_cleared(making: Making, value: object) -> None:
    fields = PdfReader(io.BytesIO(_fill(making, fields={"agree": value}))).get_fields() or {}
    assert fields["agree"]["/V"] == "/Off"


def test_passwords_open_the_template_and_close_the_document(making: Making) -> None:
    locked = form(encryption=pikepdf.Encryption(user="u", owner="o"))
    with pytest.raises(BadSource, match="template password"):
        _fill(making, content=locked)
    made = _fill(making, content=locked, **{"template password": "u", "password": "p", "owner password": "q"})
    reader = PdfReader(io.BytesIO(made))
    assert reader.is_encrypted
    assert reader.decrypt("wrong") == 0
    assert reader.decrypt("p") != 0


def test_a_form_that_nobody_else_can_show_is_refused(making: Making) -> None:
    with pytest.raises(BadSource, match="XFA"):
        _fill(making, content=form(xfa=True))
    with pytest.raises(BadSource, match="cannot be read"):
        _fill(making, content=b"no PDF")


def _tagged(content: bytes, *, known: str | None = None) -> bytes:
    """The form with a structure: a heading on its page, and the field `known`, if any, in an element of its own."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
        heading = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.H1, P=document, Pg=page.obj, K=0))
        kids, numbers = [heading], [0, pdf.make_indirect(Array([heading]))]
        for widget in page.Annots:
            if known is not None and str(widget.get("/T")) == known:
                part = Dictionary(Type=Name.OBJR, Obj=widget, Pg=page.obj)
                own = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=page.obj, K=part))
                widget["/StructParent"] = 1
                kids.insert(0, own)
                numbers += [1, own]
        document["/K"], root["/K"] = Array(kids), document
        root["/ParentTree"], root["/ParentTreeNextKey"] = Dictionary(Nums=Array(numbers)), 2
        page.obj["/StructParents"] = 0
        page["/Contents"] = pdf.make_stream(b"/H1 <</MCID 0>> BDC 0 0 1 1 re f EMC")
        pdf.Root["/StructTreeRoot"], pdf.Root["/MarkInfo"] = root, Dictionary(Marked=True)
        pdf.save(made)
    return made.getvalue()


def _elements(content: bytes) -> list[tuple[str, str, str]]:
    """Kind, name and role of each element in the order in which it is read."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        document = pdf.Root.StructTreeRoot.K
        pdf.pages[0].contents_coalesce()
        marks = {int(found) for found in re.findall(rb"/MCID (\d+)", pdf.pages[0].Contents.read_bytes())}
        assert marks == set(range(len(marks)))
        return [
            (str(one.S), str(one.get("/T", "")), str(one.get("/A", {}).get("/Role", ""))) for one in list(document.K)
        ]


def test_what_is_written_for_good_is_in_the_structure_of_a_tagged_template(making: Making) -> None:
    made = _fill(making, content=_tagged(form(), known="story"), editable=False)
    found = _elements(made)
    assert found[:2] == [("/Form", "story", "/tv"), ("/H1", "", "")], "where it was, and what the page had"
    assert {
        ("/Form", "name", "/tv"),
        ("/Form", "agree", "/cb"),
        ("/Form", "colour", "/rb"),
        ("/Figure", "signature", ""),
    } <= set(found)
    shown = [
        pypdfium2.PdfDocument(one)[0].render(may_draw_forms=True).to_pil().convert("L").resize((61, 79)).tobytes()
        for one in (made, _fill(making, editable=False))
    ]
    assert sum(abs(a - b) > 40 for a, b in zip(*shown, strict=True)) <= 2, "the same is seen as without tags"


def test_fields_that_stay_are_in_the_structure(making: Making) -> None:
    made = _fill(making, content=_tagged(form(), known="story"))
    assert [name for kind, name, _ in _elements(made) if kind == "/Form"].count("name") == 1
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert str(pdf.pages[0].obj.Tabs) == "/S"
        keys = [int(one["/StructParent"]) for one in pdf.pages[0].Annots]
    assert len(set(keys)) == len(keys) > 6


@pytest.mark.parametrize(("text", "seen"), [("19104", "19104"), ("\u05d0\u05d1\u05d2", "\u05d2\u05d1\u05d0")])
def test_boxes_are_filled_from_where_the_text_begins(making: Making, text: str, seen: str) -> None:
    """`seen`: the letters from left to right."""
    made = _fill(making, fields={"zip": text}, images={}, editable=False, language="ar")
    page = pypdfium2.PdfDocument(made)[0].get_textpage()
    shown = [(page.get_charbox(at)[0], letter) for at, letter in enumerate(page.get_text_range()) if letter.strip()]
    assert "".join(letter for _, letter in sorted(shown)) == seen
