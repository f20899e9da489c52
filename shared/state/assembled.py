"""A state in bytes of which large runs stand by themselves: what rests is neither copied nor compared when the rest is written anew.

What two of them have in common is known where both hold the same runs, the very same objects in the same order. Then only what stands between
them is looked at: as a document of its own, from which the runs are left out. Whoever wants the bytes joins them. Does not live here: which
variables rest (``resting``), how a delta looks (``delta``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from operator import is_
from typing import Final, Self
from zlib import crc32

from shared.state import delta
from shared.state.delta import Cut, Difference
from shared.state.pieces import Place, parts_of
from shared.state.stretches import Strange, Stretch, stretches
from shared.state.sums import joined as sum_of_both

#: Runs of fewer bytes are copied and compared: that takes less time than passing them by.
LARGE: Final = 64 * 1024


@dataclass(slots=True, eq=False, repr=False)
class Run:
    """Parts that stand one behind the other, before byte `at` of what is left without any run."""

    at: int
    parts: tuple[bytes, ...]
    size: int
    _sum: int | None = None

    def sum(self) -> int:
        if self._sum is None:
            self._sum = 0
            for one in self.parts:
                self._sum = crc32(one, self._sum)
        return self._sum

    def same_as(self, other: Self) -> bool:
        """Whether it is made of the same objects. What is known of one is known of both then."""
        if len(self.parts) != len(other.parts) or not all(map(is_, self.parts, other.parts)):
            return False
        self._sum = other._sum if self._sum is None else self._sum
        return True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assembled:
    """`bare` is what is left without the `runs`; `document` is the same as a document, with the lengths that it then has.

    `lengths`: where those stand that are others.
    """

    bare: bytes
    document: bytes
    lengths: tuple[int, ...]
    runs: tuple[Run, ...]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.bare) + sum(run.size for run in self.runs))

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        parts: list[bytes] = []
        for section, run in zip(self._sections(), (*self.runs, None), strict=True):
            parts += (section, *(run.parts if run is not None else ()))
        return b"".join(parts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, bytes | Assembled) or len(other) != len(self):
            return False
        if isinstance(other, Assembled) and self.holds_as(other):
            return self.bare == other.bare and self._places() == other._places()
        return bytes(self) == bytes(other)

    __hash__ = None  # type: ignore[assignment]  # as of a bytearray: nobody looks for one

    def holds_as(self, other: Assembled) -> bool:
        """Whether both have the same runs, in the same order."""
        return len(self.runs) == len(other.runs) and all(map(Run.same_as, self.runs, other.runs))

    def sum(self) -> int:
        """That of the bytes. Of a run it is found once."""
        found = 0
        for section, run in zip(self._sections(), (*self.runs, None), strict=True):
            found = crc32(section, found)
            if run is not None:
                found = sum_of_both(found, run.sum(), run.size)
        return found

    def _places(self) -> list[int]:
        return [run.at for run in self.runs]

    def bounds(self) -> list[int]:
        """Where its sections begin and end: what stands in front of the first run, between two, behind the last."""
        return [0, *self._places(), len(self.bare)]

    def _sections(self) -> list[bytes]:
        return [self.bare[begin:end] for begin, end in pairwise(self.bounds())]


Written = bytes | Assembled


def assembled(
    variables: Iterable[bytes],
    internal: bytes,
    tables: Mapping[Place, bytes],
    following: bytes,
    *,
    resting: Iterable[bytes],
) -> Written:
    """As `pieces.written`; what of the elements and tables is among `resting`, as an object, may stand by itself."""
    variables = list(variables)
    parts = parts_of(variables, internal, tables, following)
    runs = _runs(parts, set(map(id, resting)))
    if not runs:
        return b"".join(parts)
    apart = {id(part) for _, members in runs for part in members}
    own = parts_of(
        _without(variables, apart),
        internal,
        dict(zip(tables, _without(tables.values(), apart), strict=True)),
        following,
    )
    at, lengths = 0, []
    for part, alone in zip(parts, own, strict=True):
        if alone is not part and alone and alone != part:
            lengths.append(at)
        at += len(alone)
    bare = b"".join([part for part in parts if id(part) not in apart])
    if len(bare) != at:  # an object that stands there twice
        return b"".join(parts)
    made = tuple(Run(at, tuple(members), sum(map(len, members))) for at, members in runs)
    return Assembled(bare, b"".join(own), tuple(lengths), made)


def _without(parts: Iterable[bytes], apart: Collection[int]) -> list[bytes]:
    return [b"" if id(part) in apart else part for part in parts]


def _runs(parts: list[bytes], resting: Collection[int]) -> list[tuple[int, list[bytes]]]:
    """Those that are long enough, each with the place at which it is left out of the others."""
    found: list[tuple[int, list[bytes]]] = []
    at, run = 0, list[bytes]()
    for part in (*parts, b""):
        if id(part) in resting:
            run.append(part)
            continue
        if run:
            if (size := sum(map(len, run))) >= LARGE:
                found.append((at, run))
            else:
                at += size
            run = []
        at += len(part)
    return found


def difference(old: Written, new: Written, known: int | None = None, *, wanted: bool = True) -> Difference:
    """As `delta.difference`, without a look at the runs that both have."""
    if isinstance(old, Assembled) and isinstance(new, Assembled) and new.holds_as(old):
        found = _apart(old, new)
        if found is not None:
            sums = old.sum() if known is None else known, new.sum()
            reverse = delta.of_cuts(_cuts(new, old, (Stretch(*one[2:], *one[:2]) for one in found)), sums[::-1])
            forward = delta.of_cuts(_cuts(old, new, found), sums)
            if delta.little(reverse, len(old)):
                return Difference(reverse, forward if len(forward) < len(new) // 2 else None, sums[1])
    return delta.difference(bytes(old), bytes(new), known, wanted=wanted)


def _cuts(old: Assembled, new: Assembled, found: Iterable[Stretch]) -> Iterator[Cut]:
    """As they are of the whole bytes: behind the runs that end up to there."""
    runs, passed = deque(old.runs), 0
    for one in found:
        while runs and _behind(one, runs[0].at, new.runs[len(new.runs) - len(runs)].at):
            passed += runs.popleft().size
        yield passed + one.start, one.end - one.start, new.bare[one.other : one.other_end]


def _behind(one: Stretch, at: int, other: int) -> bool:
    return one.start >= at and one.other >= other


def _apart(old: Assembled, new: Assembled) -> list[Stretch] | None:
    """What differs of what is left of both, cut where a run stands; None where it cannot be told so."""
    try:
        found = deque(_with_lengths(stretches(old.document, new.document), old, new))
    except Strange:
        return None
    made: list[Stretch] = []
    begin = begin_other = 0
    for end, end_other in zip(old.bounds()[1:], new.bounds()[1:], strict=True):
        while found and not _behind(found[0], end, end_other):
            one = found.popleft()
            if one.end > end or one.other_end > end_other:  # on both sides of a run
                found.appendleft(Stretch(end, one.end, end_other, one.other_end))
                one = Stretch(one.start, end, one.other, end_other)
            if min(one.end - one.start, one.other_end - one.other) < 0:
                return None
            if old.bare[begin : one.start] != new.bare[begin_other : one.other]:
                return None
            made.append(one)
            begin, begin_other = one.end, one.other_end
        if old.bare[begin:end] != new.bare[begin_other:end_other]:
            return None
        begin, begin_other = end, end_other
    return made


def _with_lengths(found: list[Stretch], old: Assembled, new: Assembled) -> list[Stretch]:
    """The lengths that are others in the whole bytes differ as they do there."""
    if len(old.lengths) == len(new.lengths):
        for at, other in zip(old.lengths, new.lengths, strict=True):
            if old.bare[at : at + 4] != new.bare[other : other + 4]:
                found = _with(Stretch(at, at + 4, other, other + 4), found)
    return found


def _with(one: Stretch, found: list[Stretch]) -> list[Stretch]:
    """`found`, and `one`; what it touches of them grows by as much on both sides, so that what is left stands where it stood."""
    hit = [each for each in found if _overlap(each, one)]
    if not hit:
        return sorted((*found, one))
    first, last = hit[0], hit[-1]
    before = max(0, first.start - one.start, first.other - one.other)
    after = max(0, one.end - last.end, one.other_end - last.other_end)
    grown = Stretch(first.start - before, last.end + after, first.other - before, last.other_end + after)
    return _with(grown, [each for each in found if each not in hit])


def _overlap(one: Stretch, two: Stretch) -> bool:
    return (one.start < two.end and two.start < one.end) or (one.other < two.other_end and two.other < one.other_end)
