"""The settings as people read them: the table of docs/operators.md, and what ``parley config show`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from services.schedules.jobs import Jobs
from services.schedules.words import Declarations
from services.settings import Loaded, Setting, described

HIDDEN = "(hidden)"


def markdown() -> str:
    """A row for each setting, made from its declaration: key in the file, variable, default, what it is."""
    return "\n".join(
        [
            "| key in the file | variable | default | what it is |",
            "|---|---|---|---|",
            *sorted(map(_row, described())),
            "",
        ]
    )


def _row(setting: Setting) -> str:
    key = setting.key
    shown = f"{key.shown}: {', '.join(key.takes)}" if key.takes else key.shown
    variable = f"`{setting.variable}`" if setting.variable else ""
    default = "" if setting.default in (None, "", {}, (), Declarations(), Jobs()) else f"`{_text(setting.default)}`"
    return f"| `{shown}` | {variable} | {default} | {setting.says} |"


def effective(loaded: Loaded) -> str:
    """A line for each setting: its name in words, its value (secrets hidden) as YAML, and where it was set."""
    lines = []
    for setting in described():
        name = setting.key.setting
        value = getattr(loaded.settings, name)
        text = HIDDEN if setting.hidden and value else _text(value)
        lines.append(f"{name.replace('_', ' ')}: {text}  # {loaded.places.get(name, 'default')}")
    return "\n".join([*lines, ""])


def _text(value: object) -> str:
    plain = _plain(value)
    if isinstance(plain, str):
        return plain
    return yaml.safe_dump(plain, allow_unicode=True, default_flow_style=True, width=10**6).split("\n")[0]


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Declarations | Jobs):
        return {one.name: dict(one.words) for one in value.declared}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
