"""From a name to the blocks that may define it, in the order of precedence: the last is tried first.

Normally that is the order of the file; ``supersedes`` and ``order`` change it between the blocks they name.
Source: modifiers.md "Changing order of precedence", initial.md "order".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.language.model import Block, Kind


def build_index(blocks: Sequence[Block]) -> Mapping[str, tuple[Block, ...]]:
    """Every name as written -> its blocks, weakest first."""
    index: dict[str, list[Block]] = {}
    for block in blocks:
        for name in block.sets:
            index.setdefault(name, []).append(block)
    weaker = _weaker(blocks)
    if not weaker:
        return {name: tuple(found) for name, found in index.items()}
    return {name: _sorted(found, weaker) for name, found in index.items()}


def _weaker(blocks: Iterable[Block]) -> dict[str, set[str]]:
    """id -> ids of the blocks that it goes before."""
    weaker: dict[str, set[str]] = {}
    for block in blocks:
        if block.id is not None and block.supersedes:
            weaker.setdefault(block.id, set()).update(block.supersedes)
        if block.kind is Kind.ORDER:
            names = block.options.get("names", ())
            for position, name in enumerate(names):
                weaker.setdefault(name, set()).update(names[position + 1 :])
    return weaker


def _sorted(found: list[Block], weaker: Mapping[str, set[str]]) -> tuple[Block, ...]:
    """File order, but each block right after the last one that it goes before. Blocks that name each other keep theirs."""
    ordered = list(found)
    for block in found:
        beaten = weaker.get(block.id or "", set()) - {block.id}
        places = [position for position, other in enumerate(ordered) if other.id in beaten]
        mutual = any(other.id in beaten and block.id in weaker.get(other.id or "", set()) for other in ordered)
        if places and not mutual and ordered.index(block) < places[-1]:
            ordered.remove(block)
            ordered.insert(places[-1], block)
    return tuple(ordered)
