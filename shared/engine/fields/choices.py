"""Choices of fields and questions, written out or computed by code, as they are on this screen.

Rules: docs fields.md ("Multiple choice questions", "choices", "code generated buttons", "object", "exclude", "shuffle").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contract.screen import ScreenChoice
from shared.engine.errors import BadAuthorValue
from shared.engine.keeping import plain
from shared.engine.run import Run
from shared.language.model import Block, Choice, Choices, Expr


@dataclass(frozen=True, slots=True)
class Built:
    """One choice as it is offered. `value` is what the variable is set to; of object choices it is the object.

    `key` is how it is answered: a JSON value; the instance name of an object.
    """

    label: str
    value: object
    key: object
    has_value: bool = True
    selected: bool = False
    help: str | None = None
    image: object = None
    color: str | None = None
    css_class: str | None = None
    group: str | None = None
    shortcut: str | None = None
    block: Block | None = None
    command: str | None = None
    url: object = None

    def on_screen(self, run: Run) -> ScreenChoice:
        return ScreenChoice(
            label=self.label,
            value=self.key if self.has_value else None,
            has_value=self.has_value,
            selected=self.selected,
            help=self.help,
            image=None if self.image is None else str(self.image),
            color=self.color,
            css_class=self.css_class,
            group=self.group,
            key=self.shortcut,
            url=run.render(self.url) if self.url is not None and self.command is None else None,
        )


def build(run: Run, choices: Choices) -> list[Built]:
    """The choices in order, without those excluded or hidden; shuffled if the author says so (with the step's generator)."""
    built: list[Built] = []
    for item in choices.items:
        built.extend(_item(run, item))
    if choices.code is not None:
        built.extend(computed(run, run.evaluate(choices.code)))
    if choices.exclude:
        out = excluded(run.evaluate(expr) for expr in choices.exclude)
        built = [choice for choice in built if not any(_same(choice.value, value) for value in out)]
    if choices.shuffle and run.truth(choices.shuffle):
        run.context.random.shuffle(built)
    return built


def _item(run: Run, item: Choice) -> list[Built]:
    if item.show_if is not None and not run.evaluate(item.show_if):
        return []
    if item.code is not None:
        return computed(run, run.evaluate(item.code))
    has_value = item.block is None and item.command is None
    value = run.value(item.value) if has_value else None
    label = run.render(item.label) if item.label is not None else str(value)
    return [
        Built(
            label=label,
            value=value,
            key=plain.answerable(value),
            has_value=has_value,
            selected=run.truth(item.default),
            help=_text(run, item.help),
            image=item.image if not hasattr(item.image, "render") else _text(run, item.image),
            color=_text(run, item.color),
            css_class=_text(run, item.css_class),
            group=_text(run, item.group),
            shortcut=_text(run, item.key),
            block=item.block,
            command=item.command,
            url=item.url,
        )
    ]


def computed(run: Run, result: object) -> list[Built]:
    """What an author's code returned, as choices: a dict of value and label, or a list of the documented forms."""
    result = getattr(result, "elements", result)
    if isinstance(result, Mapping):
        return [_pair(value, label) for value, label in result.items()]
    if result is None:
        raise BadAuthorValue("The code for the choices gave None; a list or a dictionary is expected.")
    if isinstance(result, str) or not isinstance(result, Iterable):
        result = [result]
    if isinstance(result, set | frozenset):
        result = sorted(result, key=str)
    built: list[Built] = []
    for item in result:
        made = _computed_item(run, item)
        if made is not None:
            built.append(made)
    return built


def _computed_item(run: Run, item: object) -> Built | None:
    if isinstance(item, Built):
        return item
    if isinstance(item, Mapping):
        if "show if" in item and not item["show if"]:
            return None
        if "value" in item and ("label" in item or len(item) == 1):
            return _described(item["value"], item.get("label", item["value"]), item)
        rest = {key: value for key, value in item.items() if key not in _EXTRA}
        if len(rest) == 1:
            ((value, label),) = rest.items()
            return _described(value, label, item)
        return None
    if isinstance(item, list | tuple):
        if len(item) == 1:
            return _pair(item[0], item[0])
        if len(item) > 4:
            raise BadAuthorValue(
                f"A choice made by code is [value, label, default, help] at most, not {len(item)} items."
            )
        value, label, *more = item
        return Built(
            label=str(label),
            value=value,
            key=plain.answerable(value),
            selected=bool(more[0]) if more else False,
            help=str(more[1]) if len(more) > 1 and more[1] is not None else None,
        )
    return _pair(item, item)


_EXTRA = ("default", "help", "image", "color", "css class", "group", "key", "show if")


def _described(value: object, label: object, item: Mapping[str, object]) -> Built:
    def text(key: str) -> str | None:
        found = item.get(key)
        return None if found is None else str(found)

    return Built(
        label=str(label),
        value=value,
        key=plain.answerable(value),
        selected=bool(item.get("default", False)),
        help=text("help"),
        image=item.get("image"),
        color=text("color"),
        css_class=text("css class"),
        group=text("group"),
        shortcut=text("key"),
    )


def _pair(value: object, label: object) -> Built:
    if hasattr(value, "instanceName"):
        return Built(label=str(label), value=str(value), key=str(value))
    return Built(label=str(label), value=value, key=plain.answerable(value))


def of_objects(
    run: Run,
    sources: Iterable[Expr],
    exclude: Iterable[Expr],
    labeler: Expr | None,
    extras: Mapping[str, object] | None = None,
) -> list[Built]:
    """Objects to choose from, each once, in order; `labeler` is a function or None (then ``str``)."""
    label_of = run.evaluate(labeler) if labeler is not None else str
    help_of = (extras or {}).get("help generator")
    image_of = (extras or {}).get("image generator")
    out = excluded(run.evaluate(expr) for expr in exclude)
    built: list[Built] = []
    seen: set[str] = set()
    for source in sources:
        for item in objects_in(run.evaluate(source)):
            name = getattr(item, "instanceName", None)
            key = name if isinstance(name, str) else str(item)
            if key in seen or any(item is other for other in out):
                continue
            seen.add(key)
            built.append(
                Built(
                    label=str(label_of(item)),
                    value=item,
                    key=key,
                    help=str(help_of(item)) if callable(help_of) else None,
                    image=image_of(item) if callable(image_of) else None,
                )
            )
    return built


def objects_in(value: Any) -> list[object]:
    """`value` taken apart into the objects it names: groups give their items (and gather them first)."""
    if value is None:
        return []
    if isinstance(value, list | tuple | set | frozenset):
        return [inner for item in value for inner in objects_in(item)]
    if hasattr(value, "elements") and hasattr(value, "instanceName"):
        items = value.values() if isinstance(value.elements, dict) else value
        return [inner for item in items for inner in objects_in(item)]
    return [value]


def excluded(values: Iterable[object]) -> list[object]:
    """The values of ``exclude`` items, lists taken apart."""
    out: list[object] = []
    for value in values:
        inner = (
            getattr(value, "elements", value)
            if hasattr(value, "instanceName") and hasattr(value, "elements")
            else value
        )
        if isinstance(inner, Mapping):
            out.extend(inner)
        elif isinstance(inner, list | tuple | set | frozenset):
            out.extend(excluded(inner))
        else:
            out.append(inner)
    return out


def _same(one: object, other: object) -> bool:
    return bool(one is other or one == other or str(one) == str(other))


def _text(run: Run, text: object) -> str | None:
    return None if text is None else run.render(text)
