"""Texts of pictures read without a program of the machine: RapidOCR, an extra (``pip install 'parley[ocr]'``), where Tesseract is not.

Its models come with the package and know the Latin alphabet, Chinese and Japanese. Not for: searchable PDF files, which take Tesseract (`scans`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Final

from shared.documents.ports import ConvertFailed, Unsupported

#: Tesseract's names of languages that the models know.
_LANGUAGES: Final = """
    afr cat ces chi_sim chi_tra cym dan deu eng est eus fin fra gle glg hrv hun ind isl ita jpn lat lav lit msa nld nor pol por
    ron slk slv spa sqi swa swe tur vie
"""
LANGUAGES: Final = frozenset(_LANGUAGES.split())
#: One thread: behind walls there are no more, and another page may be read beside this one.
_PARAMS: Final = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}

#: Left, top, right, bottom and the text.
Found = tuple[float, float, float, float, str]


def available() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def read(content: bytes, languages: str, seal: Callable[[], None] = lambda: None) -> str:
    """The text of a PNG picture, a line for each of its lines. Raises `Unsupported` for languages that the models do not know, `ConvertFailed`."""
    if unknown := sorted(set(languages.split("+")) - LANGUAGES):
        raise Unsupported(
            f"RapidOCR reads the Latin alphabet, Chinese and Japanese, not {unknown[0]!r}: install the package tesseract-ocr"
        )
    import cv2  # noqa: PLC0415  an extra, and heavy: only the fork that reads pays for it
    from rapidocr import RapidOCR  # noqa: PLC0415  the same

    cv2.setNumThreads(1)
    reader = RapidOCR(params=dict(_PARAMS))
    seal()
    try:
        found = reader(content)
    except Exception as error:  # whatever its libraries raise for a strange picture
        raise ConvertFailed(f"RapidOCR could not read the page: {type(error).__name__}: {error}") from error
    if found.boxes is None or found.txts is None:
        return ""
    return "".join(f"{line}\n" for line in lines(map(_found, found.boxes, found.txts)))


def _found(box: Any, text: str) -> Found:
    across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
    return min(across), min(down), max(across), max(down), text


def lines(found: Iterable[Found]) -> list[str]:
    """What stands side by side, from left to right; lines from top to bottom."""
    made: list[list[Found]] = []
    for one in sorted(found, key=lambda one: one[1] + one[3]):
        middle = (one[1] + one[3]) / 2
        if made and made[-1][0][1] < middle < made[-1][0][3]:
            made[-1].append(one)
        else:
            made.append([one])
    return [" ".join(part[4] for part in sorted(line)) for line in made]
