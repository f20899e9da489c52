"""``parley fields FILE``: the fields of a PDF form or the names of a DOCX template, as a first interview for it.

What is printed is an interview as it stands: an attachment, and a question for each field. Exit status: 0, or 2 for a file that is none.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, TextIO

import yaml

from shared.authoring import util
from shared.authoring.objects import docx, pdf


def fields(file: str, *, out: TextIO | None = None) -> int:
    path = Path(file)
    try:
        content = path.read_bytes()
        blocks = _of_word(path, content) if path.suffix.lower() == ".docx" else _of_form(path, content)
    except (OSError, docx.BadDocx, pdf.BadPdf) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    texts = (yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=120) for block in blocks)
    print("---\n".join(texts), end="", file=out or sys.stdout)
    return 0


def _of_form(path: Path, content: bytes) -> list[dict[str, Any]]:
    """Each field with a variable of a name like its own; boxes are yes or no, what is signed is a signature."""
    found = {name: kind for name, _, _, _, kind, _ in pdf.fields(content, path.name)}
    variables = {name: _variable(name) for name in found}
    filled = [{name: f"${{ {variables[name]} }}"} for name in found]
    asked = [_field(name, variables[name], kind) for name, kind in found.items() if kind != "/Sig"]
    signed = [
        {"question": "Please sign", "signature": variables[name]} for name, kind in found.items() if kind == "/Sig"
    ]
    return [
        _offer(path, "pdf template file", filled),
        {"question": "What goes into the form?", "fields": asked},
        *signed,
    ]


def _of_word(path: Path, content: bytes) -> list[dict[str, Any]]:
    names = sorted(docx.names(content, path.name) - set(dir(util)) - {"loop"})
    asked = [{name.replace("_", " ").capitalize(): name} for name in names]
    blocks = [_offer(path, "docx template file", None)]
    return [*blocks, {"question": "What goes into the document?", "fields": asked}] if asked else blocks


def _offer(path: Path, key: str, filled: list[dict[str, str]] | None) -> dict[str, Any]:
    offered: dict[str, Any] = {"name": path.stem, "filename": path.stem, key: path.name}
    if filled is not None:
        offered["fields"] = filled
    return {"mandatory": True, "question": "Here is your document.", "attachment": offered}


def _field(name: str, variable: str, kind: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {name: variable}
    if kind == "/Btn":
        made["datatype"] = "yesno"
    else:
        made["required"] = False
    return made


def _variable(name: str) -> str:
    kept = re.sub(r"\W+", "_", name.strip().lower()).strip("_") or "field"
    return kept if kept[0].isalpha() and kept not in dir(util) else f"field_{kept}"
