"""PDF files that are there made PDF/A-2b: the rules that this program can break are held against the made file, read by another library."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import DictionaryObject, StreamObject

from shared.documents.ports import BadSource
from shared.runner.making import Making
from tests.contract.documents.test_forms import VALUES, form

#: What may stand nowhere in such a file (ISO 19005-2, 6.1.7 to 6.10).
FORBIDDEN = (
    "/AA",
    "/JS",
    "/JavaScript",
    "/EmbeddedFiles",
    "/XFA",
    "/Movie",
    "/Sound",
    "/Launch",
    "/LZWDecode",
    "/DeviceCMYK",
)


@pytest.fixture(scope="module")
def making() -> Iterator[Making]:
    made = Making(most=1)
    yield made
    made.close()


def broken_rules(content: bytes) -> list[str]:
    """What a checker of PDF/A-2b would say of the file."""
    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    said = []
    metadata = root["/Metadata"].get_object().get_data().decode()
    if not re.search(r"<pdfaid:part[^>]*>2<.*<pdfaid:conformance[^>]*>B<", metadata, re.S):
        said.append("it does not say that it is PDF/A")
    intent = root["/OutputIntents"][0].get_object()
    profile = intent["/DestOutputProfile"].get_object()
    if intent["/S"] != "/GTS_PDFA1" or profile["/N"] != 3 or profile.get_data()[16:20] != b"RGB ":
        said.append("nobody knows what its colours are")
    if (
        not content.startswith(b"%PDF-1.7")
        or content[9:10] != b"%"
        or "/ID" not in reader.trailer
        or reader.is_encrypted
    ):
        said.append("its beginning or its trailer")
    for number in range(1, len(reader.xref_objStm) + len(reader.xref.get(0, {})) + 1):
        said += _of_object(reader.get_object(number))
    return said


def _of_object(found: Any) -> list[str]:
    said = []
    if isinstance(found, DictionaryObject):
        shown = " ".join(map(str, [*found, *found.values()]))
        said += [f"{word} in it" for word in FORBIDDEN if word in shown.split()]
        if found.get("/Subtype") == "/Widget" and "/AP" not in found:
            said.append("a field without a look")
        if found.get("/Type") == "/Annot" and (int(found.get("/F", 0)) & 0b100111) != 4:
            said.append("an annotation that is not printed")
        if found.get("/Type") == "/FontDescriptor" and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(found):
            said.append("a font that is not in it")
        if str(found.get("/NeedAppearances")) == "True":
            said.append("viewers are to draw fields")
    if isinstance(found, StreamObject) and str(found.get("/Interpolate")) == "True":
        said.append("a picture that is smoothed")
    return said


def written(change: Callable[[pikepdf.Pdf, Any], None]) -> bytes:
    """A file of one page, after `change`."""
    made = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(200, 200))
        change(pdf, page)
        pdf.save(made)
    return made.getvalue()


@pytest.mark.parametrize("editable", [True, False])
def test_a_filled_form_is_one(making: Making, editable: bool) -> None:
    order = {"work": "form", "content": form(), "fields": VALUES, "editable": editable, "pdf/a": True}
    made = making.make(order)
    assert broken_rules(made) == []
    assert making.make({**order, "font": None}) == made, "the same form is the same file"
    if editable:
        values = PdfReader(io.BytesIO(made)).get_fields() or {}
        assert str(values["name"].get("/V")) == VALUES["name"]


def _with_viewers_fonts(pdf: pikepdf.Pdf, page: Any) -> None:
    """Fields as Acrobat makes them: their looks have Helvetica and ZapfDingbats, which viewers have."""
    fonts = {
        name: Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{font}"))
        for name, font in (("Helv", "Helvetica"), ("ZaDb", "ZapfDingbats"))
    }

    def look(content: bytes, *used: str) -> Any:
        own = Dictionary(Font=Dictionary(**{name: fonts[name] for name in used})) if used else Dictionary()
        made = pdf.make_stream(content, BBox=[0, 0, 20, 20], Resources=own)
        made["/Type"], made["/Subtype"] = Name.XObject, Name.Form
        return made

    common = {"Type": Name.Annot, "Subtype": Name.Widget, "F": 4, "DA": String("/Helv 0 Tf 0 g")}
    marks = Dictionary(Yes=look(b"BT /ZaDb 12 Tf (4) Tj ET", "ZaDb"), Off=look(b""))
    fields = [
        Dictionary(
            **common,
            T=String("own"),
            FT=Name.Tx,
            V=String("Before"),
            AP=Dictionary(N=look(b"BT /Helv 9 Tf ET", "Helv")),
        ),
        Dictionary(**common, T=String("borrowed"), FT=Name.Tx, AP=Dictionary(N=look(b"BT /Helv 9 Tf ET"))),
        Dictionary(**common, T=String("box"), FT=Name.Btn, AP=Dictionary(N=marks)),
    ]
    for number, one in enumerate(fields):
        one["/Rect"] = [10, 20 + 40 * number, 150, 40 + 40 * number]
    made = [pdf.make_indirect(one) for one in fields]
    page["/Annots"] = Array(made)
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array(made), DR=Dictionary(Font=Dictionary(**fonts)))


@pytest.mark.parametrize("editable", [True, False])
def test_fields_get_looks_with_fonts_of_their_own(making: Making, editable: bool) -> None:
    order = {"work": "form", "content": written(_with_viewers_fonts), "fields": {"box": True}, "editable": editable}
    made = making.make({**order, "pdf/a": True})
    assert broken_rules(made) == []
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pdf.flatten_annotations("all")
        flat = io.BytesIO()
        pdf.save(flat)
    assert "Before" in pypdfium2.PdfDocument(flat.getvalue())[0].get_textpage().get_text_range()


def _full_of_what_is_forbidden(pdf: pikepdf.Pdf, page: Any) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.Root["/OpenAction"], pdf.Root["/AA"] = script, Dictionary(WC=script)
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))
    pdf.attachments["secret.txt"] = b"attached"
    page["/AA"] = Dictionary(O=script)
    box = Array([10, 10, 50, 50])
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, F=2, A=Dictionary(S=Name.Launch, F=String("x.exe")))
    film = Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=box, Movie=Dictionary())
    note = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=box, F=2)
    page["/Annots"] = Array([pdf.make_indirect(one) for one in (link, film, note)])
    picture = pdf.make_stream(bytes(4), Width=2, Height=2, BitsPerComponent=8, ColorSpace=Name.DeviceGray)
    picture["/Type"], picture["/Subtype"], picture["/Interpolate"] = Name.XObject, Name.Image, True
    page["/Resources"] = Dictionary(
        XObject=Dictionary(P=picture), ExtGState=Dictionary(G=Dictionary(TR=Name.Identity, CA=0.5))
    )
    page["/Contents"] = pdf.make_stream(b"q 100 0 0 100 20 20 cm /G gs /P Do Q 1 0 0 rg 150 150 20 20 re f")


def test_what_is_forbidden_and_nobody_sees_goes(making: Making) -> None:
    given = written(_full_of_what_is_forbidden)
    made = making.make({"work": "form", "pdf/a": True, "content": given})
    assert broken_rules(made) == []
    assert b"attached" not in made
    pictures = [pypdfium2.PdfDocument(one)[0].render(may_draw_forms=False).to_pil().tobytes() for one in (given, made)]
    assert pictures[0] == pictures[1]


def _viewers_font(pdf: pikepdf.Pdf, page: Any) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    inner = pdf.make_stream(
        b"BT /F 12 Tf (Hi) Tj ET", BBox=[0, 0, 100, 100], Resources=Dictionary(Font=Dictionary(F=font))
    )
    inner["/Type"], inner["/Subtype"] = Name.XObject, Name.Form
    page["/Resources"] = Dictionary(XObject=Dictionary(X=inner))
    page["/Contents"] = pdf.make_stream(b"/X Do")


def _printers_colours(pdf: pikepdf.Pdf, page: Any) -> None:
    page["/Contents"] = pdf.make_stream(b"0 0 0 1 k 10 10 20 20 re f")


@pytest.mark.parametrize(
    ("change", "said"),
    [(_viewers_font, r"fonts are not in it \(Helvetica\)"), (_printers_colours, "page 1 has .*CMYK")],
)
def test_what_would_have_to_be_drawn_anew_is_refused_by_name(making: Making, change: Any, said: str) -> None:
    given = written(change)
    with pytest.raises(BadSource, match=said):
        making.make({"work": "form", "content": given, "pdf/a": True})
    made = making.make({"work": "form", "content": given, "pdf/a": "where possible"})
    assert "/OutputIntents" not in PdfReader(io.BytesIO(made)).trailer["/Root"]


def test_a_damaged_file_is_written_anew(making: Making) -> None:
    whole = written(_full_of_what_is_forbidden)
    damaged = whole[: whole.rindex(b"xref")] + b"xref\n0 1\n"
    with pytest.raises(PdfReadError):
        len(PdfReader(io.BytesIO(damaged), strict=True).pages)
    made = making.make({"work": "repair", "content": damaged})
    assert len(PdfReader(io.BytesIO(made), strict=True).pages) == 1
    with pytest.raises(BadSource, match="cannot be read"):
        making.make({"work": "repair", "content": b"no PDF"})
