"""The exported schema says yes to every demo, and no to what no interview has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.language.schema import schema
from shared.language.yamlfile import read_blocks

_DEMOS = sorted((Path(__file__).parents[3] / "demos" / "data" / "questions").glob("*.yml"))
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def _refused(value: Any, shape: Any, defs: Any, at: str = "") -> Iterator[str]:
    """Where `value` does not fit: the part of JSON Schema that our schema uses."""
    if "$ref" in shape:
        yield from _refused(value, defs[shape["$ref"].rpartition("/")[2]], defs, at)
    if "enum" in shape and value not in shape["enum"]:
        yield f"{at}: {value!r}"
    if "anyOf" in shape and all(list(_refused(value, one, defs, at)) for one in shape["anyOf"]):
        yield f"{at}: fits nothing"
    wanted = shape.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(_is(value, kind) for kind in wanted):
        yield f"{at}: {type(value).__name__}"
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in shape.get("properties", {}):
                yield from _refused(inner, shape["properties"][key], defs, f"{at}/{key}")
            elif shape.get("additionalProperties") is False:
                yield f"{at}/{key}: unknown"
    if isinstance(value, list) and "items" in shape:
        for number, inner in enumerate(value):
            yield from _refused(inner, shape["items"], defs, f"{at}/{number}")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind in ("boolean",) or not isinstance(value, bool))


def _problems(text: str) -> list[str]:
    made = schema()
    return [one for block in read_blocks(text) for one in _refused(block.value, made, made["$defs"])]


@pytest.mark.parametrize("demo", _DEMOS, ids=lambda path: path.stem)
def test_every_demo_fits(demo: Path) -> None:
    assert _problems(demo.read_text("utf-8")) == []


def test_slips_do_not_fit() -> None:
    assert _problems("questoin: Hi\n") == ["/questoin: unknown"]
    assert _problems("metadata: a text\n") == ["/metadata: str"]
    assert _problems("question: Hi\nyesno: [a]\n") == ["/yesno: YamlList"]
    assert _problems("question: Hi\nfields:\n  - A: a\n    datatype: [x]\n") == ["/fields: fits nothing"]
