"""Schedules as a configuration declares them: what is said of when, and every mistake with its line.

A mistake takes away its own schedule and no other: the rest runs. Not for: what happens at a tick (`services.clock`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from services.configuration.document import Entry, Node, Table, plain, repeated
from services.configuration.keys import normal
from services.schedules.core import CatchUp, Schedule, Trigger
from services.schedules.triggers import CRON_KEYS, INTERVAL_KEYS, BadTrigger, Interval, parse

#: Keys of every schedule besides those of its trigger. (`start_date`, `end_date`, `jitter` are APScheduler's words.)
KEYS = ("type", "timezone", "catch up", "catch up within", "start date", "end date", "jitter", "overlap")
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_LENGTH = re.compile(r"(\d+)\s*(second|minute|hour|day|week)s?")
_LONGEST = timedelta(days=3660)


class Overlap(StrEnum):
    """What becomes of a tick while the one before it still runs."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Declared:
    """One schedule of a configuration. `words` are those of its trigger; `more` is what its kind understands besides."""

    name: str
    line: int
    words: Mapping[str, Any]
    zone: str | None = None
    catch_up: CatchUp = CatchUp.ONCE
    within: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None
    jitter: int = 0
    overlap: Overlap | None = None
    more: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def schedule(self, zone: ZoneInfo) -> Schedule:
        """As the core wants it, in its own zone or else in `zone`. Raises `BadTrigger`."""
        own = ZoneInfo(self.zone) if self.zone is not None else zone
        trigger: Trigger = parse(self.words, zone=own)
        start, end = _in_zone(self.start, own), _in_zone(self.end, own)
        if isinstance(trigger, Interval) and start is not None:
            trigger = Interval(trigger.length, start)
        if start is not None or end is not None:
            trigger = Bounded(trigger, start, end)
        if self.jitter:
            trigger = Jittered(trigger, self.jitter, self.name)
        return Schedule(name=self.name, trigger=trigger, catch_up=self.catch_up, within=self.within, zone=self.zone)


