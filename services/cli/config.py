"""``parley config``: whether the configuration is right, what is in force, and which keys there are.

``check [FILE]`` tells every mistake and doubt with its file and line; ``show [FILE]`` prints each setting with its value and
where it was set, secrets hidden; ``keys`` prints the table of docs/operators.md. FILE stands in for PARLEY_CONFIG. Exit
status: 0, 2 if something is wrong.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from services.cli.settings_table import effective, markdown
from services.settings import Loaded, SettingsError, load_with_places


def config(what: str, file: str | None = None, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    out, err = out or sys.stdout, err or sys.stderr
    if what == "keys":
        print(markdown(), end="", file=out)
        return 0
    try:
        loaded = _load(file)
    except SettingsError as error:
        for line in str(error).splitlines():
            print(f"parley: {line}", file=err)
        return 2
    for remark in loaded.settings.remarks:
        print(f"parley: warning: {remark}", file=err)
    if what == "show":
        print(effective(loaded), end="", file=out)
    else:
        mistakes = (*loaded.settings.schedules.mistakes, *loaded.settings.scheduler.mistakes)
        left_out = "The system starts with it, without the schedules named above."
        print(left_out if mistakes else "The configuration is right.", file=out)
    return 0


def _load(file: str | None) -> Loaded:
    environ = dict(os.environ)
    if file is not None:
        environ["PARLEY_CONFIG"] = file
    return load_with_places(environ, need_secret=False)
