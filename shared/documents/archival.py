"""PDF files that are there already made PDF/A-2b (ISO 19005-2), for archives and courts. Runs in the process that makes documents.

What the standard forbids and nobody sees goes (scripts, actions, attached files, films), what it wants comes (the meaning of colours,
appearances, metadata). What would have to be drawn anew is refused by name: fonts that are not in the file, the colours of printing
machines. No other program checks the result. Not for: documents of Markdown (Typst makes theirs) and of word processors (LibreOffice).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from shared.documents import pdfs
from shared.documents.ports import BadSource

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

#: Parts of the file's root that run, fetch or enclose something.
_ROOT: Final = ("/AA", "/Collection", "/NeedsRendering", "/Perms", "/Requirements", "/AF")
_NAMES: Final = ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations", "/Renditions")
_ANNOTATIONS: Final = frozenset(("/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound"))
#: Actions that only lead somewhere.
_LEADING: Final = frozenset(("/GoTo", "/URI", "/Named"))
_STATE: Final = ("/TR", "/TR2", "/HTP")
#: Bits of an annotation's flags (ISO 32000-1, table 165): invisible, hidden, not to be viewed; to be printed.
_UNSEEN, _PRINTED = 1 | 2 | 32, 4
#: Of resources in resources: what goes deeper is a circle.
_DEEP: Final = 20


def archived(content: bytes) -> bytes:
    """The file as PDF/A-2b. Raises `BadSource`, which says what in it cannot be."""
    import pikepdf  # noqa: PLC0415  only the process that makes documents pays for it

    with pdfs.opened(content) as pdf:
        _root(pdf)
        for page in pdf.pages:
            _annotations(pdf, page.obj)
        _look_through(pdf)
        profile = pdf.make_stream(_colours(), N=3)
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier=pikepdf.String("sRGB")
        )
        intent["/DestOutputProfile"] = profile
        pdf.Root["/OutputIntents"] = pikepdf.Array([intent])
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            metadata.load_from_docinfo(pdf.docinfo)
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        made = io.BytesIO()
        pdf.save(
            made,
            deterministic_id=True,
            force_version="1.7",
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        return made.getvalue()


@cache
def _colours() -> bytes:
    """What red, green and blue are: sRGB as an ICC profile of version 4.2, without the time at which it was made."""
    from PIL import ImageCms  # noqa: PLC0415  as above

    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[8:12] = b"\x04\x20\x00\x00"
    made[24:36] = bytes((7, 234, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    return bytes(made)


def _root(pdf: Pdf) -> None:
    root: Object = pdf.Root
    _without(root, *_ROOT)
    _without(_part(root, "/Names"), *_NAMES)
    if _acts(root.get("/OpenAction")):
        del root["/OpenAction"]
    form = root.get("/AcroForm")
    if form is not None:
        form["/NeedAppearances"] = False
        _without(form, "/XFA")
    layers = root.get("/OCProperties")
    for one in [] if layers is None else [layers.get("/D"), *layers.get("/Configs", [])]:
        if one is not None:
            _without(one, "/AS")
            one["/Name"] = one.get("/Name", "Layers")


def _acts(action: Object | None) -> bool:
    """Whether it is an action that does more than lead somewhere."""
    return action is not None and hasattr(action, "get") and str(action.get("/S") or "/GoTo") not in _LEADING


def _part(holder: Object, name: str) -> Object:
    """A dictionary in another one, empty if there is none."""
    from pikepdf import Dictionary  # noqa: PLC0415  as above

    found = holder.get(name)
    return Dictionary() if found is None else found


def _parts(holder: Object, name: str) -> list[Object]:
    return [one for _, one in _part(holder, name).items()]


def _without(found: Object, *names: str) -> None:
    for name in names:
        if name in found:
            del found[name]


def _annotations(pdf: Pdf, page: Object) -> None:
    from pikepdf import Array, Dictionary  # noqa: PLC0415  as above

    _without(page, "/AA")
    kept = [one for one in page.get("/Annots", []) if str(one.get("/Subtype")) not in _ANNOTATIONS]
    for one in kept:
        _without(one, "/AA")
        if _acts(one.get("/A")):
            del one["/A"]
        one["/F"] = int(one.get("/F", 0)) & ~_UNSEEN | _PRINTED
        looks = one.get("/AP")
        if looks is not None:
            _without(looks, "/D", "/R")
        elif str(one.get("/Subtype")) not in ("/Link", "/Popup"):
            left, low, right, high = (float(side) for side in one.get("/Rect", [0, 0, 0, 0]))
            empty = pdf.make_stream(b"", BBox=[0, 0, abs(right - left), abs(high - low)])
            empty["/Type"], empty["/Subtype"] = _name("/XObject"), _name("/Form")
            one["/AP"] = Dictionary(N=empty)
    if "/Annots" in page:
        page["/Annots"] = Array(kept)


def _name(name: str) -> Object:
    from pikepdf import Name  # noqa: PLC0415  as above

    return Name(name)


def _look_through(pdf: Pdf) -> None:
    """What is drawn with. Raises `BadSource` for what cannot be in such a file."""
    fonts: set[str] = set()
    for number, page in enumerate(pdf.pages, start=1):
        for resources, content in _drawn(page.obj):
            for font in _parts(resources, "/Font"):
                if not _is_in_the_file(font):
                    fonts.add(str(font.get("/BaseFont", "/?"))[1:])
            if _printers_colours(resources, content):
                raise BadSource(f"the file cannot be made PDF/A: page {number} has colours of printing machines (CMYK)")
            for state in _parts(resources, "/ExtGState"):
                _without(state, *_STATE)
    if fonts:
        raise BadSource(
            f"the file cannot be made PDF/A: its fonts are not in it ({', '.join(sorted(fonts)[:5])}). Embed them in the template"
        )


def _drawn(page: Object) -> Iterator[tuple[Object, Object]]:
    """Resources and content of the page and of everything that it shows: forms, patterns, appearances."""
    seen: set[tuple[int, int]] = set()

    def within(holder: Object, depth: int) -> Iterator[tuple[Object, Object]]:
        if depth > _DEEP or (holder.is_indirect and holder.objgen in seen):
            return
        seen.add(holder.objgen)
        resources = _part(holder, "/Resources")
        yield resources, holder
        for kind in ("/XObject", "/Pattern"):
            for one in _parts(resources, kind):
                if str(one.get("/Subtype")) == "/Image":
                    one["/Interpolate"] = False
                    _without(one, "/Alternates", "/OPI")
                yield from within(one, depth + 1)

    yield from within(page, 0)
    for annotation in page.get("/Annots", []):
        look = _part(annotation, "/AP").get("/N")
        if look is not None:
            streams = [look] if hasattr(look, "read_bytes") and "/BBox" in look else [one for _, one in look.items()]
            for one in streams:
                yield from within(one, 1)


def lacks_fonts(look: Object) -> bool:
    """Whether an appearance is drawn with fonts that are not in the file, or that it has from the form."""
    fonts = _parts(_part(look, "/Resources"), "/Font")
    borrowed = not fonts and hasattr(look, "read_bytes") and b" Tf" in look.read_bytes()
    return borrowed or not all(_is_in_the_file(font) for font in fonts)


def _is_in_the_file(font: Object) -> bool:
    kind = str(font.get("/Subtype"))
    if kind == "/Type3":
        return True
    holder = font["/DescendantFonts"][0] if kind == "/Type0" else font
    descriptor = _part(holder, "/FontDescriptor")
    return any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def _printers_colours(resources: Object, holder: Object) -> bool:
    import pikepdf  # noqa: PLC0415  as above

    spaces = [*_parts(resources, "/ColorSpace"), holder.get("/ColorSpace")]
    if any("/DeviceCMYK" in repr(one) for one in spaces if one is not None):
        return True
    if str(holder.get("/Subtype")) == "/Image" or ("/Contents" not in holder and not hasattr(holder, "read_bytes")):
        return False
    try:
        drawn = pikepdf.parse_content_stream(holder, "k K")
    except pikepdf.PdfError as error:
        raise BadSource(f"the file cannot be made PDF/A: a page of it cannot be read ({error})") from error
    return bool(drawn)
