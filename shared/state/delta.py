"""Deltas: what turns the bytes of one state into those of another, byte for byte. The reverse one is what Back needs, the forward one
is what is sent and kept in the place of a large state.

Works on any two BSON documents and knows nothing of objects. The size of a delta follows what changed: an insertion at the
front of a list, one attribute of one object among thousands, one word in a long text. Does not live here: which deltas
are kept (``shared.store``).

There are two forms. *Cuts* (`_CUT`) are stretches of bytes, found and applied without decoding anything (``stretches``): so making them costs
little more than comparing memory. Where that gives much, because everything behind an insertion has another number, the *tree* of
what changed is made of the decoded documents, and the smaller one is taken. It is made with Python's quick ``==``, which calls 1, 1.0 and True
equal, and then tried out; only if the trial does not give the old bytes is it made again by comparing encoded values.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Any, NamedTuple
from zlib import crc32

from bson import decode as bson_decode
from bson import encode as bson_encode
from bson.errors import BSONError

from shared.state.errors import DamagedDelta
from shared.state.stretches import Strange, Stretch, common, stretches
from shared.state.sums import sum_after
from shared.state.values import Node

_FORMAT = 1
_CUT = 2

#: A cut of `_CUT`: at which byte, how many go, how many come.
_PLACE = struct.Struct("<III")
#: Cuts of fewer bytes are taken as they are, and such as are a small part of the whole.
_SMALL = 400
_PART = 128

#: Texts shorter than this are replaced whole: a cut costs about as much as they do.
_LONG = 64

#: Longer stretches of a list, in which many places changed, are replaced whole: matching them takes time with the square of their length.
_MATCHED = 2000

_ABSENT = object()

Same = Callable[[object, object], bool]


def reverse_delta(old: bytes, new: bytes) -> bytes:
    """The delta for which ``apply_delta(new, delta) == old``."""
    return deltas(old, new)[0]


def deltas(old: bytes, new: bytes) -> tuple[bytes, bytes | None]:
    """The reverse delta, and one for which ``apply_delta(old, delta) == new``: None where that would be about as much as `new`."""
    made = difference(old, new)
    return made.reverse, made.forward


#: At which byte, how many go, and what comes.
Cut = tuple[int, int, bytes]


class Difference(NamedTuple):
    """As `deltas` gives them, and the sum of the new bytes."""

    reverse: bytes
    forward: bytes | None
    sum: int


def difference(old: bytes, new: bytes, known: int | None = None, *, wanted: bool = True) -> Difference:
    """With the sum of `old`, if it is known: then what both have in common need not be read for the sums.

    `wanted`: the delta forward, too.
    """
    before = crc32(old) if known is None else known
    if old == new:
        return Difference(same := _headed(_FORMAT, before, before), same, before)
    try:
        found = stretches(old, new)
    except Strange:
        sums = before, crc32(new)
        return Difference(_tree(old, new, sums), None, sums[1])
    sums = before, sum_after(before, old, new, found)
    reverse = of_cuts([(at, upto - at, old[start:end]) for start, end, at, upto in found], sums[::-1])
    if not little(reverse, len(old)):
        reverse = min(reverse, _tree(old, new, sums), key=len)
    if not wanted:
        return Difference(reverse, None, sums[1])
    forward = of_cuts([(start, end - start, new[at:upto]) for start, end, at, upto in found], sums)
    return Difference(reverse, forward if len(forward) < len(new) // 2 else None, sums[1])


def _headed(form: int, old: int, new: int, **rest: object) -> bytes:
    """`old` and `new` are sums of what the delta leads to, and from."""
    return bson_encode({"f": form, "n": new, "o": old, **rest})


def of_cuts(cuts: Iterable[Cut], sums: tuple[int, int]) -> bytes:
    """The delta that these are, in ascending order, with the sums of what it is put to and of what it leads to."""
    places, parts = [], []
    for start, gone, content in cuts:
        places.append(_PLACE.pack(start, gone, len(content)))
        parts.append(content)
    return _headed(_CUT, sums[1], sums[0], p=b"".join(places), b=b"".join(parts))


def little(cuts: bytes, whole: int) -> bool:
    """Whether a delta of cuts is taken for a state of `whole` bytes without a look at whether another form is smaller."""
    return len(cuts) <= max(_SMALL, whole // _PART)


def _tree(old: bytes, new: bytes, sums: tuple[int, int]) -> bytes:
    for same in (_equal, _identical):
        try:
            tree = bson_decode(new)
            node = _difference(bson_decode(old), tree, same)
            if node is None:  # only types differ: the quick comparison did not see it
                continue
            delta = _headed(_FORMAT, *sums, d=node)
            if len(delta) < len(old) and bson_encode(_apply(tree, bson_decode(delta)["d"])) == old:
                return delta
        except (RecursionError, BSONError):
            break
    return _headed(_FORMAT, *sums, w=old)


def apply_delta(new: bytes, delta: bytes) -> bytes:
    """The old bytes. Raises `DamagedDelta` if `delta` was not made for `new`."""
    try:
        head = bson_decode(delta)
        if head["f"] not in (_FORMAT, _CUT):
            raise DamagedDelta(f"a delta of format {head['f']}, which this version does not know")
        if head["f"] == _CUT:
            return _cut_to(new, head, None)
        if head["n"] != crc32(new):
            raise DamagedDelta("this delta belongs to another state")
        expected = head["o"]
        if "w" in head:
            old = bytes(head["w"])
        elif "d" in head:
            old = bson_encode(_apply(bson_decode(new), head["d"]))
        else:
            old = new
    except (BSONError, LookupError, TypeError, ValueError, AttributeError, RecursionError, struct.error) as error:
        raise DamagedDelta(f"this delta cannot be applied ({type(error).__name__})") from None
    if crc32(old) != expected:
        raise DamagedDelta("this delta does not lead to the state it was made for")
    return old


def apply_cuts(old: bytes, delta: bytes, known: int | None = None) -> tuple[bytes, int]:
    """The new bytes of a forward delta from whoever is not believed, and their sum; `known` is that of `old`, if it is known.

    Nothing is decoded but its head. Raises `DamagedDelta`.
    """
    try:
        head = bson_decode(delta)
        known = crc32(old) if known is None else known
        if head["f"] == _CUT:
            return _cut_to(old, head, known), head["o"]
        if not head.keys() & {"d", "w"} and head["n"] == head["o"] == known:
            return old, known
    except (BSONError, LookupError, TypeError, ValueError, struct.error) as error:
        raise DamagedDelta(f"this delta cannot be applied ({type(error).__name__})") from None
    raise DamagedDelta("this is no delta of cuts")


def _cut_to(data: bytes, head: Node, known: int | None) -> bytes:
    if head["n"] != (crc32(data) if known is None else known):
        raise DamagedDelta("this delta belongs to another state")
    made, found = _cut(data, bytes(head["p"]), bytes(head["b"]))
    if sum_after(head["n"], data, made, found) != head["o"]:
        raise DamagedDelta("this delta does not lead to the state it was made for")
    return made


def _cut(data: bytes, places: bytes, content: bytes) -> tuple[bytes, list[Stretch]]:
    view = memoryview(data)
    parts: list[memoryview | bytes] = []
    found: list[Stretch] = []
    at = taken = moved = 0
    for start, gone, come in _PLACE.iter_unpack(places):
        if start < at:
            raise ValueError("cuts that overlap")
        if start + gone > len(data) or taken + come > len(content):
            raise ValueError("cuts beyond the end")
        parts += (view[at:start], content[taken : taken + come])
        found.append(Stretch(start, start + gone, start + moved, start + moved + come))
        at, taken, moved = start + gone, taken + come, moved + come - gone
    parts.append(view[at:])
    return b"".join(parts), found


# -- making: nodes are {"v": value} replaced, {"t": …} a text cut, {"d": …} a dict, {"l": …} a list; None: nothing changed


def _equal(old: object, new: object) -> bool:
    return type(old) is type(new) and old == new


def _identical(old: object, new: object) -> bool:
    return bson_encode({"": old}) == bson_encode({"": new})


def _difference(old: Any, new: Any, same: Same) -> dict[str, object] | None:
    if same(old, new) and (type(old) is not dict or list(old) == list(new)):
        return None
    if type(old) is type(new):
        if type(old) is dict:
            return _dicts(old, new, same)
        if type(old) is list:
            return _lists(old, new, same)
        if type(old) in (str, bytes) and len(old) >= _LONG:
            return _texts(old, new)
    return {"v": old}


def _texts(old: str | bytes, new: str | bytes) -> dict[str, object]:
    prefix = common(old, new)
    suffix = common(old[prefix:][::-1], new[prefix:][::-1])
    return {"t": [prefix, suffix, old[prefix : len(old) - suffix]]}


def _dicts(old: dict[str, object], new: dict[str, object], same: Same) -> dict[str, object]:
    changed: dict[str, object] = {}
    for key, value in old.items():
        other = new.get(key, _ABSENT)
        # The quick way for what most of a state is: unchanged.
        if other is _ABSENT or (
            same is _equal and type(other) is type(value) and type(value) is not dict and other == value
        ):
            continue
        node = _difference(value, other, same)
        if node is not None:
            changed[key] = node
    node = {}
    if changed and list(old) == list(new):
        return {"d": {"c": changed}}
    stay = _in_order(old, new)
    if len(stay) < len(new):
        node["x"] = [key for key in new if key not in old]
    if len(stay) < len(old):
        # [position in old, key] of what moved, [position, key, value] of what is gone from new: inserted in ascending order.
        node["i"] = [
            [index, key] if key in new else [index, key, value]
            for index, (key, value) in enumerate(old.items())
            if key not in stay
        ]
    if changed:
        node["c"] = changed
    return {"d": node}


def _in_order(old: dict[str, object], new: dict[str, object]) -> set[str]:
    """The largest set of common keys that stand in the same order in both (a longest increasing subsequence)."""
    common = [key for key in old if key in new]
    if common == [key for key in new if key in old]:
        return set(common)
    position = {key: index for index, key in enumerate(new)}
    ends: list[int] = []  # smallest last position of an increasing run of each length
    at: list[str] = []
    before: dict[str, str | None] = {}
    for key in common:
        place = bisect_left(ends, position[key])
        before[key] = at[place - 1] if place else None
        if place == len(ends):
            ends.append(position[key])
            at.append(key)
        else:
            ends[place], at[place] = position[key], key
    stay: set[str] = set()
    last: str | None = at[-1] if at else None
    while last is not None:
        stay.add(last)
        last = before[last]
    return stay


def _lists(old: list[object], new: list[object], same: Same) -> dict[str, object]:
    start = 0
    shorter = min(len(old), len(new))
    while start < shorter and same(old[start], new[start]):
        start += 1
    end = 0
    while end < shorter - start and same(old[-1 - end], new[-1 - end]):
        end += 1
    splices: list[list[object]] = []
    changed: dict[str, object] = {}
    for old_from, old_to, new_from, new_to in _stretches(old, new, start, end):
        if old_to - old_from == new_to - new_from:
            for offset in range(old_to - old_from):
                node = _difference(old[old_from + offset], new[new_from + offset], same)
                if node is not None:
                    changed[str(old_from + offset)] = node
        else:
            splices.append([new_from, new_to - new_from, old[old_from:old_to]])
    node = {}
    if splices:
        node["s"] = splices
    if changed:
        node["c"] = changed
    return {"l": node}


def _stretches(old: list[object], new: list[object], start: int, end: int) -> list[tuple[int, int, int, int]]:
    """The stretches that differ, as (from, to) in old and in new, between the common start and the common end."""
    old_to, new_to = len(old) - end, len(new) - end
    whole = [(start, old_to, start, new_to)]
    if old_to - start == new_to - start or min(old_to - start, new_to - start) == 0:
        return whole
    if max(old_to, new_to) - start > _MATCHED:
        return whole
    left = [bson_encode({"": item}) for item in old[start:old_to]]
    right = [bson_encode({"": item}) for item in new[start:new_to]]
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [(start + a, start + b, start + c, start + d) for tag, a, b, c, d in codes if tag != "equal"]


# -- applying: `value` is used up


def _apply(value: Any, node: Node) -> Any:
    if "v" in node:
        return node["v"]
    if "t" in node:
        prefix, suffix, middle = node["t"]
        return value[:prefix] + middle + value[len(value) - suffix :]
    if "d" in node:
        return _apply_dict(value, node["d"])
    return _apply_list(value, node["l"])


def _apply_dict(value: dict[str, object], node: Node) -> dict[str, object]:
    for key in node.get("x", ()):
        del value[key]
    for key, part in node.get("c", {}).items():
        value[key] = _apply(value[key], part)
    inserted = node.get("i")
    if not inserted:
        return value
    values = {item[1]: item[2] if len(item) == 3 else value.pop(item[1]) for item in inserted}
    rest = iter(list(value))
    places = {item[0]: item[1] for item in inserted}
    result: dict[str, object] = {}
    for index in range(len(value) + len(places)):
        if index in places:
            result[places[index]] = values[places[index]]
        else:
            key = next(rest)
            result[key] = value[key]
    return result


def _apply_list(value: list[object], node: Node) -> list[object]:
    for start, length, items in reversed(node.get("s", ())):
        value[start : start + length] = items
    for index, part in node.get("c", {}).items():
        value[int(index)] = _apply(value[int(index)], part)
    return value
