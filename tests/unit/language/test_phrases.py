"""Files of translated phrases: as spreadsheet programs and translators' tools write them, and as nobody should."""

from __future__ import annotations

import io
import zipfile

import pytest

from shared.engine.documents import spreadsheet
from shared.language.phrases import BadPhrases, read, read_all

HEADER = ["interview", "question_id", "index_num", "hash", "orig_lang", "tr_lang", "orig_text", "tr_text"]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def ours(*rows: tuple[str, str, str]) -> bytes:
    lines: list[list[object]] = [["a:b.yml", "q", 0, "", "en", *row] for row in rows]
    return spreadsheet.write(HEADER, lines, title="Phrases", freeze=True)


def book(sheet: str, shared: str | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>")
        if shared is not None:
            archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{shared}</sst>")
    return out.getvalue()


def test_a_spreadsheet_of_phrases() -> None:
    content = ours(
        ("fr", "Hello, ${ name }!\n", "Bonjour, ${ name } !"), ("es", "Hello", "Hola"), ("fr", "Not yet", "")
    )
    assert read("a.xlsx", content) == {"fr": {"Hello, ${ name }!": "Bonjour, ${ name } !"}, "es": {"Hello": "Hola"}}


def test_as_spreadsheet_programs_write_it() -> None:
    """Texts stand in a table of their own, some in runs of letters that look alike; empty cells are left out."""
    texts = ["tr_text", "orig_text", "tr_lang", "How are you?\r\nToday", "fr"]
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    shared += "<si><r><t>Comment </t></r><r><t>allez-vous_x003F_</t></r><rPh><t>no</t></rPh></si>"
    header = '<row><c r="H1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c><c r="AA1" t="s"><v>2</v></c></row>'
    row = '<row><c r="C2" t="s"><v>3</v></c><c r="H2" t="s"><v>5</v></c><c r="AA2" t="s"><v>4</v></c></row>'
    odd = '<row><c r="C3" t="s"><v>99</v></c><c r="AA3" t="s"><v>4</v></c></row>'
    assert read("A.XLSX", book(header + row + odd, shared)) == {"fr": {"How are you?\nToday": "Comment allez-vous?"}}


@pytest.mark.parametrize(
    "text",
    [
        """<xliff version="1.2"><file source-language="en" target-language="fr" original="a:b.yml"><body>
        <trans-unit id="1"><source>Hello, <x/>${ name }</source><target>Bonjour, ${ name }</target></trans-unit>
        <trans-unit id="2"><source>Not yet</source></trans-unit></body></file></xliff>""",
        """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="fr"><file id="f"><unit id="u">
        <segment><source>Hello, ${ name }</source><target>Bonjour, ${ name }</target></segment></unit></file></xliff>""",
    ],
)
def test_xliff(text: str) -> None:
    assert read("a.xlf", text.encode()) == {"fr": {"Hello, ${ name }": "Bonjour, ${ name }"}}


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"no archive"),
        ("a.xlsx", book("<row/>")),
        ("a.xlsx", book("<row")),
        ("a.xlsx", ours()[:200]),
        ("a.xlf", b"<xliff"),
        ("a.xlf", f"{BOMB}]><x>&j;</x>".encode()),
        ("a.csv", b"a,b"),
        ("a.xlsx", book("<row>" + " " * (33 * 2**20) + "</row>")),
    ],
)
def test_what_is_none_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadPhrases):
        read(name, content)


def test_of_two_files_the_later_one_counts_and_one_that_cannot_be_read_does_not() -> None:
    files = {
        "one.xlsx": ours(("fr", "a", "un"), ("fr", "b", "deux")),
        "bad.xlsx": b"",
        "two.xlsx": ours(("fr", "a", "une")),
    }

    def find(name: str) -> tuple[str, bytes]:
        if name not in files:
            raise FileNotFoundError(name)
        return name, files[name]

    assert read_all(["one.xlsx", "gone.xlsx", "bad.xlsx", "two.xlsx"], find) == {"fr": {"a": "une", "b": "deux"}}
