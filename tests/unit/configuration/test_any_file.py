"""Whatever stands in the file, the answer is settings or a list of mistakes with their places, never something else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.configuration.document import NoDocument, parse
from services.configuration.reading import interpret
from services.settings import SettingsError, described, load

KEYS = [setting.key for setting in described()]
NAMES = sorted({part for key in KEYS for place in key.places for part in place} | {"scheduler", "db", "own", "name"})

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["amqp://h", "UTC", "a.b", "yes", "17:00", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def told(text: str) -> list[str]:
    try:
        found = interpret(parse(text, "f.yml"), "f.yml", KEYS)
    except NoDocument as error:
        return [str(error)]
    return [*found.problems, *found.warnings]


def problems(file: Path) -> list[str]:
    try:
        settings = load({"PARLEY_CONFIG": str(file)}, need_secret=False)
    except SettingsError as error:
        return str(error).splitlines()
    assert settings.environment()
    return []


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_any_values_under_the_names_there_are(content: dict[str, Any]) -> None:
    for line in told(yaml.safe_dump(content, allow_unicode=True)):
        assert re.match(r"f\.yml, lines? \d+", line), line


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert all(line.startswith("f.yml") for line in told(text))


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_settings_of_any_file(tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]) -> None:
    file = tmp_path_factory.mktemp("any") / "parley.yml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    assert all(line.startswith(str(file)) for line in problems(file))
