"""Where the bytes of two BSON documents differ, found without decoding either.

A BSON element says how long it is, so what is equal is passed over as bytes, at the speed of memory, and only documents that differ
are looked into. Does not live here: what is made of it (``delta``).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

_LENGTH = struct.Struct("<i")

#: Values shorter than this are replaced whole: a cut costs about as much as they do.
_LONG = 64
#: Of a document of fewer bytes, all that lies between what is common at both ends is one stretch, if one of the two has not more than so many
#: bytes there: that costs some comparisons of memory, while its elements are looked at one by one. So it is with an answer beside
#: hundreds of others. It may take in as many bytes that did not change.
_LITTLE, _NEAR = 256 * 1024, 160
#: Copying as many bytes takes longer than a view of them.
_VIEWED = 1024
#: More elements than this, beyond what is common at both ends, are not matched by name: that takes time with the square of their number.
_MATCHED = 500

_FIXED = {0x01: 8, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8, 0x07: 12, 0x13: 16, 0x06: 0, 0x7F: 0, 0xFF: 0}
_DOCUMENTS = (0x03, 0x04)


class Stretch(NamedTuple):
    """Bytes `start` to `end` of the one document stand where the other has those from `other` to `other_end`."""

    start: int
    end: int
    other: int
    other_end: int


class Element(NamedTuple):
    """Bytes `start` to `end`; `head` is its type and name, `value` where its value begins."""

    head: bytes
    start: int
    value: int
    end: int


class Strange(ValueError):
    """Bytes that are no document, or hold a type that nobody here writes."""


def stretches(one: bytes, two: bytes) -> list[Stretch]:
    """In ascending order, without overlaps: with each replaced, `one` is `two`. Raises `Strange`."""
    found: list[Stretch] = []
    todo = [(whole(one), whole(two))]
    try:
        while todo:
            left, right = todo.pop()
            found += _inside(one, left, two, right, todo)
    except (IndexError, struct.error) as error:
        raise Strange(f"no document ({type(error).__name__})") from None
    return sorted(found)


def _inside(
    one: bytes, left: Element, two: bytes, right: Element, todo: list[tuple[Element, Element]]
) -> Iterator[Stretch]:
    """What differs of two documents; those of their elements that are to be looked into come to `todo`."""
    if one[left.value : left.value + 4] != two[right.value : right.value + 4]:
        yield Stretch(left.value, left.value + 4, right.value, right.value + 4)
    near = _near(one, left, two, right)
    if near is not None:
        yield near
        return
    ours, theirs = elements(one, left), elements(two, right)
    begin = 0
    shorter = min(len(ours), len(theirs))
    while begin < shorter and _same(one, ours[begin], two, theirs[begin]):
        begin += 1
    end = 0
    while end < shorter - begin and _same(one, ours[-1 - end], two, theirs[-1 - end]):
        end += 1
    ours, theirs = ours[begin : len(ours) - end], theirs[begin : len(theirs) - end]
    # Where both begin, if there is nothing of one of them: after what is common.
    at = ours[0].start if ours else left.end - 1 if not end else _elements_start(one, left, begin)
    other = theirs[0].start if theirs else right.end - 1 if not end else _elements_start(two, right, begin)
    for ours_from, ours_to, theirs_from, theirs_to, pairs in _matched(ours, theirs):
        if pairs:
            for mine, its in zip(ours[ours_from:ours_to], theirs[theirs_from:theirs_to], strict=True):
                if not _same(one, mine, two, its):
                    yield from _pair(one, mine, two, its, todo)
            continue
        yield Stretch(
            *_span(ours, ours_from, ours_to, at),
            *_span(theirs, theirs_from, theirs_to, other),
        )


def _near(one: bytes, left: Element, two: bytes, right: Element) -> Stretch | None:
    """What lies between what two little documents have in common at both ends, whatever it is part of. None if that is too much."""
    if max(left.end - left.value, right.end - right.value) > _LITTLE:
        return None
    ours, theirs = one[left.value + 4 : left.end], two[right.value + 4 : right.end]
    begin = common(ours, theirs)
    end = _common_end(ours, theirs, but=begin)
    if min(len(ours), len(theirs)) - begin - end > _NEAR:
        return None
    start, other = left.value + 4, right.value + 4
    return Stretch(start + begin, start + len(ours) - end, other + begin, other + len(theirs) - end)


def _span(elements: list[Element], begin: int, end: int, at: int) -> tuple[int, int]:
    """From where to where elements `begin` to `end` stand, also if there is none of them."""
    start = elements[begin].start if begin < len(elements) else elements[-1].end if elements else at
    return start, elements[end - 1].end if end > begin else start


def _elements_start(data: bytes, document: Element, number: int) -> int:
    return elements(data, document)[number].start


def _matched(ours: list[Element], theirs: list[Element]) -> Iterator[tuple[int, int, int, int, bool]]:
    """Runs of elements: of the same names in pairs, or what stands in the place of what."""
    heads, others = [one.head for one in ours], [one.head for one in theirs]
    if heads == others:
        yield 0, len(heads), 0, len(others), True
    elif max(len(heads), len(others)) > _MATCHED or not (heads and others):
        yield 0, len(heads), 0, len(others), False
    else:
        for tag, a, b, c, d in SequenceMatcher(None, heads, others, autojunk=False).get_opcodes():
            yield a, b, c, d, tag == "equal"


def _same(one: bytes, mine: Element, two: bytes, its: Element) -> bool:
    size = mine.end - mine.start
    return size == its.end - its.start and (
        one[mine.start : mine.end] == two[its.start : its.end]
        if size < _VIEWED
        else two.startswith(memoryview(one)[mine.start : mine.end], its.start)  # copies neither
    )


def _pair(
    one: bytes, mine: Element, two: bytes, its: Element, todo: list[tuple[Element, Element]]
) -> Iterator[Stretch]:
    """Two elements of one name whose values differ."""
    if min(mine.end - mine.value, its.end - its.value) < _LONG:
        yield Stretch(mine.value, mine.end, its.value, its.end)
    elif mine.head[0] in _DOCUMENTS:
        todo.append((mine, its))
    else:
        value, other = one[mine.value : mine.end], two[its.value : its.end]
        prefix = common(value, other)
        suffix = common(value[prefix:][::-1], other[prefix:][::-1])
        if (
            prefix < 4 and value[4 : 4 + _LONG] == other[4 : 4 + _LONG]
        ):  # only the length in front differs, and something later
            yield Stretch(mine.value, mine.value + 4, its.value, its.value + 4)
            prefix = 4 + common(value[4:], other[4:])
            suffix = common(value[prefix:][::-1], other[prefix:][::-1])
        yield Stretch(mine.value + prefix, mine.end - suffix, its.value + prefix, its.end - suffix)


def common(one: str | bytes, two: str | bytes) -> int:
    """How many leading items the two texts share, by halving: each comparison runs at the speed of memory."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: bytes, two: bytes, *, but: int) -> int:
    """How many bytes both share at their ends, without the first `but`; as `common`, and nothing is turned around for it."""
    low, high = 0, min(len(one), len(two)) - but
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == two[len(two) - middle : len(two) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def whole(data: bytes) -> Element:
    """The document that these bytes are."""
    return Element(b"", 0, 0, len(data))


def elements(data: bytes, document: Element) -> list[Element]:
    """Of the document whose bytes begin at `document.value`."""
    at, end = document.value + 4, document.end - 1
    if _LENGTH.unpack_from(data, document.value)[0] != document.end - document.value or data[end] != 0:
        raise Strange("a document that is not as long as it says")
    found = []
    fixed, unpack, make = _FIXED, _LENGTH.unpack_from, tuple.__new__  # by its class it takes as long as the rest of it
    while at < end:
        kind = data[at]
        value = data.index(b"\0", at + 1, end) + 1
        size = fixed.get(kind)
        if size is None:
            if kind in _DOCUMENTS:
                size = unpack(data, value)[0]
            elif kind == 0x02:
                size = 4 + unpack(data, value)[0]
            elif kind == 0x05:
                size = 5 + unpack(data, value)[0]
            else:
                raise Strange(f"a type of BSON that no state holds: {kind}")
        if size < 0 or value + size > end:
            raise Strange("an element that goes beyond its document")
        found.append(make(Element, (data[at:value], at, value, value + size)))
        at = value + size
    return found
