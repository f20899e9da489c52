"""The walls around author code as a service meets them: what must lie outside of them, which are missing here, whether it may start.

Closed by default: a service does not begin to run author code while a wall is missing that the operator did not give up by name, or
while a secret lies within reach. Not for: how the walls are put up (`shared.runner.isolation`).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import prometheus_client

from services.settings import Settings
from shared.runner import reach
from shared.runner.isolation import WALLS, Report, Rules
from shared.runner.probe import NoProbe, probe

ACTIVE = prometheus_client.Gauge("parley_wall", "Whether a wall around author code is up: 1, or 0", ["wall"])

#: The wall between two sessions of an interview: it is down if they share processes (`isolation`).
SESSION = "session"

#: What each wall keeps author code from, for the line that says that it is missing.
_WITHOUT: Mapping[str, str] = {
    "landlock": "it can read what this user can read",
    "seccomp": "it can use the network and start programs",
    "user": "it runs as root",
    SESSION: "what it leaves behind meets the next session of its interview",
}


class WallsDown(Exception):
    """Author code must not be run like this; said to the operator as it is."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What is active here. `of_its_own`: whether a user of its own is possible at all (the service is root)."""

    report: Report
    of_its_own: bool
    shared: bool = False  #: sessions of an interview share processes

    @property
    def active(self) -> Mapping[str, bool]:
        """By the names of `WALLS`, and `SESSION`; a service that is not root has no user to give."""
        wanted = [wall for wall in WALLS if wall != "user" or self.of_its_own]
        return {**{wall: wall not in self.report.missing for wall in wanted}, SESSION: not self.shared}

    @property
    def line(self) -> str:
        """One line for whoever starts it: what is up, or what is missing and what that means."""
        missing = [wall for wall, up in self.active.items() if not up]
        if not missing:
            return f"Author code runs behind {', '.join(wall for wall in self.active if wall != SESSION)}."
        why = "; ".join(_WITHOUT[wall] for wall in missing)
        return f"Author code runs without {', '.join(missing)} here ({why}): run only interviews that you trust."


def shared(settings: Settings) -> bool:
    """Whether sessions of an interview share processes."""
    return settings.isolation == "interview"


def rules(settings: Settings) -> Rules:
    """The rules for the children of a service with these settings."""
    everywhere = "all" in settings.author_network
    return Rules(
        may_miss=settings.missing_walls,
        network=everywhere,
        networked=() if everywhere else settings.author_network,
        readable=tuple(str(path.absolute()) for path in settings.author_reads),
        guarded=tuple(str(path) for path in _guarded(settings).values()),
    )


def check(settings: Settings) -> Walls:
    """What is active. Raises `WallsDown` for a wall that is missing and not given up, or a secret within reach; counts what is up."""
    problems = list(_within_reach(settings))
    if problems:
        raise WallsDown("\n".join(problems))
    try:
        report = probe(rules(settings))
    except NoProbe as error:
        raise WallsDown(str(error)) from error
    walls = Walls(report, os.geteuid() == 0, shared(settings))
    for wall, up in walls.active.items():
        ACTIVE.labels(wall).set(up)
    refused = [wall for wall in report.missing if wall not in settings.missing_walls]
    if refused:
        notes = f" ({'; '.join(report.notes)})" if report.notes else ""
        raise WallsDown(
            f"author code is not run here: no {' and no '.join(refused)}{notes}. To run it all the same, name what may be missing: "
            f"PARLEY_MISSING_WALLS={','.join(refused)} (`missing walls:` in the configuration)"
        )
    return walls


def at_an_authors_desk(settings: Settings) -> Settings:
    """The settings of `parley run`: reached by nobody else, it goes on without walls, and says so."""
    if all(map(_is_loopback, (settings.host, settings.smtp_host))):
        return replace(settings, missing_walls=WALLS)
    return settings


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _guarded(settings: Settings) -> dict[str, Path]:
    """What no interview may read, by what it is."""
    found = {} if settings.distributed else {"the folder for what is kept": settings.var}
    if config := os.environ.get("PARLEY_CONFIG"):
        found["the configuration"] = Path(config)
    if settings.database.startswith("sqlite:"):
        found["the database"] = Path(settings.database.removeprefix("sqlite://"))
    if settings.log is not None:
        found["the folder for logs"] = settings.log
    return {what: path.expanduser().absolute() for what, path in found.items()}


def _within_reach(settings: Settings) -> Iterator[str]:
    """A line for each thing that an interview could read and must not."""
    guarded = _guarded(settings)
    known, lone = reach.packages(settings.packages), reach.lone(settings.packages)
    everybody = (*reach.system(), *rules(settings).readable)
    for what, path in guarded.items():
        if through := reach.reached(path, everybody):
            yield f"{what}, {path}, lies in {through}, which author code can read. Move it elsewhere"
    for name, place in known.items():
        read = reach.of({name: place}, lone=lone, guarded=map(str, guarded.values())).read
        for what, path in guarded.items():
            if through := reach.reached(path, read):
                yield f"{what}, {path}, lies in {through}, which interviews of {name} can read. Move it elsewhere"
        for other, folder in known.items():
            if other != name and folder.resolve() != place.resolve() and reach.reached(folder, read):
                yield f"the package {other} lies inside of {name} ({folder}): interviews of {name} could read it. Move it elsewhere"
