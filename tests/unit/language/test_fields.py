"""Items of ``fields``, their choices and their rules."""

from __future__ import annotations

from typing import Any

import pytest

from shared.language.model import Expr, Field, ShowIf
from tests.unit.language.sample import Pack, source


def fields_of(pack: Pack, text: str) -> tuple[Field, ...]:
    lines = "\n".join(f"  {line}" for line in text.strip("\n").split("\n"))
    question = pack.block(f"question: q\nfields:\n{lines}\n").question
    assert question is not None
    assert question.shape == "fields"
    return question.fields


def field_of(pack: Pack, text: str) -> Field:
    (field,) = fields_of(pack, text)
    return field


@pytest.mark.parametrize(
    ("written", "label", "variable", "present"),
    [
        ("- Fruit: fruit", "Fruit", "fruit", True),
        ("- 'Apt/Unit': user.address.unit", "Apt/Unit", "user.address.unit", True),
        ("- no label: fruit", None, "fruit", False),
        ('- "": fruit', "", "fruit", True),
        ("- label: Fruit\n  field: fruit", "Fruit", "fruit", True),
        ("- field: fruit", None, "fruit", False),
        ('- Seeds: fruit["kiwi"].seeds', "Seeds", "fruit['kiwi'].seeds", True),
        ("- 1: answer[0]", "1", "answer[0]", True),
        ("- ${ word } of ${ i }: x.list[i]", "${ word } of ${ i }", "x.list[i]", True),
        ("- True: a", "True", "a", True),
    ],
)
def test_label_and_variable(pack: Pack, written: str, label: str | None, variable: str, present: bool) -> None:
    field = field_of(pack, written)
    assert (source(field.label), field.variable, field.label_present) == (label, variable, present)
    assert (field.kind, field.datatype, field.required) == ("input", "text", True)


def test_one_field_may_be_written_without_a_dash(pack: Pack) -> None:
    field = field_of(pack, "no label: villain\ndatatype: object\nchoices:\n  - client\n  - advocate")
    assert field.variable == "villain"
    assert source(field.object_choices) == ["client", "advocate"]


def test_several_fields_may_be_written_without_dashes(pack: Pack) -> None:
    fields = fields_of(pack, '"Where were you born?": place\n? |\n  What were the\n  last words?\n: words')
    assert [(source(field.label), field.variable, field.place.line) for field in fields] == [
        ("Where were you born?", "place", 3),
        ("What were the\nlast words?\n", "words", 4),
    ]


@pytest.mark.parametrize(
    ("written", "datatype", "input_type"),
    [
        ("integer", "integer", None),
        ("yesno", "boolean", "yesno"),
        ("yesnowide", "boolean", "yesnowide"),
        ("noyesradio", "boolean", "noyesradio"),
        ("yesnomaybe", "threestate", "yesnomaybe"),
        ("noyesmaybe", "threestate", "noyesmaybe"),
        ("radio", "text", "radio"),
        ("area", "text", "area"),
        ("mlarea", "ml", "area"),
        ("multiselect", "multiselect", None),
        ("microphone", "microphone", None),
    ],
)
def test_datatypes(pack: Pack, written: str, datatype: str, input_type: str | None) -> None:
    field = field_of(pack, f"- A: a\n  datatype: {written}\n  choices: [b, c]")
    assert (field.datatype, field.input_type) == (datatype, input_type)


def test_input_type_beside_a_datatype(pack: Pack) -> None:
    field = field_of(pack, "- A: a\n  datatype: integer\n  input type: radio\n  choices: [1, 2]")
    assert (field.datatype, field.input_type) == ("integer", "radio")