@dataclass(frozen=True, slots=True)
class Mistake:
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Declarations:
    declared: tuple[Declared, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounded:
    """The moments of `inner` from `start` on and until `end`, both included."""

    inner: Trigger
    start: datetime | None
    end: datetime | None

    def next(self, after: datetime) -> datetime | None:
        if self.start is not None and after < self.start:
            after = self.start - timedelta(microseconds=1)
        found = self.inner.next(after)
        return None if found is None or (self.end is not None and found > self.end) else found


@dataclass(frozen=True, slots=True)
class Jittered:
    """Each moment of `inner` up to `seconds` later: the same for all clocks, for it follows from the moment and the name."""

    inner: Trigger
    seconds: int
    name: str

    def next(self, after: datetime) -> datetime | None:
        # Where the shift is longer than the interval, a later moment may come to stand before an earlier one.
        first: datetime | None = None
        moment = self.inner.next(after - timedelta(seconds=self.seconds))
        while moment is not None and (first is None or moment < first):
            shifted = moment + timedelta(seconds=self._shift(moment))
            if shifted > after and (first is None or shifted < first):
                first = shifted
            moment = self.inner.next(moment)
        return first

    def _shift(self, moment: datetime) -> int:
        digest = hashlib.blake2b(f"{self.name} {moment.isoformat()}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") % (self.seconds + 1)


def events(node: Node) -> Declarations:
    """What stands below ``schedules:``: names of events of interviews, each with its schedule."""
    if not isinstance(node, Table):
        return Declarations(
            mistakes=(Mistake(node.line, "schedules: expected names of events, each with its schedule"),)
        )
    found, mistakes = [], []
    for entry, before in repeated(node):
        mistakes.append(Mistake(entry.line, f"schedules: {entry.key}: is in line {before.line} already"))
    for entry in node.entries:
        problems: list[Mistake] = []
        if not entry.key.isidentifier():
            problems.append(
                Mistake(entry.line, f"schedules: {entry.key}: expected a name that Python takes for a variable")
            )
        one = declared(entry, entry.key, above="schedules", problems=problems, more=())
        mistakes.extend(problems)
        if one is not None and not problems:
            found.append(one)
    return Declarations(tuple(found), tuple(mistakes))


def declared(
    entry: Entry,
    name: str,
    *,
    above: str,
    problems: list[Mistake],
    more: Collection[str],
    overlap: Overlap | None = None,
) -> Declared | None:
    """The schedule that `entry` declares; None (and what is wrong in `problems`) if it declares none. `overlap` is what holds unless said."""
    where = f"{above}: {entry.key}"
    if not isinstance(entry.value, Table):
        problems.append(
            Mistake(entry.line, f"{where}: expected `type: interval` or `type: cron` with what belongs to it")
        )
        return None
    reader = _Reader(entry.value, where, problems)
    words = reader.trigger((*KEYS, *more))
    given = Declared(
        name=name,
        line=entry.line,
        words=words,
        zone=reader.zone(),
        catch_up=reader.choice("catch up", CatchUp, CatchUp.ONCE),
        within=reader.length("catch up within"),
        start=reader.moment("start date"),
        end=reader.moment("end date"),
        jitter=reader.seconds("jitter"),
        overlap=reader.choice("overlap", Overlap, overlap),
        more=MappingProxyType({key: reader.values[key] for key in more if key in reader.values}),
    )
    if not reader.problems_here:
        try:
            given.schedule(ZoneInfo("UTC"))
        except BadTrigger as error:
            for problem in error.problems:
                reader.wrong(problem.partition(":")[0], problem.partition(": ")[2] or problem)
    return None if reader.problems_here else given


class _Reader:
    """The keys of one table, each read once; what is wrong is noted with its line."""

    def __init__(self, table: Table, where: str, problems: list[Mistake]) -> None:
        self._where = where
        self._problems = problems
        self._line = table.line
        self._lines = {normal(one.key): one.line for one in table.entries}
        self.values: dict[str, Any] = {normal(one.key): plain(one.value) for one in table.entries}
        self.problems_here = 0
        for one, before in repeated(table):
            self.wrong(normal(one.key), f"is in line {before.line} already")

    def wrong(self, key: str, what: str) -> None:
        self.problems_here += 1
        line = self._lines.get(normal(key), self._line)
        self._problems.append(Mistake(line, f"{self._where}: {key}: {what}"))

    def trigger(self, others: Collection[str]) -> dict[str, Any]:
        """The words of the trigger. Keys that are nobody's are mistakes, with a guess."""
        known = {normal(key): key for key in (*INTERVAL_KEYS, *CRON_KEYS)}
        words: dict[str, Any] = {}
        for key, value in self.values.items():
            if key in known:
                words[known[key]] = value
            elif key == "type":
                words["type"] = value
            elif key not in others:
                near = get_close_matches(key, [*known, *others], 1, 0.6)
                self.wrong(key, "there is no such key" + (f"; did you mean {near[0]!r}?" if near else ""))
        return words

    def zone(self) -> str | None:
        name = self.values.get("timezone")
        if name is None:
            return None
        try:
            return ZoneInfo(name).key
        except Exception:  # it raises many things: for no text, for a path, for a folder
            self.wrong("timezone", "expected the name of a time zone, like Europe/Berlin")
            return None

    def choice(self, key: str, kind: Any, default: Any) -> Any:
        if key not in self.values:
            return default
        value = self.values[key]
        if value not in list(kind):
            self.wrong(key, f"expected {', '.join(kind)}")
            return default
        return kind(value)

    def length(self, key: str) -> timedelta | None:
        value = self.values.get(key)
        if value is None:
            return None
        seconds = value if isinstance(value, int) and not isinstance(value, bool) else None
        if isinstance(value, str) and (match := _LENGTH.fullmatch(value.strip())):
            seconds = int(match[1]) * _UNITS[match[2]]
        if seconds is None or not 60 <= seconds <= _LONGEST.total_seconds():
            self.wrong(key, "expected a time of at least a minute, like 600 (seconds) or 2 hours")
            return None
        return timedelta(seconds=seconds)

    def seconds(self, key: str) -> int:
        value = self.values.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 86400:
            self.wrong(key, "expected a whole number of seconds, at most a day")
            return 0
        return value

    def moment(self, key: str) -> datetime | None:
        value = self.values.get(key)
        if value is None:
            return None
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.wrong(key, "expected a date or a time, like 2026-01-15 or 2026-01-15 06:00")
            return None


def _in_zone(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
