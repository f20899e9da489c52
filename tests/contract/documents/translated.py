"""The templates of the demo `document-templates` in other languages: the same fields and expressions, other words, set anew by Typst."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path

import docx
import pikepdf
import typst

from shared.documents import fonts

TEMPLATES = Path(__file__).parents[3] / "demos" / "data" / "templates"
#: What the form says: a heading for each page, and words beside fields, by their heights.
FORM: dict[str, list[tuple[str, dict[int, str]]]] = {
    "el": [
        ("Αίτηση αλλαγής ονόματος", {666: "Τώρα:", 634: "Επιθυμητό:", 603: "Γέννηση:", 572: "Κωδικός:"}),
        ("Λόγοι", {655: "Με δικά σας λόγια:"}),
        ("Δηλώσεις", {668: "Είμαι ενήλικας.", 636: "Κανείς δεν βλάπτεται."}),
        ("Υπογραφή", {590: "Ημερομηνία:"}),
    ],
    "ar": [
        ("طلب تغيير الاسم", {666: "الاسم الحالي", 634: "الاسم المطلوب", 603: "تاريخ الولادة", 572: "الرمز"}),
        ("الأسباب", {655: "بكلماتك"}),
        ("إقرارات", {668: "أنا بالغ", 636: "لا يتضرر أحد"}),
        ("التوقيع", {590: "التاريخ"}),
    ],
}
#: What the agreement says instead of the English words.
AGREEMENT = {
    "el": {
        "Loan of household goods": "Δανεισμός οικιακών ειδών",
        " lends ": " δανείζει στον/στην ",
        " what is listed below, until ": " τα παρακάτω, έως ",
        "Conditions:": "Όροι:",
        "All of it is worth ": "Όλα αξίζουν ",
        "Signed: ": "Υπογραφή: ",
    },
    "ar": {
        "Loan of household goods": "إعارة أدوات منزلية",
        " lends ": " يعير ",
        " what is listed below, until ": " ما هو مذكور أدناه حتى ",
        "Conditions:": "الشروط:",
        "All of it is worth ": "قيمتها كلها ",
        "Signed: ": "التوقيع: ",
    },
}
_PAGE = """#let given = json("form.json")
#set document(title: given.pages.at(0).title)
#set text(font: given.fonts, lang: given.lang, size: 10pt)
#set page(width: 612pt, height: 792pt, margin: 72pt)
#for (number, one) in given.pages.enumerate() {
  if number > 0 { pagebreak() }
  [#heading(level: 1, one.title)]
  for said in one.said {
    place(top + left, dx: said.x * 1pt, dy: (792 - 72 - said.y - 14) * 1pt, box(width: 80pt, said.text))
  }
}
"""


def form(language: str) -> bytes:
    """The court's form, as PDF/UA."""
    right = language == "ar"
    pages = [
        {
            "title": title,
            "said": [
                {"x": 396 if right else (24 if number == 2 else 0), "y": y, "text": text} for y, text in said.items()
            ],
        }
        for number, (title, said) in enumerate(FORM[language])
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given = {"pages": pages, "lang": language, "fonts": list(fonts.FAMILIES)}
        (folder / "form.json").write_text(json.dumps(given), "utf-8")
        (folder / "form.typ").write_text(_PAGE, "utf-8")
        blank = typst.compile(folder / "form.typ", root=folder, font_paths=fonts.found(), pdf_standards=["ua-1"])
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(blank)) as pdf, pikepdf.open(TEMPLATES / "name-change.pdf") as fields:
        pdf.Root["/AcroForm"] = pdf.copy_foreign(fields.make_indirect(fields.Root.AcroForm))
        copies = {str(one.get("/T")): one for one in pdf.Root.AcroForm.Fields}
        for page, of in zip(pdf.pages, fields.pages, strict=True):
            on_it: list[pikepdf.Object] = []
            for field in of.Annots:
                if "/T" in field:
                    on_it.append(copies[str(field.T)])
                else:
                    kids = copies[str(field.Parent.T)].Kids
                    on_it.append(kids[[one.objgen for one in field.Parent.Kids].index(field.objgen)])
            for one in on_it:
                one["/P"] = page.obj
            page["/Annots"] = pikepdf.Array(on_it)
        pdf.save(made)
    return made.getvalue()


def agreement(language: str) -> bytes:
    document = docx.Document(str(TEMPLATES / "loan.docx"))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            for said, instead in AGREEMENT[language].items():
                run.text = run.text.replace(said, instead)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()
