"""``parley doctor``: what stands around author code on this machine, and whether services would start here.

One line for each thing looked at. Exit status: 0 if author code would run, 1 if not, 2 if the settings are wrong.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from services import walls
from services.settings import Settings, SettingsError, load
from shared.runner.probe import NoProbe, probe


def doctor(*, out: TextIO | None = None) -> int:
    out = out or sys.stdout
    try:
        given = load(need_secret=False)
    except SettingsError as error:
        print("\n".join(f"parley: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    settings = given if given.distributed else walls.at_an_authors_desk(given)
    for what, found in _looked_at(settings):
        print(f"{what:<10} {found}", file=out)
    try:
        around = walls.check(settings)
    except walls.WallsDown as problem:
        print(problem, file=out)
        return 1
    print(around.line, file=out)
    return 0


def _looked_at(settings: Settings) -> list[tuple[str, str]]:
    network = ", ".join(settings.author_network)
    lines = [("network", f"open to interviews of: {network}" if network else "closed to interviews (`author network`)")]
    try:
        report = probe(walls.rules(settings))
    except NoProbe as error:
        return [*lines, ("walls", str(error))]
    user = (
        "not root: interviews run as this user"
        if os.geteuid()
        else f"{report.user or 'missing: interviews run as root'}"
    )
    return [
        ("landlock", report.files),
        ("seccomp", report.system_calls),
        ("user", user),
        *lines,
        (
            walls.SESSION,
            "shares processes with others of its interview" if walls.shared(settings) else "a process each",
        ),
        *(("note", note) for note in report.notes if os.geteuid() == 0),
    ]
