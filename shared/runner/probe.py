"""Which walls can be put up on this machine: found out by a process that puts them up, ``python -m shared.runner.probe``.

Not for: what is to be done about one that is missing (`services.walls`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from functools import lru_cache

from shared.runner import isolation
from shared.runner.environment import clean_environment
from shared.runner.isolation import WALLS, Report, Rules
from shared.runner.reach import Reach

#: Seconds for what takes a tenth of one.
_PATIENCE = 30.0


class NoProbe(RuntimeError):
    """No process could be started to find out."""


@lru_cache(maxsize=8)
def probe(rules: Rules) -> Report:
    """What is active between author code and the rest here, under `rules`. Raises `NoProbe`."""
    try:
        with tempfile.TemporaryDirectory(prefix="parley-probe-") as folder:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "shared.runner.probe", json.dumps(asdict(rules)), folder],
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd="/",
                timeout=_PATIENCE,
                check=True,
            )
        return Report(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise NoProbe(f"no process for author code could be started: {type(error).__name__}") from error


def main(given: str, folder: str) -> None:
    """Take every measure, and print the `Report`. `folder` is there to be given away."""
    rules = replace(Rules.from_plain(json.loads(given)), may_miss=WALLS)
    namespace = None if rules.network else isolation.leave_network()
    nothing = Reach(read=(), listed=())
    memory = 512 * 1024 * 1024
    print(
        json.dumps(isolation.restrict(rules, given=nothing, folder=folder, memory=memory, namespace=namespace).plain())
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
