"""The interview as a whole: blocks that set it up, settings that are merged and kept by language, and that nothing of it can be changed."""

from __future__ import annotations

import copy

import pytest

from shared.language.model import Kind
from tests.unit.language.sample import Pack, source


def test_setup_blocks(pack: Pack) -> None:
    interview = pack.interview(
        """\
        imports:
          - datetime
          - .local
        modules:
          - docassemble.base.util
        objects:
          - a: DAObject
        ---
        reset: [a, b.c]
        ---
        question: q
        mandatory: True
        """
    )
    assert [(block.kind, dict(block.options)) for block in interview.setup] == [
        (Kind.IMPORTS, {"names": ("datetime", ".local"), "package": "pack"}),
        (Kind.MODULES, {"names": ("docassemble.base.util",), "package": "pack"}),
        (Kind.RESET, {"names": ("a", "b.c")}),
    ]
    assert interview.blocks[0].kind is Kind.OBJECTS
    assert [block.number for block in interview.blocks] == list(range(5))
    assert [block.name for block in interview.ordered] == [interview.blocks[-1].name]


SETTINGS = """\
metadata:
  title: One
  authors: [a, b]
  default language: fr
features:
  navigation: True
  use catchall: True
---
metadata:
  title: Two
features:
  progress bar: True
sections: [A, {b: B, subsections: [{c: C}]}]
progressive: False
---
default language: es
---
sections: [Uno]
default screen parts:
  under: Hola ${ name }
  right: x
---
default screen parts:
  right: null
interview help:
  heading: H
  content: C ${ x }
  label: L
terms:
  sol: ${ no mako }
default validation messages:
  required: |
    Falta.
---
language: de
interview help: Hilfe
auto terms:
  - phrases: [Sonne, Stern]
    definition: D
---
image sets:
  free:
    attribution: By me
    images:
      sun: sun.svg
images:
  moon: other:data/static/moon.svg
  web: https://example.com/x.png
translations: [words.xlsx]
machine learning storage: ml-x.json
---
question: q
yesno: a
"""


def test_settings_are_merged_and_kept_by_language(pack: Pack) -> None:
    interview = pack.interview(SETTINGS)
    assert dict(interview.metadata) == {"title": "Two", "authors": ["a", "b"], "default language": "fr"}
    assert dict(interview.features) == {"navigation": True, "use catchall": True, "progress bar": True}
    assert interview.default_language == "fr"
    assert interview.options["catchall"] is True
    assert interview.options["progressive"] is False
    assert dict(interview.sections) == {"*": ["A", {"b": "B", "subsections": [{"c": "C"}]}], "es": ["Uno"]}
    assert source(interview.default_parts) == {"es": {"under": "Hola ${ name }"}}
    assert source(interview.interview_help) == {
        "es": [{"heading": "H", "content": "C ${ x }", "label": "L"}],
        "de": [{"content": "Hilfe"}],
    }
    assert interview.terms["es"]["sol"].render({}) == "${ no mako }"
    assert sorted(interview.auto_terms["de"]) == ["Sonne", "Stern"]
    assert dict(interview.validation_messages["es"]) == {"required": "Falta."}
    assert dict(interview.images) == {
        "sun": {"file": "pack:data/static/sun.svg", "attribution": "By me"},
        "moon": {"file": "other:data/static/moon.svg", "attribution": None},
        "web": {"file": "https://example.com/x.png", "attribution": None},
    }
    assert interview.translations == ("pack:data/sources/words.xlsx",)
    assert interview.options["machine learning storage"] == "ml-x.json"
    assert interview.blocks[-1].language == "es"


def test_default_language_does_not_reach_included_files(pack: Pack) -> None:
    pack.write("question: q\nyesno: inner\n", "data/questions/inner.yml")
    interview = pack.interview("default language: es\n---\ninclude: inner.yml\n---\nquestion: q\nyesno: outer\n")
    assert [(block.sets, block.language) for block in interview.blocks if block.sets] == [
        (("inner",), "*"),
        (("outer",), "es"),
    ]


def test_who_processes_actions(pack: Pack) -> None:
    assert pack.interview("initial: True\ncode: |\n  process_action()\n").author_processes_actions
    assert pack.interview("code: |\n  process_actions( )\n").author_processes_actions
    assert not pack.interview("code: reprocess_action()\n").author_processes_actions


def test_a_compiled_interview_cannot_be_changed(pack: Pack) -> None:
    interview = pack.interview("metadata:\n  a: [1, {b: 2}]\n---\nquestion: q\nyesno: a\n")
    with pytest.raises(TypeError, match="cannot be changed"):
        interview.metadata["a"].append(3)  # type: ignore[union-attr]
    with pytest.raises(TypeError, match="cannot be changed"):
        interview.metadata["a"][1]["b"] = 3  # type: ignore[index]
    with pytest.raises(TypeError):
        interview.index["x"] = ()  # type: ignore[index]

    opened = copy.deepcopy(interview.metadata["a"])
    opened[1]["b"] = 3
    assert interview.metadata["a"] == [1, {"b": 2}]
