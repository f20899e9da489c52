"""Pages and pictures made ready for Tesseract, and what it says of what it lacks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from shared.documents import making, scans
from shared.documents.ports import BadSource, Unsupported


def _picture(size: tuple[int, int] = (40, 20), kind: str = "PNG", **options: Any) -> bytes:
    made = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    picture.putpixel((0, 0), (0, 0, 0))
    picture.save(made, kind, **options)
    return made.getvalue()


def _pdf(inches: float = 11) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(inches * 72 / 2, inches * 72))
        document.save(made)
    return made.getvalue()


def _scanned(**order: Any) -> Image.Image:
    return Image.open(io.BytesIO(scans.scan(order)))


@pytest.mark.parametrize(("inches", "height"), [(11, 1100), (5.5, 550), (22, 1100)])
def test_larger_pages_get_fewer_dots_an_inch(inches: float, height: int) -> None:
    made = _scanned(content=_pdf(inches), pdf=True, dots=100)
    assert abs(made.height - height) <= 1
    assert made.mode == "L"


@pytest.mark.parametrize(
    ("crop", "size"),
    [((0, 0, 0, 0), (40, 20)), ((10, 5, 0, 0), (30, 15)), ((10, 5, 7, 3), (7, 3)), ((35, 0, 99, 99), (5, 20))],
)
def test_pictures_are_cropped_to_the_edge(crop: tuple[int, ...], size: tuple[int, int]) -> None:
    assert _scanned(content=_picture(), crop=crop).size == size


def test_what_lies_outside_is_said() -> None:
    with pytest.raises(BadSource, match="40 x 20 pixels"):
        scans.scan({"content": _picture(), "crop": (40, 0, 1, 1)})


def test_a_picture_is_turned_as_the_telephone_was_held() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    assert _scanned(content=_picture(kind="JPEG", exif=turned)).size == (20, 40)


def test_what_is_transparent_is_paper() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (3, 3), (0, 0, 0, 0)).save(made, "PNG")
    assert _scanned(content=made.getvalue()).getpixel((1, 1)) == 255


@pytest.mark.parametrize(
    "order", [{"content": b"x"}, {"content": b"x", "pdf": True}, {"content": _pdf(), "pdf": True, "page": 2}]
)
def test_what_is_no_page_is_refused(order: dict[str, Any]) -> None:
    with pytest.raises(BadSource):
        making.make({"work": "scan", **order}, Path())


def _read(folder: Path, languages: str = "eng") -> bytes:
    return making.make({"work": "read", "content": _picture(), "languages": languages}, folder)


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Tesseract's place, that says what the real one says where it lacks the data of a language."""
    program = tmp_path / "tesseract"
    program.write_text(
        "#!/bin/sh\n"
        'case $4 in *deu*) echo "Failed loading language \'deu\'" >&2; exit 1;; *eng*) echo "$@"; exit 0;; *) echo no >&2; exit 3;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(scans, "program", lambda: str(program))
    return tmp_path


def test_without_tesseract_the_error_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "program", lambda: None)
    with pytest.raises(Unsupported, match=r"install the package tesseract-ocr$"):
        _read(tmp_path)


def test_without_the_language_the_error_names_its_package(tesseract: Path) -> None:
    with pytest.raises(Unsupported, match=r"install the package tesseract-ocr-deu$"):
        _read(tesseract, "eng+deu")


def test_the_language_is_no_way_to_other_files_or_options(tesseract: Path) -> None:
    assert _read(tesseract, "eng+chi_tra") == b"page.png stdout -l eng+chi_tra --psm 6\n"
    for name in ("../eng", "eng --psm 0", "-c", "eng+", "en"):
        with pytest.raises(BadSource):
            _read(tesseract, name)


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "LA"])
def test_pictures_of_every_kind_of_pixels_become_grey(mode: str) -> None:
    made = io.BytesIO()
    Image.new("L", (8000, 4), 255).convert(mode).save(made, "TIFF" if mode == "CMYK" else "PNG")
    scanned = _scanned(content=made.getvalue())
    assert (scanned.mode, scanned.width, scanned.getpixel((0, 0))) == ("L", 6600, 255)
