"""`check` of files that are named where an interview is included, or shown in texts: each at its file, block and line."""

from __future__ import annotations

import pytest

from shared.language.check import check
from shared.language.library import Library
from tests.unit.language.sample import Pack

ASK = "mandatory: True\nquestion: Done\n"

MISSING = [
    (f"{ASK}subquestion: |\n  Hello\n\n  [FILE no.png, 50%]\n", 8, "'other:no.png'"),
    (f"{ASK}audio: no.mp3\n", 5, "'other:no.mp3'"),
    (f"{ASK}help:\n  content: Hear\n  audio: no.mp3\n", 7, "'other:no.mp3'"),
    (f"{ASK}video:\n  - there.png\n  - no.mp4\n", 7, "'other:no.mp4'"),
    (f"{ASK}attachment:\n  name: L\n  content: Hi\n  initial yaml: no.yml\n", 8, "'other:no.yml'"),
    (f"{ASK}attachment:\n  name: L\n  docx template file: no.docx\n", 7, "'other:no.docx'"),
    (
        f"attachment options:\n  additional yaml:\n    - no.yml\n---\n{ASK}",
        5,
        "additional yaml: there is no file 'other:no.yml'",
    ),
    (f"images:\n  cow: no.svg\n---\n{ASK}", 4, "the image 'cow': there is no file 'other:data/static/no.svg'"),
    (f"features:\n  css: no.css\n---\n{ASK}", 4, "css: there is no file 'other:no.css'"),
    (f"objects from file:\n  - fish: no.yml\n---\n{ASK}", 4, "'other:data/sources/no.yml'"),
]


@pytest.mark.parametrize(("text", "line", "said"), MISSING, ids=[said for _, _, said in MISSING])
def test_what_is_not_there_is_told_where_it_is_named(pack: Pack, text: str, line: int, said: str) -> None:
    folder = pack.root / "other" / "data"
    for path, content in (("questions/shared.yml", f"# shared\n\n{text}"), ("static/there.png", "")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    pack.write("include: other:shared.yml\n")
    found = [one for one in check("pack:main.yml", Library(pack.sources)) if "there is no file" in one.message]
    assert [(one.place.file, one.place.line) for one in found] == [("other:data/questions/shared.yml", line)]
    assert said in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "[FILE there.png]",
        "[FILE other:there.png]",
        "[FILE cow.svg]",
        "[FILE ${ name }.png]",
        "[FILE 7]",
        "[FILE https://x.org/y.png]",
    ],
)
def test_what_is_there_or_computed_is_not(pack: Pack, text: str) -> None:
    for package in ("pack", "other"):
        (pack.root / package / "data" / "static").mkdir(parents=True, exist_ok=True)
        (pack.root / package / "data" / "static" / "there.png").write_text("")
    pack.write(f"images:\n  cow.svg: there.png\n---\n{ASK}subquestion: |\n  {text}\n")
    assert [one for one in check("pack:main.yml", Library(pack.sources)) if "there is no file" in one.message] == []
