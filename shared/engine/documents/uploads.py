"""Files that a user sent or a step made, as the objects that authors know.

Contents stay with the session (`Context.files`); the objects hold numbers and names.
"""

from __future__ import annotations

from shared.authoring.objects import DAFile, DAFileList
from shared.engine.run import Run


def one_file(run: Run, name: str, number: int) -> DAFile:
    """A DAFile for the session's file `number`."""
    info = run.context.files.info(number)
    filename = str(info.get("filename", f"file{number}"))
    made = DAFile(name, number=number, filename=filename)
    made.mimetype = str(info.get("mimetype", "application/octet-stream"))
    made.extension = str(info.get("extension") or (filename.rpartition(".")[2].lower() if "." in filename else ""))
    made.ok = True
    return made


def file_list(run: Run, name: str, numbers: list[int]) -> DAFileList:
    """A DAFileList of the session's files `numbers`."""
    made = DAFileList(name)
    made.elements = [one_file(run, f"{name}[{index}]", number) for index, number in enumerate(numbers)]
    made.gathered = True
    made.auto_gather = False
    return made
