"""A minimal Office Open XML workbook of one sheet: header, rows, a frozen first line.

Enough for table exports without a library for spreadsheets. Format: ECMA-376, part 1 (SpreadsheetML, inline strings).
"""

from __future__ import annotations

import io
import zipfile
from html import escape

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Excel's limit for the name of a sheet, and what it may not contain.
_TITLE_LENGTH, _TITLE_BAD = 31, r"[]:*?/\\"


def write(header: list[str], rows: list[list[object]], *, title: str, freeze: bool) -> bytes:
    """The bytes of an .xlsx file."""
    name = "".join(char for char in title if char not in _TITLE_BAD)[:_TITLE_LENGTH] or "Sheet1"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _relation("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", _relation("worksheet", "worksheets/sheet1.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", _sheet([list(header), *rows], freeze))
    return out.getvalue()


def _relation(kind: str, target: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_RELATIONS}/{kind}" Target="{target}"/></Relationships>'


def _sheet(lines: list[list[object]], freeze: bool) -> str:
    view = (
        '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
        if freeze
        else ""
    )
    data = "".join(f"<row>{''.join(_cell(value) for value in line)}</row>" for line in lines)
    return f'<worksheet xmlns="{_MAIN}">{view}<sheetData>{data}</sheetData></worksheet>'


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    text = "" if value is None else str(value)
    clean = "".join(char for char in text if char >= " " or char in "\t\n")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(clean, quote=False)}</t></is></c>'
