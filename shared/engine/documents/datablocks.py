"""Variables that blocks describe: templates, tables, data, documents.

Rules: docs initial.md ("template", "table"), groups.md ("data", "data from code"), documents.md ("variable name").
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.authoring.functions.sources import objects_from_structure
from shared.authoring.objects import DAContext, DADict, DAList
from shared.authoring.objects.lazytexts import DALazyTableTemplate, DALazyTemplate
from shared.engine.documents import attachments, contentfiles
from shared.engine.naming import contexts, lookup
from shared.engine.naming.names import GENERIC, canonical, specific
from shared.engine.run import Run
from shared.language.model import Block, Expr, Kind


def bind(run: Run, block: Block, name: str | None) -> None:
    """Define the block's variable; `name` is its specific name where the block is generic."""
    written = block.sets[0] if block.sets else ""
    target = name or canonical(specific(written, contexts.context_of(run.namespace, block)))
    if not target:
        return
    if block.kind is Kind.TEMPLATE:
        lookup.assign(run.namespace, target, _lazy(run, block, target, DALazyTemplate))
    elif block.kind is Kind.TABLE:
        lookup.assign(run.namespace, target, _lazy(run, block, target, DALazyTableTemplate))
    elif block.kind is Kind.DATA:
        lookup.assign(run.namespace, target, data(run, block, target))
    elif block.kind is Kind.ATTACHMENT:
        attachments.bind(run, block, name)


def _lazy(run: Run, block: Block, target: str, cls: type[DALazyTemplate]) -> DALazyTemplate:
    found = lookup.fetch_or(run.namespace, target)
    made = found if isinstance(found, cls) else cls(target)
    made.block_name = block.name
    made.names = contexts.context_of(run.namespace, block)
    return made


def template_part(run: Run, template: DALazyTemplate, part: str) -> str:
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

    def __init__(self, run: Run, values: Mapping[str, object]) -> None:
        self.namespace = run.namespace
        self.values = values
        self.outer: dict[str, object] = {}

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
    """``x``, ``i`` … stand for what a context (see ``contexts.context_of``) says."""

    def __init__(self, run: Run, context: Mapping[str, object]) -> None:
        super().__init__(
            run,
            {
                name: lookup.fetch_or(run.namespace, str(value), value) if name == GENERIC else value
                for name, value in context.items()
            },
        )


def data(run: Run, block: Block, target: str) -> object:
    """The value of a data block: plain, or with ``use objects`` made of DAList, DADict and other objects."""
    mode = block.options.get("use objects", False)
    gathered = run.truth(block.options.get("gathered", True))
    if mode == "objects":
        return objects_from_structure(_described(run, block.options.get("data")), name=target, gathered=gathered)
    value = run.value(block.options.get("data"))
    return _objects(value, target, gathered=gathered) if mode else value


def _described(run: Run, value: object) -> object:
    """A structure in which ``object`` and ``module`` name classes: words, also where all else is code."""
    if isinstance(value, Mapping):
        names = ("object", "module") if "object" in value and ("item" in value or "items" in value) else ()
        return {
            key: item.source.strip() if key in names and isinstance(item, Expr) else _described(run, item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_described(run, item) for item in value]
    return run.value(value)


_CONTEXTS = frozenset({"question", "document", "docx", "pdf", "pandoc"})


def _objects(value: object, name: str, *, gathered: bool) -> object:
    made: object
    if isinstance(value, list):
        made = DAList(name)
        made.elements = [_objects(item, f"{name}[{index}]", gathered=gathered) for index, item in enumerate(value)]
    elif isinstance(value, dict):
        if len(value) > 1 and _CONTEXTS.issuperset(value):
            return DAContext(name, **value)
        made = DADict(name)
        made.elements = {key: _objects(item, f"{name}[{key!r}]", gathered=gathered) for key, item in value.items()}
    else:
        return value
    if gathered:
        made.gathered = True
    return made
