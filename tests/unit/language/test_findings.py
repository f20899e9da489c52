"""What the reference loads, loads: which findings refuse an interview, and what is made of the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.cli.findings import page
from shared.language.findings import Finding, Severity
from shared.language.model import Block, Field, Kind, Question
from tests.unit.language.sample import Pack, source

ROOT = Path(__file__).parents[3]


def question_of(pack: Pack, text: str) -> Question:
    question = pack.block(text).question
    assert question is not None
    return question


def fields_of(pack: Pack, text: str) -> tuple[Field, ...]:
    return question_of(pack, f"question: q\nfields:\n{text}").fields


def codes(pack: Pack, text: str) -> list[str]:
    return [problem.finding.name for problem in pack.compiled(text).problems]


# -- the table


def test_codes_are_unique_and_in_order() -> None:
    found = [finding.code for finding in Finding]
    assert found == sorted(set(found))
    assert all(re.fullmatch(r"L\d{3}", code) for code in found)


def test_every_finding_is_made_somewhere() -> None:
    text = "".join(
        path.read_text("utf-8")
        for path in [*(ROOT / "shared/language").glob("*.py"), ROOT / "services/cli/check_templates.py"]
        if path.name != "findings.py"
    )
    assert [finding.name for finding in Finding if not re.search(rf"Finding\.{finding.name}\b", text)] == []


def test_every_finding_says_why() -> None:
    for finding in Finding:
        assert finding.says.endswith(".")
        assert finding.source.endswith(".")
    refused = [finding.source for finding in Finding if finding.severity is Severity.ERROR]
    assert all(".md" in words or "reference" in words or "Parley" in words or "page of" in words for words in refused)


# -- what stays refused


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("question: q\nquestion: r\n", "KEY_TWICE"),
        ("question: q\nfields:\n  - A: b['x' + str(i)].c\n", "NOT_A_NAME"),
        ("question: q\nfields:\n  - A: b[f(1)]\n", "NOT_A_NAME"),
        ("question: 'q\n", "NOT_YAML"),
        ("- a\n", "NOT_A_BLOCK"),
    ],
)
def test_refused(pack: Pack, text: str, finding: str) -> None:
    compiled = pack.compiled(text)
    assert compiled.interview is None
    assert codes(pack, text) == [finding]


# -- keys


def test_an_unknown_key_is_ignored_wherever_it_stands(pack: Pack) -> None:
    text = """\
        question: q
        Subquestion: not shown
        fields:
          - A: a
            colour: red
            show if:
              variable: b
              maxlength: 5
              is: x
          - B: b
            datatype: radio
            choices:
              - label: x
                value: y
                extra: z
              - One: one
                Two: two
        need:
          after: c
          post: d
        list collect:
          lable: x
          enable: True
        attachment:
          filenmae: x
          content: c
        """
    assert codes(pack, text) == ["UNKNOWN_KEY"] * 8
    block = pack.block(text)
    question = block.question
    assert question is not None
    assert question.subquestion is None
    a, b = question.fields
    (rule,) = a.show_ifs
    assert (rule.variable, rule.is_value) == ("b", "x")
    assert b.choices is not None
    assert [(source(choice.label), source(choice.value)) for choice in b.choices.items] == [("x", "y"), ("One", "one")]
    assert [need.post for need in block.needs] == [True]
    assert set(question.options["list collect"]) == {"enable"}
    assert source(question.attachments[0].content) == "c"


@pytest.mark.parametrize("key", ["fieldz", "Fields", "feilds"])
def test_the_key_that_was_meant_is_suggested(pack: Pack, key: str) -> None:
    assert pack.problem(f"question: q\n{key}: x\n").hint == "did you mean 'fields'?"


def test_an_item_of_review_without_its_foreign_keys(pack: Pack) -> None:
    question = question_of(
        pack,
        "question: q\nreview:\n  - Edit: a\n    button: B\n    recompute: [c]\n  - Two:\n      - recomptue: [a]\n      - b\n",
    )
    assert [item.actions for item in question.review] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("our notes: x\n", "NO_EFFECT"),
        ("mandatory: True\n", "NO_EFFECT"),
        ("subquestion: x\nyesno: a\n", "NO_QUESTION"),
    ],
)
def test_a_block_of_nothing_that_is_known_is_inert(pack: Pack, text: str, finding: str) -> None:
    assert finding in codes(pack, text)
    assert pack.block(text).kind is Kind.INERT


# -- fields


@pytest.mark.parametrize(
    ("datatype", "hint"), [("int", "'integer'"), ("intger", "'integer'"), ("String", "'text'"), ("zzz", "no module")]
)
def test_an_unknown_datatype_is_text(pack: Pack, datatype: str, hint: str) -> None:
    text = f"  - A: a\n    datatype: {datatype}\n"
    assert fields_of(pack, text)[0].datatype == "text"
    problem = pack.problem(f"question: q\nfields:\n{text}")
    assert problem.finding is Finding.UNKNOWN_DATATYPE
    assert hint in problem.hint


def test_an_unknown_input_type_is_ignored_and_a_datatype_there_is_one(pack: Pack) -> None:
    unknown, password = fields_of(pack, "  - A: a\n    input type: wheel\n  - B: b\n    input type: password\n")
    assert (unknown.datatype, unknown.input_type) == ("text", None)
    assert (password.datatype, password.input_type) == ("password", None)


def test_a_limit_that_is_no_number_is_ignored(pack: Pack) -> None:
    (field,) = fields_of(pack, "  - A: a\n    datatype: integer\n    min: three\n    max: 4\n")
    assert dict(field.options) == {"max": 4}


def test_show_if_with_code_beside_the_variable_is_two_rules(pack: Pack) -> None:
    (field,) = fields_of(pack, "  - A: a\n    show if:\n      variable: b\n      is: red\n      code: offered\n")
    code, watched = field.show_ifs
    assert (source(code.code), code.variable) == ("offered", None)
    assert (watched.variable, watched.is_value, watched.code) == ("b", "red", None)


def test_show_if_beside_hide_if_are_both_kept(pack: Pack) -> None:
    (field,) = fields_of(pack, "  - A: a\n    show if: b\n    hide if: c\n")
    assert [(rule.sign, rule.variable) for rule in field.show_ifs] == [(True, "b"), (False, "c")]


@pytest.mark.parametrize("rule", ["show if: b = FALSE", "hide if: 3", "show if: {is: 1}", "enable if: {code: b}"])
def test_a_rule_that_watches_nothing_leaves_the_field_shown(pack: Pack, rule: str) -> None:
    assert fields_of(pack, f"  - A: a\n    {rule}\n")[0].show_ifs == ()


# -- choices


def test_mako_as_the_default_of_a_choice_is_an_expression(pack: Pack) -> None:
    (field,) = fields_of(
        pack, "  - A: a\n    datatype: checkboxes\n    choices:\n      - x: y\n        default: ${ b }\n"
    )
    assert field.choices is not None
    assert str(source(field.choices.items[0].default)).strip() == "b"


def test_a_choice_without_a_field_runs_the_action_it_names(pack: Pack) -> None:
    text = "question: q\nevent: e\nbuttons:\n  - Start: go_on\n  - Just text: 5\n  - Leave: exit\n"
    choices = question_of(pack, text).choices
    assert choices is not None
    start, other, leave = choices.items
    assert isinstance(start.block, Block)
    assert source(start.block.code).strip() == "go_on"
    assert (other.command, leave.command) == ("continue", "exit")
    assert codes(pack, text) == ["ACTION_CHOICE"] * 2


def test_a_mapping_that_is_no_block_stands_for_its_label(pack: Pack) -> None:
    choices = question_of(pack, "question: q\nfield: a\nbuttons:\n  - One:\n      image: x\n").choices
    assert choices is not None
    assert choices.items[0].value == "One"


# -- the rest


def test_field_and_continue_button_field_are_both_set(pack: Pack) -> None:
    text = "question: q\nfield: a\nbuttons: [x, z]\ncontinue button field: b\n"
    question = question_of(pack, text)
    assert (question.variable, question.continue_variable) == ("a", "b")
    assert set(pack.block(text).sets) == {"a", "b"}
    assert codes(pack, text) == []


def test_a_text_that_looks_like_a_list_of_names(pack: Pack) -> None:
    text = 'question: q\nfields:\n  - code: f\nsets: "- a"\n'
    assert pack.block(text).sets == ("a",)
    assert codes(pack, text) == ["LIST_IN_TEXT"]
    assert pack.block("question: q\nfields:\n  - code: f\nsets: |\n  - a\n  - b.c\n").sets == ("a", "b.c")


def test_an_attribute_named_like_a_word_of_python_is_not_editable(pack: Pack) -> None:
    block = pack.block("table: t\nrows: r\ncolumns:\n  - A: row_index\nedit:\n  - from\n  - to\n")
    assert block.options["edit"] == ("to",)


def test_a_datatype_that_derives_from_another_of_its_module(pack: Pack) -> None:
    pack.write(
        "class A(CustomDataType):\n    name = 'a'\n\nclass B(A):\n    name = 'b'\n    parameters = ['p']\n", "t.py"
    )
    (field,) = fields_of(pack, "  - F: f\n    datatype: b\n    p: 3\n")
    assert (field.datatype, field.options["p"]) == ("b", 3)


def test_the_page_for_authors_is_that_of_the_table() -> None:
    assert (ROOT / "docs/findings.md").read_text("utf-8") == page()


def test_a_comment_after_a_control_line_may_hold_quotation_marks(pack: Pack) -> None:
    text = "% if a == '#': # it's\nx\n% else: # not (b['c'])\nz\n% endif\n"
    question = question_of(pack, "question: |\n" + "".join(f"  {line}\n" for line in text.splitlines()))
    assert question.question.render({"a": 1}).strip() == "z"


def test_what_is_documented_and_not_there_is_told(pack: Pack) -> None:
    assert "NOT_THERE" in codes(pack, "question: q\nfields:\n  - A: a\n    datatype: ml\n")
