"""Documents made of Markdown: by pandoc to DOCX, RTF, HTML and Typst, and by Typst to PDF. Runs in the process that makes documents.

The text may hold anything that a user typed: no raw parts of any language reach a document, only its own files are shown, nothing is
fetched. Rules: documents.md, "Creating files from Markdown". Not for: Mako, which files there are (the engine).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from shared.documents import fonts, pictures, tags, wordstyles
from shared.documents.order import Order
from shared.documents.ports import BadSource, ConvertFailed, Format

_OURS = Path(__file__).parent / "pandoc"

#: Pandoc's Markdown without what would let an answer say more than text: parts in other languages, metadata, citations. A dollar sign is
#: money here, not mathematics, and a picture alone in its paragraph no numbered figure.
READER: Final = "markdown" + "".join(
    f"-{name}"
    for name in (
        *("raw_attribute", "raw_tex", "latex_macros", "tex_math_dollars", "yaml_metadata_block", "pandoc_title_block"),
        *("citations", "implicit_figures"),
    )
)
_HEAP: Final = "512m"
_SPACINGS: Final = {
    "SingleSpacing": ("single", "0pt"),
    "OneAndAHalfSpacing": ("one-and-a-half", "0.5in"),
    "DoubleSpacing": ("double", "0.5in"),
    "TripleSpacing": ("triple", "0.5in"),
}
_LENGTH = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)\s*(in|cm|mm|pt)\s*\Z")
_PAPERS: Final = {"letterpaper": "us-letter", "legalpaper": "us-legal", "executivepaper": "us-executive"}
_TWIPS: Final = {
    "us-letter": (12240, 15840),
    "us-legal": (12240, 20160),
    "us-executive": (10440, 15120),
    "a3": (16838, 23811),
    "a4": (11906, 16838),
    "a5": (8391, 11906),
    "b5": (9978, 14173),
}
_SIDES: Final = ("Left", "Center", "Right")
_PLACES: Final = ("Header", "Footer", "FirstHeader", "FirstFooter")


def make(order: Order, folder: Path, seal: Callable[[], None] = lambda: None) -> bytes:
    """The file that `order` describes, made in `folder`: ``format``, ``markdown``, ``name``, ``language``, ``metadata``, ``files``.

    ``files`` are the pictures of the text by the names that it uses. Raises `BadSource`, `ConvertFailed`.
    """
    target = Format(order["format"])
    if target is Format.MARKDOWN:
        return str(order["markdown"]).encode()
    metadata = dict(order.get("metadata") or {})
    shown = pictures.written(order.get("files") or {}, folder, for_typst=target is Format.PDF)
    writer = "typst" if target is Format.PDF else "html5" if target is Format.HTML else target.value
    made = folder / f"made.{writer}"
    for one in _OURS.iterdir():  # pandoc is of a user who may not see our code
        (folder / one.name).write_bytes(one.read_bytes())
    arguments = [
        *(f"--from={READER}", f"--to={writer}", "--sandbox", "--standalone", f"--lua-filter={folder / 'tags.lua'}"),
        *(f"--metadata-file={_metadata(order, metadata, shown, folder)}", f"--output={made}"),
        *_of_format(order, target, metadata, folder),
    ]
    pandoc(arguments, tags.carried(str(order["markdown"])), folder)
    seal()
    if target is Format.PDF:
        return typeset(made, order)
    content = made.read_bytes()
    return wordstyles.applied(content, _page(metadata), paper(metadata)) if target is Format.DOCX else content


@cache
def _program() -> str:
    import pypandoc  # noqa: PLC0415  only the process that makes documents pays for it

    return str(pypandoc.get_pandoc_path())


def programs() -> tuple[str, ...]:
    """The folders of the programs that this module runs."""
    return (str(Path(_program()).parent),)


@cache
def held() -> int:
    """Pandoc, opened: it can be run also where the user that this process becomes cannot find it."""
    return os.open(_program(), os.O_PATH)


def pandoc(arguments: Iterable[str], text: str, folder: Path) -> None:
    """Run pandoc on `text`. Raises `ConvertFailed`, `BadSource`."""
    program = held()
    done = subprocess.run(
        ["pandoc", *arguments, "+RTS", f"-M{_HEAP}", "-RTS"],
        executable=f"/proc/self/fd/{program}",
        pass_fds=(program,),
        input=text.encode(),
        capture_output=True,
        cwd=folder,
        env={"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", "XDG_DATA_HOME": str(folder)},
        check=False,
    )
    if done.returncode in (251, -9):
        raise ConvertFailed("pandoc needed more memory than a document may take")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise BadSource(f"pandoc could not read the text: {' '.join(said)[:500] if said else done.returncode}")


def _metadata(order: Order, metadata: Order, shown: Mapping[str, str], folder: Path) -> Path:
    """What the author set, as pandoc reads it: texts are Markdown."""
    spacing, first = "double", "0.5in"
    for name, (lines, indent) in _SPACINGS.items():
        if _true(metadata.get(name)):
            spacing, first = lines, indent
    if _true(metadata.get("Indentation")):
        first = "0.5in"
    if _LENGTH.match(str(metadata.get("IndentationAmount", ""))):
        first = str(metadata["IndentationAmount"]).replace(" ", "")
    texts = {name: _marked(value) for name, value in metadata.items() if value is not None}
    told = {
        **texts,
        "parley-spacing": spacing,
        "parley-first": first,
        "parley-files": {name: pictures.escaped(place) for name, place in shown.items()},
        "parley-wide": _wide(order, metadata) if order["format"] == "rtf" else {},
        "lang": language_of(order),
    }
    if is_right_to_left(language_of(order)):
        told["dir"] = "rtl"
    if "title" not in metadata and order["format"] == "html":
        told["pagetitle"] = str(order.get("name") or "Document")
    path = folder / "metadata.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def _marked(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _marked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(one) for one in value]
    return value if isinstance(value, bool | int | float) else tags.carried(str(value))


def _of_format(order: Order, target: Format, metadata: Order, folder: Path) -> list[str]:
    files = order.get("templates") or {}
    if target is Format.DOCX:
        reference = folder / "reference.docx"
        if "docx" in files:
            reference.write_bytes(files["docx"])
            return [f"--reference-doc={reference}"]
        return []
    if target is Format.RTF:
        template = folder / "page.rtf"
        if "rtf" in files:
            template.write_bytes(files["rtf"])
        return [f"--template={template}", *_variables({**_places(metadata), **_rtf(metadata)})]
    if target is Format.HTML:
        return [f"--template={folder / 'page.html'}"]
    return [f"--template={folder / 'page.typ'}", "--syntax-highlighting=none", *_variables(_typst(order, metadata))]


def _typst(order: Order, metadata: Order) -> dict[str, object]:
    page = _page(metadata)
    language, _, region = language_of(order).partition("-")
    family = str(metadata.get("fontfamily") or "Times New Roman")
    title = str(metadata.get("title-meta") or metadata.get("title") or order.get("name") or "Document")
    author = metadata.get("author-meta") or metadata.get("author") or []
    authors = author if isinstance(author, list | tuple) else [author]
    numbered = _true(metadata.get("numbersections", True))
    return {
        **page,
        **_places(metadata),
        "footer-skip": _length(metadata.get("FooterSkip"), ""),
        "title-text": f"#{_string(title)}",
        "author-text": [_string(str(one))[1:-1] for one in authors],
        "document-date": _date(order.get("date")),
        "paper": _paper(str(metadata.get("papersize") or "letterpaper")),
        "fontsize": _length(metadata.get("fontsize"), "12pt"),
        "fonts": [_string(one)[1:-1] for one in (family, *fonts.FAMILIES)],
        "lang": language.lower(),
        "region": region.upper() if len(region) == 2 else "",
        "numbering": "numbered" if numbered else "none",
        "contents": "true" if _true(metadata.get("toc")) else "",
        "url-colour": _colour(metadata.get("urlcolor")),
        "link-colour": _colour(metadata.get("linkcolor")),
    }


def _rtf(metadata: Order) -> dict[str, int]:
    """Paper, margins and the size of letters in RTF: twentieths of a point, and half points."""
    page, (width, height) = (
        {side: wordstyles.twips(length) for side, length in _page(metadata).items()},
        paper(metadata),
    )
    said = {f"rtf-{side}": length for side, length in page.items()}
    said |= {"rtf-width": width, "rtf-height": height, "rtf-inside": width - page["left"] - page["right"]}
    said |= {
        "rtf-middle": said["rtf-inside"] // 2,
        "rtf-size": wordstyles.twips(_length(metadata.get("fontsize"), "12pt")) // 10,
    }
    if skip := _length(metadata.get("FooterSkip"), ""):
        said["rtf-footer"] = max(0, page["bottom"] - wordstyles.twips(skip))
    return said


def _wide(order: Order, metadata: Order) -> dict[str, str]:
    """Pictures that are wider than the text of an RTF file, where a dot is a point, and the width of the text."""
    inside = _rtf(metadata)["rtf-inside"]
    files = (order.get("files") or {}).items()
    return {name: f"{inside / 1440:.2f}in" for name, content in files if pictures.width_of(content) * 20 > inside}


def paper(metadata: Order) -> tuple[int, int]:
    """Width and height of the page in twentieths of a point; letter paper where nothing else is said, or known here."""
    return _TWIPS.get(_paper(str(metadata.get("papersize") or "letterpaper")), _TWIPS["us-letter"])


def _places(metadata: Order) -> dict[str, object]:
    """Which of header and footer there are, those of the first page too."""
    has = {place: any(metadata.get(place + side) for side in _SIDES) for place in _PLACES}
    return {
        "has-header": str(has["Header"]).lower(),
        "has-footer": str(has["Footer"]).lower(),
        "has-first-header": str(has["FirstHeader"]).lower(),
        "has-first-footer": str(has["FirstFooter"]).lower(),
        "other-first": "true" if has["FirstHeader"] or has["FirstFooter"] else "",
    }


def _page(metadata: Order) -> dict[str, str]:
    """The margins: ``geometry`` (left=1in,…), ``TopMargin``, ``BottomMargin``."""
    found = dict.fromkeys(("left", "right", "top", "bottom"), "1in")
    for part in str(metadata.get("geometry") or "").split(","):
        name, _, value = part.partition("=")
        name = name.strip()
        names = tuple(found) if name == "margin" else (name,)
        found.update({one: _length(value, found[one]) for one in names if one in found})
    found["top"] = _length(metadata.get("TopMargin"), found["top"])
    found["bottom"] = _length(metadata.get("BottomMargin"), found["bottom"])
    return found


def _date(stated: object) -> str:
    """The day on which the document was made, which PDF/A asks for; no other document says it, so that the same text is the same file."""
    found = re.match(r"(\d{4})-(\d{2})-(\d{2})", str(stated))
    return f"datetime(year: {int(found[1])}, month: {int(found[2])}, day: {int(found[3])})" if found else "none"


def _paper(name: str) -> str:
    return _PAPERS.get(name) or (name.removesuffix("paper") if re.fullmatch(r"[ab]\d0?(paper)?", name) else "us-letter")


def _length(value: object, otherwise: str) -> str:
    found = _LENGTH.match(str(value))
    return f"{found[1]}{found[2]}" if found else otherwise


def _colour(name: object) -> str:
    """A colour by its name or as ``#7a1f2b``; a dark blue where nothing is said, or what is no colour."""
    from PIL import ImageColor  # noqa: PLC0415  only the process that makes documents pays for it

    try:
        red, green, blue, *_ = ImageColor.getrgb(str(name).strip())
    except ValueError:
        red, green, blue = 0, 0, 160
    return f"rgb({red}, {green}, {blue})"


