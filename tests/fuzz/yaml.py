"""Interviews as YAML: the loader answers with an interview or with problems."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from shared.language.check import check
from shared.language.errors import LanguageError
from shared.language.library import Library
from shared.language.sources import Sources
from tests.fuzz.driver import Report, drive, mangled

DEMOS = Path(__file__).parents[2] / "demos" / "data" / "questions"


def run(*, count: int, seed: int, first: int = 0) -> Report:
    samples = [path.read_bytes() for path in sorted(DEMOS.rglob("*.yml"))]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.yml"
        sources = Sources(lone=[("fuzzed", Path(folder))])

        def case(dice: random.Random) -> str:
            text = dice.choice(samples)
            if dice.random() < 0.3:  # blocks of two interviews in one
                text += b"\n---\n" + dice.choice(samples)
            file.write_bytes(mangled(dice, text))
            try:
                Library(sources).load("fuzzed:x.yml")
            except LanguageError:
                assert check("fuzzed:x.yml", Library(sources)), "it does not load, and nothing is wrong with it"
                return "problems"
            check("fuzzed:x.yml", Library(sources))
            return "loads"

        return drive(case, count=count, seed=seed, first=first)
