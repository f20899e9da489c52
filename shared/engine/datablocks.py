"""Variables that blocks describe: templates, tables, data, documents.

Rules: docs initial.md ("template", "table"), groups.md ("data", "data from code"), documents.md ("variable name").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.engine import attachments, contentfiles, lookup
from shared.engine.names import GENERIC, canonical, specific
from shared.engine.run import Run
from shared.engine.templates import LazyTable, LazyTemplate
from shared.language.model import Block, Expr, Kind


def bind(run: Run, block: Block, name: str | None) -> None:
    """Define the block's variable; `name` is its specific name where the block is generic."""
    from shared.engine import screens

    written = block.sets[0] if block.sets else ""
    target = name or canonical(specific(written, screens.context_of(run, block)))
    if not target:
        return
    if block.kind is Kind.TEMPLATE:
        lookup.assign(run.namespace, target, _lazy(run, block, target, LazyTemplate))
    elif block.kind is Kind.TABLE:
        lookup.assign(run.namespace, target, _lazy(run, block, target, LazyTable))
    elif block.kind is Kind.DATA:
        lookup.assign(run.namespace, target, data(run, block, target))
    elif block.kind is Kind.ATTACHMENT:
        attachments.bind(run, block, name)


def _lazy(run: Run, block: Block, target: str, cls: type[LazyTemplate]) -> LazyTemplate:
    from shared.engine import screens

    found = lookup.fetch_or(run.namespace, target)
    made = found if isinstance(found, cls) else cls(target)
    made.block_name = block.name
    made.names = screens.context_of(run, block)
    return made


def template_part(run: Run, template: LazyTemplate, part: str) -> str:
    """The subject or the content, with the names of the time when the template was bound."""
    block = run.interview.by_name.get(template.block_name)
    if block is None:
        return ""
    text = block.options.get(part)
    if part == "content" and "content file" in block.options:
        with Names(run, template.names):
            return contentfiles.render(run, block.options["content file"], block.place)
    if text is None:
        return ""
    with Names(run, template.names):
        if isinstance(text, Expr):
            return str(run.evaluate(text))
        return run.render(text)


class Values:
    """Variables have these values inside a with block, and their own again after it."""

    def __init__(self, run: Run, values: Mapping[str, Any]) -> None:
        self.namespace = run.namespace
        self.values = values
        self.outer: dict[str, Any] = {}

    def __enter__(self) -> None:
        self.outer = {name: self.namespace.get(name, lookup.NOTHING) for name in self.values}
        self.namespace.update(self.values)

    def __exit__(self, *_: object) -> None:
        for name, value in self.outer.items():
            if value is lookup.NOTHING:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = value


class Names(Values):
    """``x``, ``i`` … stand for what a context (see ``screens.context_of``) says."""

    def __init__(self, run: Run, context: Mapping[str, Any]) -> None:
        super().__init__(
            run,
            {
                name: lookup.fetch_or(run.namespace, str(value), value) if name == GENERIC else value
                for name, value in context.items()
            },
        )


def data(run: Run, block: Block, target: str) -> Any:
    """The value of a data block: plain, or with ``use objects`` made of DAList, DADict and DAObject."""
    value = run.value(block.options.get("data"))
    mode = block.options.get("use objects", False)
    if isinstance(mode, Expr):
        mode = run.evaluate(mode)
    if not mode:
        return value
    return _objects(value, target, plain_dicts=mode != "objects")


def _objects(value: Any, name: str, *, plain_dicts: bool) -> Any:
    from shared.authoring.objects import DADict, DAList, DAObject

    if isinstance(value, list):
        made = DAList(name)
        made.elements = [
            _objects(item, f"{name}[{index}]", plain_dicts=plain_dicts) for index, item in enumerate(value)
        ]
        made.gathered = True
        made.auto_gather = False
        return made
    if isinstance(value, dict):
        if plain_dicts:
            group = DADict(name)
            group.elements = {
                key: _objects(item, f"{name}[{key!r}]", plain_dicts=plain_dicts) for key, item in value.items()
            }
            group.gathered = True
            group.auto_gather = False
            return group
        thing = DAObject(name)
        for key, item in value.items():
            setattr(thing, str(key), _objects(item, f"{name}.{key}", plain_dicts=plain_dicts))
        return thing
    return value