def _string(text: str) -> str:
    """`text` as a string of Typst's."""
    kept = "".join(one if one.isprintable() else " " for one in text)
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _variables(values: Mapping[str, object]) -> list[str]:
    pairs = [(name, one) for name, value in values.items() for one in (value if isinstance(value, list) else [value])]
    return [f"--variable={name}:{value}" for name, value in pairs]


def _true(value: object) -> bool:
    return str(value).strip().lower() not in ("", "false", "no", "none", "0")


def language_of(order: Order) -> str:
    """The language of the document as a tag of BCP 47."""
    metadata = order.get("metadata") or {}
    stated = str(metadata.get("lang") or metadata.get("mainlang") or order.get("language") or "en")
    found = re.match(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?", stated)
    return "-".join(part for part in found.groups() if part) if found else "en"


def is_right_to_left(language: str) -> bool:
    return language.partition("-")[0].lower() in ("ar", "he", "iw", "fa", "ur", "yi", "ps", "dv", "sd", "ug", "ckb")


def typeset(source: Path, order: Order) -> bytes:
    """The PDF of a Typst file: tagged for screen readers, as PDF/UA where the text allows it, or as PDF/A. Raises `BadSource`."""
    import typst  # noqa: PLC0415  only the process that makes documents pays for it

    tagged = bool(order.get("tagged", True))
    wanted: list[Any] = ["ua-1", None] if tagged else [None]
    if order.get("pdf/a"):
        wanted = ["a-2a", "a-2b"] if tagged else ["a-2b"]
    problem: Exception | None = None
    for standard in wanted:
        try:
            made = typst.compile(
                source,
                root=source.parent,
                font_paths=fonts.found(),
                pdf_standards=[standard] if standard else [],
                pdf_tags=tagged,
            )
        except typst.TypstError as error:
            problem = error
            continue
        assert isinstance(made, bytes)
        return made
    raise BadSource(f"the page could not be set: {getattr(problem, 'message', problem)}") from problem
