"""``python -m tests.fuzz DRIVER --count N --seed S``: exit status 1 if anything was wrong."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.drivers import DRIVERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Made-up input without end.")
    parser.add_argument("driver", choices=sorted(DRIVERS))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    report = DRIVERS[given.driver](count=given.count, seed=given.seed, first=given.first)
    print(report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
