"""What compiling an interview costs: the first time, from the cache on disk, and after one of its files was saved.

    python bench/compiling.py PACKAGE:FILE --root FOLDER [--root FOLDER] [--rounds N]

Processor time in seconds, the median of the rounds. The files are copied into a folder of its own first: nothing of yours is changed.
Saved is, in turn, the interview's own file and the one in the middle of its includes, once with a block put in at its end and once at
its beginning, which moves all that follows. Goals for an interview of about 10,000 lines: 1.5 s, 0.1 s, 0.5 s.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared.language.cachefile import Cache, program
from shared.language.compile import Compiled
from shared.language.library import Library
from shared.language.sources import Sources

BLOCK = "code: |\n  put_in_by_the_bench = 1\n"


class Bench:
    """Compiles `name` of a copy of the packages below `roots`."""

    def __init__(self, name: str, roots: list[Path], folder: Path) -> None:
        self.name = name
        self.root = folder / "packages"
        for root in roots:
            shutil.copytree(root, self.root, dirs_exist_ok=True)
        self.cache = folder / "cache"
        self.times: dict[str, list[float]] = {}

    def compiled(self, what: str) -> Compiled:
        time.sleep(0.02)  # nothing is kept of what is written while it is compiled
        began = time.process_time()
        made = Library(Sources([self.root]), cache=Cache(self.cache)).compiled(self.name)
        self.times.setdefault(what, []).append(time.process_time() - began)
        if made.interview is None:
            raise SystemExit("\n".join(map(str, made.problems)))
        return made

    def round(self) -> Compiled:
        shutil.rmtree(self.cache, ignore_errors=True)
        made = self.compiled("first")
        self.compiled("from the cache")
        own = [source for source in made.sources if source.path.suffix in (".yml", ".yaml")]
        for source in (own[0], own[len(own) // 2]):
            text = source.path.read_text("utf-8")
            source.path.write_text(f"{text}\n---\n{BLOCK}", "utf-8")
            self.compiled("saved, a block at the end")
            source.path.write_text(f"{BLOCK}---\n{text}", "utf-8")
            self.compiled("saved, a block at the beginning")
            source.path.write_text(text, "utf-8")
            self.compiled("saved as it was")
        return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python bench/compiling.py")
    parser.add_argument("name")
    parser.add_argument("--root", type=Path, action="append", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    program()  # once for a process that serves
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(given.name, given.root, Path(folder))
        for _ in range(given.rounds):
            made = bench.round()
        lines = sum(Sources([bench.root]).text(source).count("\n") for source in made.sources)
    print(f"{given.name}: {len(made.sources)} files, {lines} lines")
    for what, times in bench.times.items():
        print(f"{what:32} {statistics.median(times):.3f} s")


if __name__ == "__main__":
    main()