def test_a_custom_datatype_is_found_in_a_module_of_the_package(pack: Pack) -> None:
    pack.write(
        """\
        class Fruit(CustomDataType):
            name = 'fruit'
            parameters = ['seeds']
            code_parameters = ['max words']
            mako_parameters = ['tip']
        """,
        "fruit.py",
    )
    field = field_of(pack, "- A: a\n  datatype: fruit\n  seeds: 10\n  max words: 1 + 2\n  tip: ${ b }")
    assert field.datatype == "fruit"
    assert field.options["seeds"] == 10
    assert isinstance(field.options["max words"], Expr)
    assert field.options["tip"].render({"b": "x"}) == "x"


def test_texts_flags_and_values(pack: Pack) -> None:
    field = field_of(
        pack,
        """
- A: a
  required: b == 1
  hint: h ${ x }
  help: |
    more
  default: ${ b }
  min: ${ low }
  max: 10
  step: 0.5
  rows: 3
  under text: below
  css class: c
  disabled: True
  label above field: is_narrow
  accept: |
    "'image/png'"
  validate: is_even
  validation messages:
    required: Needed, ${ name }!
    max: Too much.
  disable others: True
  uncheck others: [b, c.d]
  address autocomplete: False
  grid: 6
  field metadata:
    tags: [a, "${ b }"]
  allow users:
    code: |
      [advocate]
  note: aside
  currency symbol: €
  """,
    )
    assert source(field.required) == "b == 1"
    assert source(field.hint) == "h ${ x }"
    assert source(field.help) == "more\n"
    assert source(field.default) == "${ b }"
    assert field.options["max"] == 10
    assert source(field.options["min"]) == "${ low }"
    assert field.options["step"] == 0.5
    assert field.options["disabled"] is True
    assert isinstance(field.options["label above field"], Expr)
    assert isinstance(field.options["accept"], Expr)
    assert isinstance(field.validate, Expr)
    assert {code: text.render({"name": "you"}) for code, text in field.validation_messages.items()} == {
        "required": "Needed, you!",
        "max": "Too much.",
    }
    assert field.options["disable others"] is True
    assert field.options["uncheck others"] == ("b", "c.d")
    assert field.options["address autocomplete"] is False
    assert field.options["grid"] == 6
    assert source(field.options["field metadata"]) == {"tags": ["a", "${ b }"]}
    assert isinstance(field.options["allow users"], Expr)
    assert source(field.options["note"]) == "aside"
    assert field.options["currency symbol"].render({}) == "€"


def test_defaults_that_are_data_or_code(pack: Pack) -> None:
    assert field_of(pack, "- A: a\n  default: [x, y]\n  datatype: checkboxes\n  choices: [x, y]").default == ["x", "y"]
    assert field_of(pack, "- A: a\n  default: {x: True}\n  datatype: checkboxes\n  choices: [x]").default == {"x": True}
    assert isinstance(field_of(pack, "- A: a\n  default:\n    code: b").default, Expr)
    assert field_of(pack, "- A: a\n  datatype: number\n  default: 5").default == 5


def test_grid_as_a_mapping(pack: Pack) -> None:
    grid = field_of(
        pack, "- A: a\n  grid:\n    width: 3 + n\n    offset: 2\n    start: True\n    breakpoint: ${ size }"
    ).options["grid"]
    assert isinstance(grid["width"], Expr)
    assert (grid["offset"], grid["start"]) == (2, True)
    assert grid["breakpoint"].render({"size": "sm"}) == "sm"


@pytest.mark.parametrize(
    ("kind", "datatype"),
    [("note", "note"), ("html", "html"), ("raw html", "raw html"), ("script", "script"), ("css", "css")],
)
def test_notes_stand_alone(pack: Pack, kind: str, datatype: str) -> None:
    field = field_of(pack, f"- {kind}: |\n    Some ${{ text }}\n  show if: a\n  css class: c")
    assert (field.kind, field.variable, field.datatype, field.required) == (kind, None, datatype, False)
    assert source(field.label) == "Some ${ text }\n"
    assert field.show_ifs == (ShowIf(variable="a"),)


