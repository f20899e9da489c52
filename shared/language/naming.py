"""Names of blocks: the keys by which a session remembers what was answered.

A block with an ``id`` is ``ID <id>``. Any other is named after what it does (its file, its kind, what it sets, or its text if it
sets nothing), not after its position: an author who inserts a block into a running interview shifts nobody's answers, and a
reworded question is still the same question. Two alike are told apart by their order.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from shared.language.model import Block, Choice, Choices, Question


def base_name(block: Block) -> str:
    """The name of `block` before duplicates are told apart."""
    if block.id is not None:
        return f"ID {block.id}"
    marks = [block.place.file, block.kind.value, block.generic or "", block.language]
    marks.extend(block.sets or (_essence(block),))
    return "Block_" + sha256("\0".join(marks).encode()).hexdigest()[:10]


def _essence(block: Block) -> str:
    if block.question is not None:
        return block.question.question.source.strip()
    if block.code is not None:
        return block.code.source.strip()
    return "" if block.kind.value != "inert" else str(block.number)


class Namer:
    """Gives every block of one interview a name of its own."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def name(self, block: Block) -> Block:
        base = base_name(block)
        count = self._seen[base] = self._seen.get(base, 0) + 1
        return with_name(block, base if count == 1 else f"{base}.{count}")


def with_name(block: Block, name: str) -> Block:
    """`block` named `name`, and the blocks in its choices named after it: ``name_0``, ``name_1`` …"""
    question = block.question
    if question is not None and question.choices is not None:
        items = question.choices.items
        if any(item.block is not None for item in items):
            question = replace(question, choices=_named_choices(question.choices, name))
    return replace(block, name=name, question=question)


def _named_choices(choices: Choices, name: str) -> Choices:
    made: list[Choice] = []
    for position, item in enumerate(choices.items):
        if item.block is not None:
            inner = f"ID {item.block.id}" if item.block.id is not None else f"{name}_{position}"
            item = replace(item, block=with_name(item.block, inner))
        made.append(item)
    return replace(choices, items=tuple(made))


def embedded_blocks(question: Question | None) -> list[Block]:
    """The blocks in the choices of a question, and in theirs."""
    found: list[Block] = []
    if question is not None and question.choices is not None:
        for item in question.choices.items:
            if item.block is not None:
                found.append(item.block)
                found.extend(embedded_blocks(item.block.question))
    return found
