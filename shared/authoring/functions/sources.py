"""Objects and data from YAML and JSON files of packages.

Source: functions.md, objects_from_file(); initial.md, "objects from file".
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.authoring.context import current
from shared.authoring.objects import DAObject
from shared.authoring.text.urls import package
from shared.contract import jsontext
from shared.language.yamlfile import read_blocks

#: Where a file named without a folder lies.
FOLDER = "data/sources"
#: Keys that make a mapping the description of an object, or of a list of them.
_SHAPES = (frozenset({"object", "item"}), frozenset({"object", "items"}))
_OURS = "docassemble.base.util"


def objects_from_file(
    file_ref: str, recursive: bool = True, gathered: bool = True, name: str | None = None, use_objects: bool = False
) -> object:
    """What a YAML or JSON file describes: mappings with ``object`` and ``item`` or ``items`` become objects.

    `name`: the instance name. `recursive`: also below the top. `gathered`: whether groups count as complete.
    `use_objects`: lists and mappings become list and dictionary objects. FileNotFoundError, or ValueError naming the place.
    """
    documents = _documents(str(file_ref))
    instance = name or f"_{current().new_id('objects')}"
    make = _Maker(str(file_ref), recursive=recursive, gathered=gathered, use_objects=use_objects)
    if len(documents) == 1:
        return make.top(documents[0], instance)
    made = [make.top(document, f"{instance}[{place}]") for place, document in enumerate(documents)]
    return make.group("DAList", instance, made)


def objects_from_structure(data: object, name: str, gathered: bool = True) -> object:
    """What `objects_from_file` would make of a file with this data: for ``data`` blocks with ``use objects: objects``.

    What is at the top is an object in any case: a plain mapping there becomes a `DADict`, a plain list a `DAList`.
    """
    maker = _Maker(name, recursive=True, gathered=gathered, use_objects=False)
    made = maker.top(data, name)
    if isinstance(made, dict):
        return maker.group("DADict", name, made)
    return maker.group("DAList", name, made) if isinstance(made, list) else made


def source_reference(file_ref: str, folder: str = FOLDER) -> str:
    """``fishes.yml``, ``data/sources/fishes.yml`` or ``package:fishes.yml`` with package and folder."""
    package_name, colon, path = file_ref.rpartition(":")
    if "/" not in path:
        path = f"{folder}/{path}"
    return f"{package_name if colon else package()}:{path}"


def _documents(file_ref: str) -> list[object]:
    filename, content = current().files.find(source_reference(file_ref))
    text = content.decode("utf-8-sig")
    if filename.endswith(".json"):
        try:
            return [jsontext.loads(text)]
        except ValueError as problem:
            raise ValueError(f"{file_ref} is not JSON: {problem}") from None
    blocks = read_blocks(text)
    for block in blocks:
        for flaw in block.flaws:
            raise ValueError(f"{file_ref}, line {flaw.line}: {flaw.message}")
    return [_plain(block.value) for block in blocks]


def _plain(value: object) -> object:
    """Without the memory of lines that the reader's containers have."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class _Maker:
    file_ref: str  #: what messages call the data
    recursive: bool
    gathered: bool
    use_objects: bool

    def top(self, value: object, instance: str) -> object:
        """The value at the top of a document: an object there is made even without `recursive`."""
        if isinstance(value, Mapping) and frozenset(value) - {"module"} in _SHAPES:
            return self.described(value, instance)
        return self.value(value, instance)

    def value(self, value: object, instance: str) -> Any:
        if not self.recursive:
            return value
        if isinstance(value, Mapping):
            if frozenset(value) - {"module"} in _SHAPES:
                return self.described(value, instance)
            made = {key: self.value(item, f"{instance}[{key!r}]") for key, item in value.items()}
            return self.group("DADict", instance, made) if self.use_objects else made
        if isinstance(value, list):
            items = [self.value(item, f"{instance}[{place}]") for place, item in enumerate(value)]
            return self.group("DAList", instance, items) if self.use_objects else items
        return value

    def described(self, value: Mapping[str, object], instance: str) -> object:
        cls = self.class_of(str(value["object"]), value.get("module"))
        if "item" in value:
            return self.described_object(cls, value["item"], instance)
        items = value["items"]
        if not isinstance(items, list):
            raise ValueError(f"{self.file_ref}: 'items' of {value['object']} must be a list")
        made = [self.described_object(cls, item, f"{instance}[{place}]") for place, item in enumerate(items)]
        return self.group("DAList", instance, made)

    def described_object(self, cls: type[Any], attributes: object, instance: str) -> object:
        if not isinstance(attributes, Mapping):
            raise ValueError(f"{self.file_ref}: the attributes of {cls.__name__} must be a mapping, not {attributes!r}")
        given = {str(key): self.value(item, f"{instance}.{key}") for key, item in attributes.items()}
        if not hasattr(cls, "using"):  # not an interview object: datetime and the like
            return cls(**given)
        elements = given.pop("elements", None)
        made = cls(instance, **given)
        if elements is not None:
            made.elements = set(elements) if isinstance(made.elements, set) else elements
            self.mark_gathered(made)
        return made

    def group(self, kind: str, instance: str, elements: object) -> DAObject:
        made: DAObject = self.class_of(kind, None)(instance, elements=elements)
        self.mark_gathered(made)
        return made

    def mark_gathered(self, made: DAObject) -> None:
        if self.gathered:
            made.gathered = True

    def class_of(self, name: str, module: object) -> type[Any]:
        source = str(module or _OURS)
        found = getattr(importlib.import_module(source, package=package()), name, None)
        if not isinstance(found, type):
            raise ValueError(
                f"{self.file_ref}: there is no class {name!r} in {source}; a class of your own needs 'module'"
            )
        return found