def test_code_alone_makes_fields(pack: Pack) -> None:
    field = field_of(pack, "- code: |\n    field_list")
    assert (field.kind, field.variable) == ("code", None)
    assert source(field.code) == "field_list\n"


# -- choices


def choices_of(pack: Pack, text: str, **keys: str) -> Any:
    more = "".join(f"\n  {key}: {value}" for key, value in keys.items())
    return field_of(pack, f"- A: a\n  choices:\n{text}{more}").choices


def test_choices_as_words_pairs_and_mappings(pack: Pack) -> None:
    choices = choices_of(
        pack,
        """
    - Apple
    - 3
    - Orange fruit: orange
    - Pear: ${ kind }
      default: True
      help: sweet
      image: pear.png
      color: success
      css class: big
      show if: likes_pears
      group: Round
    - label: A ${ b }
      value: b
    - Nothing: null
    - Sure: True""",
    )
    assert [(source(item.label), source(item.value)) for item in choices.items] == [
        ("Apple", "Apple"),
        ("3", 3),
        ("Orange fruit", "orange"),
        ("Pear", "${ kind }"),
        ("A ${ b }", "b"),
        ("Nothing", None),
        ("Sure", True),
    ]
    pear = choices.items[3]
    assert (pear.default, source(pear.help), pear.image, source(pear.color), source(pear.css_class)) == (
        True,
        "sweet",
        "pear.png",
        "success",
        "big",
    )
    assert (source(pear.show_if), source(pear.group)) == ("likes_pears", "Round")


def test_choices_as_a_mapping_come_in_the_order_of_their_labels(pack: Pack) -> None:
    field = field_of(pack, "- A: a\n  choices:\n    Male: male\n    Female: female")
    assert field.choices is not None
    assert [(source(item.label), item.value) for item in field.choices.items] == [
        ("Female", "female"),
        ("Male", "male"),
    ]


@pytest.mark.parametrize("written", ["code: fruits", "choices:\n    code: fruits", "choices: fruits"])
def test_choices_from_code(pack: Pack, written: str) -> None:
    field = field_of(pack, f"- A: a\n  {written}")
    assert field.choices is not None
    assert source(field.choices.code) == "fruits"
    assert field.choices.items == ()


def test_choices_written_and_computed_together(pack: Pack) -> None:
    choices = choices_of(pack, "\n    - First: 1\n    - code: more\n    - Last: 9")
    assert [source(item.code) for item in choices.items] == [None, "more", None]


def test_keys_beside_choices(pack: Pack) -> None:
    choices = choices_of(
        pack,
        "\n    - a",
        exclude="taken",
        shuffle="True",
        **{"none of the above": "None, ${ name }", "all of the above": "False"},
    )
    assert source(choices.exclude) == ["taken"]
    assert choices.shuffle is True
    assert source(choices.none_of_the_above) == "None, ${ name }"
    assert choices.all_of_the_above is False


def test_objects_to_choose_from(pack: Pack) -> None:
    field = field_of(
        pack,
        "- A: villain\n  datatype: object_checkboxes\n  choices: [hero, friends]\n  default: hero\n  exclude: me\n"
        "  object labeler: |\n    lambda y: y.nick\n  none of the above: False",
    )
    assert source(field.object_choices) == ["hero", "friends"]
    assert source(field.object_default) == ["hero"]
    assert field.object_labeler is not None
    assert field.choices is not None
    assert source(field.choices.exclude) == ["me"]
    block = pack.interview(
        "question: q\nfields:\n  - A: villain\n    datatype: object_checkboxes\n    choices: heroes\n"
    ).blocks[0]
    assert block.sets == ("villain", "villain.gathered")


