"""``python -m tests.packages FOLDER``: public interview packages, checked and driven by the answer policy of `tests.policy`.

FOLDER holds checkouts of the packages, one folder each; they are not part of this repository. With ``--expected`` (a table:
repository, commit, file, whether the reference runs through, screens) each interview is held against the reference. Each interview
is driven in a process of its own with a time limit, because packages bring modules of their own; and on a whole embedded system, so that it finds
a store, documents and background actions as it would on a server. ``--set`` names a package set (``parley
packages add … --into``) with the frameworks that they build on. Prints a row for each interview and the shares; the exit status is 0.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

#: What the reference was given.
MOST_SCREENS = 60
SECONDS = 120
#: Packages that only others include, and whose interviews show nothing on their own.
_NO_SCREEN = "no screen"


@dataclass(frozen=True, slots=True)
class Row:
    """One interview: how it compiled, how it ended, how many screens were shown."""

    repository: str
    file: str
    compiled: bool
    end: str
    screens: int


def interviews(folder: Path) -> Iterator[tuple[str, str]]:
    """The interviews below `folder`: repository (its folder's name) and full name."""
    for questions in sorted(folder.glob("*/docassemble/**/data/questions")):
        package = ".".join(questions.relative_to(folder).parts[1:-2])
        for path in sorted(questions.glob("*.y*ml")):
            yield questions.relative_to(folder).parts[0], f"{package}:{path.name}"


def one(folder: Path, name: str, frameworks: Path | None) -> Row:
    """Drive the interview `name` of the packages below `folder`, on a system of its own in this process."""
    from shared.language.errors import LanguageError  # noqa: PLC0415  only in the process of one interview
    from shared.language.library import Library  # noqa: PLC0415
    from shared.language.sources import Sources  # noqa: PLC0415
    from tests.helpers.served import Served  # noqa: PLC0415
    from tests.policy import drive_session  # noqa: PLC0415

    roots = sorted(path for path in folder.iterdir() if (path / "docassemble").is_dir())
    roots += [frameworks] if frameworks else []
    try:
        Library(Sources(roots)).load(name)
    except LanguageError as error:
        return Row("", name, False, f"{type(error).__name__}: {error}", 0)
    with tempfile.TemporaryDirectory(prefix="parley-packages-") as var:
        served = Served(roots, name, var=Path(var))
        try:
            drive = drive_session(served, MOST_SCREENS)
        finally:
            served.close()
    return Row("", name, True, drive.end, drive.screens)


def apart(folder: Path, repository: str, name: str, frameworks: Path | None) -> Row:
    """`one` in a process of its own."""
    command = [sys.executable, "-m", "tests.packages", str(folder), "--one", name]
    command += ["--set", str(frameworks)] if frameworks else []
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Row(repository, name, True, f"longer than {SECONDS} s", 0)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        return Row(repository, name, False, f"the process ended with {done.returncode}: {last}", 0)
    return Row(**json.loads(lines[-1]) | {"repository": repository})


def _runs_through(end: str) -> bool:
    """As the reference was judged: an interview that refuses an answer by a check of its own shows its screen again."""
    return end in ("final", "many screens", "review") or end.startswith(("refused: ", "the same screen for ever"))


def expected(table: Path) -> Mapping[tuple[str, str], tuple[bool, int]]:
    """By repository (without its owner) and file: whether the reference runs through, and how many screens it showed."""
    with table.open(encoding="utf-8") as lines:
        return {
            (row["repository"].partition("/")[2], row["file"]): (
                row["reference_runs_through"] == "True",
                int(row["reference_screens"] or 0),
            )
            for row in csv.DictReader(lines)
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.packages")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--expected", type=Path)
    parser.add_argument("--set", type=Path, help="a package set with the frameworks")
    parser.add_argument("--through", action="store_true", help="only those that the reference runs through")
    parser.add_argument("--one", help="drive this interview in this process")
    parser.add_argument("--only", default="", help="part of the names of those to drive")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(asdict(one(given.folder.resolve(), given.one, given.set))))
        return
    known = expected(given.expected) if given.expected else {}
    found = [pair for pair in interviews(given.folder) if given.only in f"{pair[0]} {pair[1]}"]
    if given.through:
        found = [
            (repository, name)
            for repository, name in found
            if known.get((repository, name.partition(":")[2]), (False,))[0]
        ]
    with ThreadPoolExecutor(2) as pool:
        rows = pool.map(lambda pair: apart(given.folder, pair[0], pair[1], given.set), found)
    through = same = compiled = 0
    for row in rows:
        compiled += row.compiled
        reference = known.get((row.repository, row.file.partition(":")[2]))
        through += bool(reference and reference[0])
        alike = bool(reference and reference[0] and _runs_through(row.end) and row.screens == reference[1])
        same += alike
        told = "" if reference is None else f"reference {reference[1] if reference[0] else '-'}"
        mark = "=" if alike else " "
        print(f"{mark} {row.file} {row.screens} {told} {' '.join(row.end.split())[:300]}", flush=True)
    print(f"compiled {compiled} of {len(found)}; as many screens as the reference {same} of {through}")


if __name__ == "__main__":
    main()
