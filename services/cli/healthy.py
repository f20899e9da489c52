"""``python -m services.cli.healthy URL``: exit status 0 if the URL answers 200; for health checks in images without curl."""

from __future__ import annotations

import sys
from urllib.error import URLError
from urllib.request import urlopen


def healthy(url: str) -> bool:
    try:
        with urlopen(url, timeout=3) as answer:  # noqa: S310 - the operator's own address
            return int(answer.status) == 200
    except (URLError, OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and healthy(sys.argv[1]) else 1)
