"""The sum (CRC-32) of bytes of which some changed, from the sum that they had: without reading what did not change once more.

A CRC is linear: what a run of bytes adds to it is known from what it added before, whatever now stands in front of it or behind it. Only the
longest run that both have is left out; what is short is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from zlib import crc32

from shared.state.stretches import Stretch

#: The polynomial of zlib's CRC-32, bits reversed: the highest bit stands for 1, the lowest for x^31.
_POLYNOMIAL: Final = 0xEDB88320
_ONE: Final = 1 << 31
#: x to this power is 1 again.
_ORDER: Final = 2**32 - 1
#: Reading so many bytes takes as long as what is done here in the place of it.
_WORTH: Final = 512 * 1024


def sum_after(known: int, old: bytes, new: bytes, found: Sequence[Stretch]) -> int:
    """``crc32(new)``, where `known` is ``crc32(old)`` and `found` says all that differs, in ascending order."""
    if len(old) < _WORTH:
        return crc32(new)
    ends = [0, *(one.end for one in found)]
    starts = [*(one.start for one in found), len(old)]
    length, begin = max((start - end, end) for end, start in zip(ends, starts, strict=True))
    if length < _WORTH:
        return crc32(new)
    moved = sum((one.other_end - one.other) - (one.end - one.start) for one in found if one.end <= begin)
    one, two = memoryview(old), memoryview(new)
    after = crc32(one[begin + length :])
    before = _times(known ^ after, -(len(old) - begin - length))  # of `old` up to where the run ends
    before ^= _times(crc32(one[:begin]) ^ crc32(two[: begin + moved]), length)  # of `new` up to there
    return crc32(two[begin + moved + length :], before)


def joined(one: int, two: int, length: int) -> int:
    """The sum of two texts of bytes, one behind the other, of which these are the sums; `length` is that of the second."""
    return _times(one, length) ^ two


def _times(value: int, count: int) -> int:
    """`value` times x to the power of 8 * `count`: what a sum becomes when `count` zero bytes follow; a negative one takes them away."""
    return _product(value, _power(count))


@lru_cache(maxsize=256)  # what lies between two changes is as long as it was in the step before, mostly
def _power(count: int) -> int:
    """x to the power of 8 * `count`."""
    found, powers, exponent = _ONE, _POWERS if count >= 0 else _INVERSE, 8 * abs(count) % _ORDER
    for power in powers[: exponent.bit_length()]:
        if exponent & 1:
            found = _product(found, power)
        exponent >>= 1
    return found


def _product(one: int, two: int) -> int:
    found = 0
    while two:
        if two & _ONE:
            found ^= one
        one = one >> 1 ^ (_POLYNOMIAL if one & 1 else 0)
        two = two << 1 & 0xFFFFFFFF
    return found


def _powers(first: int) -> list[int]:
    """`first`, its square, the square of that, ..."""
    found = [first]
    while len(found) < 32:
        found.append(_product(found[-1], found[-1]))
    return found


_POWERS: Final = _powers(_ONE >> 1)
#: The same of 1/x, which times x is 1.
_INVERSE: Final = _powers(_POLYNOMIAL << 1 & 0xFFFFFFFF | 1)
