"""``python -m tests.corpus``: the development half of the differential corpus, against its goals and its list of exceptions.

Fetches the interviews if they are not there, lets compare.py drive ``parley replay``, prints its table, and then judges:
a tier below its goal, an example that fails without a reason in docs/corpus.md, and a reason for one that does not fail, are
errors. Options this script does not know go to compare.py (``--tier T2``, ``--only REGEX``, ``--show 20`` …).

The interviews and the scripts are not part of this repository. The scripts lie in the folder ``PARLEY_CORPUS_TOOLS`` (by
default ../shared/corpus beside the checkout), the interviews in ``--corpus`` (by default ``PARLEY_CORPUS``, else ./var/corpus).

Exit status: 0 as it should be, 1 not, 2 the comparison could not be made.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.authoring import modules

ROOT = Path(__file__).parents[1]
REASONS = ROOT / "docs" / "corpus.md"
#: Percent of the examples that must show every screen as recorded, by tier (the issue "The language").
GOALS: Mapping[str, float] = {"T0": 97, "T1": 95, "T2": 95, "T3": 90, "all": 90, "named": 90}
#: Where the interviews lie in the corpus folder, as they do in their package.
EXAMPLES = Path("docassemble", "base", "data", "questions", "examples")
_ROW_RE = re.compile(r"^\|\s*`([\w.-]+\.yml)`\s*\|\s*(\S.*?)\s*\|\s*$", re.M)


class CorpusError(Exception):
    """The corpus cannot be compared; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some examples show what was recorded."""

    same: int
    total: int

    @property
    def percent(self) -> float:
        return 100.0 * self.same / self.total if self.total else 100.0

    def __str__(self) -> str:
        return f"{self.percent:5.1f} % ({self.same} of {self.total})"


# ------------------------------------------------------------------ where things are


def tools() -> Path | None:
    """The folder with compare.py, or None if this machine has none."""
    named = os.environ.get("PARLEY_CORPUS_TOOLS")
    folder = Path(named) if named else ROOT.parent / "shared" / "corpus"
    return folder if (folder / "compare.py").is_file() else None


def folder() -> Path:
    """Where the interviews are, or are to be put."""
    return Path(os.environ.get("PARLEY_CORPUS") or ROOT / "var" / "corpus")


def records(scripts: Path) -> list[dict[str, Any]]:
    """The recorded examples: file, tier, answers, screens …"""
    lines = (scripts / "expected_dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def reasons() -> dict[str, str]:
    """Why an example does not show what was recorded, by its file (the tables of docs/corpus.md)."""
    return dict(_ROW_RE.findall(REASONS.read_text(encoding="utf-8")))


def fetch(scripts: Path, corpus: Path) -> None:
    """Fill `corpus` if it is not there; a download that stops half way leaves nothing behind.

    Raises:
        CorpusError: the package index could not be reached, or holds no interviews.
    """
    if (corpus / EXAMPLES).is_dir():
        return
    corpus.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=corpus.parent, prefix=".corpus-") as made:
        new = Path(made) / "corpus"
        environment = {"PYTHON": sys.executable, **os.environ}
        done = subprocess.run(
            [str(scripts / "fetch_corpus.sh"), str(new)], env=environment, capture_output=True, text=True
        )
        if done.returncode or not (new / EXAMPLES).is_dir():
            raise CorpusError(
                f"the corpus cannot be fetched into {corpus}: {(done.stderr or done.stdout).strip()[-500:]}"
            )
        try:
            shutil.move(new, corpus)
        except OSError:
            if not (corpus / EXAMPLES).is_dir():  # else another process was quicker
                raise


# ------------------------------------------------------------------ comparing


def compare(scripts: Path, corpus: Path, options: Sequence[str] = ()) -> list[dict[str, Any]]:
    """compare.py's result for each example; what it prints is printed. Raises `CorpusError` if it fails."""
    command = Path(sys.executable).with_name("parley")
    with tempfile.TemporaryDirectory() as made:
        results = Path(made) / "results.json"
        arguments = [sys.executable, str(scripts / "compare.py"), "--corpus", str(corpus)]
        arguments += ["--expected", str(scripts / "expected_dev.jsonl"), "--command", f"{command} replay"]
        done = subprocess.run([*arguments, "--json", str(results), *options], cwd=ROOT)
        if done.returncode or not results.is_file():
            raise CorpusError(f"compare.py ended with status {done.returncode}")
        found: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    if not found:
        raise CorpusError("no example was compared: do --only and --tier name any?")
    return found