# -- rules


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("show if: b", ShowIf(variable="b")),
        ("hide if: b.c", ShowIf(sign=False, variable="b.c")),
        ("enable if: b", ShowIf(disable=True, variable="b")),
        ("disable if: b", ShowIf(sign=False, disable=True, variable="b")),
        ("show if:\n    variable: b\n    is: Other", ShowIf(variable="b", is_value="Other", has_is=True)),
        ("hide if:\n    variable: b\n    is: null", ShowIf(sign=False, variable="b", has_is=True)),
        ("show if:\n    variable: b\n    is: False", ShowIf(variable="b", is_value=False, has_is=True)),
    ],
)
def test_rules_kept_by_the_browser(pack: Pack, written: str, rule: ShowIf) -> None:
    assert field_of(pack, f"- A: a\n  {written}").show_ifs == (rule,)


def test_rules_in_code_and_javascript(pack: Pack) -> None:
    (rule,) = field_of(pack, "- A: a\n  hide if:\n    code: |\n      b > 3").show_ifs
    assert (rule.sign, source(rule.code)) == (False, "b > 3\n")
    rules = field_of(pack, '- A: a\n  js show if: val("b") && ${ json.dumps(c) }\n  js disable if: val("d")').show_ifs
    assert [(rule.sign, rule.disable, source(rule.js)) for rule in rules] == [
        (True, False, 'val("b") && ${ json.dumps(c) }'),
        (False, True, 'val("d")'),
    ]


# -- mistakes


@pytest.mark.parametrize(
    ("written", "line", "words", "hint"),
    [
        ("- A: a\n  requird: False", 4, "'requird' is not a key of a field", "did you mean 'required'?"),
        ("- A: a\n  B: b", 4, "has its label already", "dash"),
        ("- A:", 3, "no variable name", ""),
        ("- A: two words", 3, "'two words' is not the name of a variable", "no spaces"),
        ("- A: for", 3, "not the name", "'for' is a word of Python"),
        ("- A: 8th", 3, "not the name", "begin with a digit"),
        ("- A: [a]", 3, "not a list", ""),
        ("- A", 3, "a field must be `Label: variable`, not text", ""),
        ("- required: False", 3, "no label and no variable", ""),
        ("- A: a\n  datatype: intger", 4, "unknown datatype 'intger'", "did you mean 'integer'?"),
        ("- A: a\n  input type: radoi", 4, "unknown input type", "did you mean 'radio'?"),
        ("- A: a\n  datatype: 3", 4, "'datatype' must be a word", ""),
        ("- A: a\n  choices: [a]\n  code: b", 5, "cannot have both 'choices' and 'code'", ""),
        ("- A: a\n  choices:\n    - a: b\n      c: d", 6, "a choice has one label", "dash"),
        ("- A: a\n  choices:\n    - [a]", 5, "not a list", ""),
        ("- A: a\n  choices:\n    -", 5, "a choice is empty", ""),
        ("- A: a\n  choices: 3", 4, "must be a list", ""),
        ("- A: a\n  show if: b\n  hide if: c", 5, "has both 'show if' and 'hide if'", ""),
        ("- A: a\n  show if: b == 1", 4, "not the name of a variable", ""),
        ("- A: a\n  show if: {is: 1}", 4, "must have 'variable' and 'is', or 'code'", ""),
        ("- A: a\n  disable if: {code: b}", 4, "cannot use code", "'disabled'"),
        ("- A: a\n  required: b ==", 4, "'required' is not Python", "one Python expression"),
        ("- A: a\n  hint: ${ b", 4, "the Mako of 'hint' is wrong", ""),
        ("- A: a\n  help: [b]", 4, "'help' must be text, not a list", ""),
        ("- A: a\n  validation messages: text", 4, "must be a mapping", ""),
        ("- code: 1 +", 3, "'code' is not Python", ""),
    ],
)
def test_mistakes(pack: Pack, written: str, line: int, words: str, hint: str) -> None:
    lines = "\n".join(f"  {part}" for part in written.split("\n"))
    problem = pack.problem(f"question: q\nfields:\n{lines}\n")
    assert words in problem.message
    assert hint in problem.hint
    assert problem.place.line == line
    assert problem.place.block == "Question_0"
