"""The JSON of ``docs/http.md`` as JSON Schema, made of the types of `shared.contract`, and its errors: ``python -m services.cli.schemas``.

Writes them into the page, between its marks; a test holds that the page has what the types say. Not for: checking anything at run time.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from shared.contract import errors
from shared.contract.errors import Again, CallFailed
from shared.contract.jsonvalue import JsonObject
from shared.contract.reply import CheckInReply, Command, Reply
from shared.contract.screen import Screen, ScreenChoice, ScreenField

PAGE = Path(__file__).parents[2] / "docs" / "http.md"

#: What the page has between the marks of a name.
_BLOCK = "<!-- {name}: made by services/cli/schemas.py -->\n{body}\n<!-- /{name} -->"

_AGAIN = {
    Again.NEVER: "no: it would end in the same way",
    Again.LATER: "yes",
    Again.COUNTED: "a few times",
}


def definitions() -> JsonObject:
    """The schemas by name. Over HTTP a screen has a token in the place of what it stands for, and a reply a token against forgery."""
    types = (Reply, CheckInReply, Command, Screen, ScreenField, ScreenChoice)
    _, made = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    for cls in types:
        made[cls.__name__]["required"] = [one.encode_name for one in msgspec.structs.fields(cls) if _always(one)]
    screen, reply = made["Screen"], made["Reply"]
    screen["properties"].pop("shown")
    screen["properties"]["token"] = {"type": "string"}
    reply["properties"]["screen"] = {"anyOf": [{"$ref": "#/$defs/Screen"}, {"type": "null"}]}
    reply["properties"]["csrf"] = {"type": "string"}
    made["CheckInReply"]["properties"]["commands"]["items"] = {"$ref": "#/$defs/Command"}
    made.pop("Failure")  # a reply with a failure becomes an error
    reply["properties"].pop("failure")
    return dict(made)


def schemas() -> str:
    """A line for each property."""
    lines = []
    for name, schema in definitions().items():
        required = json.dumps(schema.get("required", []))
        lines.append(f'"{name}": {{"type": "object", "required": {required}, "properties": {{')
        rows = [f"  {json.dumps(key)}: {json.dumps(_short(value))}" for key, value in schema["properties"].items()]
        lines.append(",\n".join(rows))
        lines.append("}},")
    lines[-1] = "}}"
    return "\n".join(("```json-object", '{"$defs": {', *lines, "}}", "```"))


def kinds() -> str:
    """A row for each error that a call can end with."""
    rows = ["| status | kind | the same request again | `Retry-After` |", "|---|---|---|---|"]
    for cls in sorted(_leaves(), key=lambda cls: (cls.status, cls.kind)):
        after = "" if cls.retry_after is None else f"{cls.retry_after} s"
        rows.append(f"| {cls.status} | `{cls.kind}` | {_AGAIN[cls.again]} | {after} |")
    return "\n".join(rows)


def page(text: str) -> str:
    """`text` with what stands between its marks made anew."""
    for name, body in (("schemas", schemas()), ("kinds", kinds())):
        block = _BLOCK.format(name=name, body=body)
        text = re.sub(rf"<!-- {name}: .*?<!-- /{name} -->", lambda _, block=block: block, text, flags=re.S)  # type: ignore[misc]
    return text


def _leaves() -> list[type[CallFailed]]:
    """Those that are raised: without the branches of the tree, of which only StepFailed is raised itself."""
    branches = {base for cls in errors.KINDS.values() for base in cls.__mro__[1:]} - {errors.StepFailed}
    return [cls for cls in errors.KINDS.values() if cls not in branches]


def _always(field: msgspec.structs.FieldInfo) -> bool:
    """It has no default, or one that msgspec never leaves out."""
    own = field.default_factory not in (msgspec.NODEFAULT, dict, list)
    return field.required or own


def _short(schema: JsonObject) -> JsonObject:
    """Without defaults: what has its default is left out, which the page says."""
    kept = {key: value for key, value in schema.items() if key != "default"}
    either = kept.get("anyOf", ())
    if either and all(set(one) == {"type"} for one in either):
        return {"type": [one["type"] for one in either]}
    return kept


def main(arguments: Sequence[str] = ()) -> int:
    path = Path(arguments[0]) if arguments else PAGE
    path.write_text(page(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