def needs_what_is_not_there(record: Mapping[str, Any], corpus: Path) -> list[str]:
    """The Python modules and packages an example names that are neither fetched with the corpus nor installed."""
    needed = record.get("requires") or {}
    packages = [name for name in needed.get("packages", ()) if not (corpus / name.replace(".", "/")).is_dir()]
    return packages + [name for name in needed.get("modules", ()) if not _importable(name)]


def _importable(name: str) -> bool:
    if name.startswith("."):
        return False  # beside the interview, where the corpus has no Python code
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


# ------------------------------------------------------------------ judging


def shares(results: Iterable[Mapping[str, Any]], named: frozenset[str]) -> dict[str, Share]:
    """By tier, of all, and of the examples the documentation names."""
    counts: dict[str, list[bool]] = {}
    for result in results:
        same = result["status"] == "same"
        for key in (result["tier"], "all", *(("named",) if result["file"] in named else ())):
            counts.setdefault(key, []).append(same)
    return {key: Share(sum(found), len(found)) for key, found in sorted(counts.items())}


def judge(
    results: Sequence[Mapping[str, Any]],
    examples: Sequence[Mapping[str, Any]],
    corpus: Path,
    why: Mapping[str, str],
    *,
    whole: bool,
) -> list[str]:
    """What is wrong, in words; prints the shares and the exceptions. Goals are those of the `whole` corpus."""
    by_file = {record["file"]: record for record in examples}
    modules.install([corpus])
    unable = {name: missing for name in by_file if (missing := needs_what_is_not_there(by_file[name], corpus))}
    named = frozenset(name for name, record in by_file.items() if record.get("named"))
    counted = shares((result for result in results if result["file"] not in unable), named)
    everything = shares(results, named)
    plain = shares((result for result in results if not by_file[result["file"]].get("requires")), named)

    wrong = []
    print("\nShows every recorded screen      goal  can be run                all                       --no-requires")
    for key, share in everything.items():
        goal = GOALS.get(key) if whole else None
        told = counted.get(key, Share(0, 0))
        columns = (f"{one!s:25}" for one in (told, share, plain.get(key, Share(0, 0))))
        print(f"  {key:<30} {f'{goal:.0f} %' if goal else '':>5}  {' '.join(columns)}".rstrip())
        if goal is not None and told.percent < goal:
            wrong.append(f"{key}: {told}, the goal is {goal:.0f} %")

    failing = {result["file"]: result for result in results if result["status"] != "same"}
    print(f"\n{len(failing)} examples do not (reasons: docs/corpus.md)")
    for name, result in failing.items():
        apart = f" [not there: {', '.join(unable[name])}]" if name in unable else ""
        print(f"  {result['tier']} {name}{apart}: {why.get(name, 'NO REASON')}")
        if name not in why:
            first = result["first"] or {}
            wrong.append(f"{name}: no reason in docs/corpus.md ({first.get('what')}: {str(first.get('detail'))[:300]})")
    ran = {result["file"] for result in results}
    for name in why:
        if name not in by_file:
            wrong.append(f"{name}: docs/corpus.md gives a reason for a file that the corpus does not have")
        elif name in ran and name not in failing:
            wrong.append(f"{name}: passes, and docs/corpus.md gives a reason why it does not")
    return wrong


def run(corpus: Path, options: Sequence[str] = ()) -> list[str]:
    """Fetch, compare, judge: what is wrong, in words. Raises `CorpusError`."""
    scripts = tools()
    if scripts is None:
        raise CorpusError(
            "the scripts of the corpus are not there: set PARLEY_CORPUS_TOOLS to the folder of compare.py"
        )
    fetch(scripts, corpus)
    results = compare(scripts, corpus, options)
    examples = records(scripts)
    return judge(results, examples, corpus, reasons(), whole=len(results) == len(examples))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpus", type=Path, default=folder(), help="folder of the interviews, filled if it is not there"
    )
    given, options = parser.parse_known_args(arguments)
    try:
        wrong = run(given.corpus.absolute(), options)
    except CorpusError as error:
        print(f"corpus: {error}", file=sys.stderr)
        return 2
    for line in wrong:
        print(f"corpus: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
