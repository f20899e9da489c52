#!/usr/bin/env python3
"""``answers NAME=VALUE…``: `make run` with these, until the start page and a demo's first screen have come; then it is ended.

Needs nothing but Python. Exit status 0 if both came and Ctrl-C ended it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

#: Seconds: the first run downloads everything.
PATIENCE = 1200


def main(given: list[str]) -> int:
    port = dict(item.split("=", 1) for item in given)["PORT"]
    process = subprocess.Popen(["make", "run", *given], start_new_session=True)
    address = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(address, timeout=30) as page:
                    assert b"demos" in page.read()
                break
            except (OSError, urllib.error.URLError):
                if process.poll() is not None or time.monotonic() > until:
                    print("make run did not come up", file=sys.stderr)
                    return 1
                time.sleep(0.2)
        with urllib.request.urlopen(f"{address}interview?i=demos:welcome.yml&json=1", timeout=60) as reply:
            print("first screen:", json.load(reply)["screen"]["question"].strip())
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does; make itself then ends with an error of its own
    process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
