"""Packages of interviews as wheels."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"


def wheel(
    folder: Path, name: str, *requires: str, version: str = "1.0", files: Sequence[str] = (), module: str = ""
) -> Path:
    folder.mkdir(exist_ok=True)
    short = name.partition(".")[2]
    path = folder / f"{name.replace('.', '_').lower()}-{version}-py3-none-any.whl"
    info = f"{name.replace('.', '_').lower()}-{version}.dist-info"
    said = _METADATA.format(name=name, version=version, requires="".join(f"Requires-Dist: {one}\n" for one in requires))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"docassemble/{short}/__init__.py", module)
        text = f"metadata:\n  title: {short} {version}\n---\nmandatory: True\nquestion: Hi\n"
        archive.writestr(f"docassemble/{short}/data/questions/main.yml", text)
        for file in files:
            archive.writestr(file, "")
        archive.writestr(f"{info}/METADATA", said)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path
