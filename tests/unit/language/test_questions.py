"""Question blocks: shapes, embedded blocks, review, parts, attachments."""

from __future__ import annotations

import pytest

from shared.language.model import Block, Code, Expr, Kind, Question
from tests.unit.language.sample import Pack, source


def question_of(pack: Pack, text: str) -> Question:
    question = pack.block(text).question
    assert question is not None
    return question


@pytest.mark.parametrize(
    ("written", "shape", "variable", "sets"),
    [
        ("", "end", None, ()),
        ("yesno: a", "yesno", "a", ("a",)),
        ("noyes: a.b", "noyes", "a.b", ("a.b",)),
        ("yesnomaybe: a[i]", "yesnomaybe", "a[i]", ("a[i]",)),
        ("noyesmaybe: a", "noyesmaybe", "a", ("a",)),
        ("signature: user.signature", "signature", "user.signature", ("user.signature",)),
        ("field: a", "continue", "a", ("a",)),
        ("continue button field: a", "continue", "a", ("a",)),
        ("field: a\nbuttons: [x, y]", "buttons", "a", ("a",)),
        ("field: a\nchoices: [x, y]", "choices", "a", ("a",)),
        ("field: a\ndropdown: [x, y]", "dropdown", "a", ("a",)),
        ("field: a\ncombobox:\n  code: things", "combobox", "a", ("a",)),
        ("event: done", "end", None, ("done",)),
        ("event:\n  - one\n  - two", "end", None, ("one", "two")),
        ("sets: [a, b.c]", "end", None, ("a", "b.c")),
        ("yesno: a\nsets: b", "yesno", "a", ("a", "b")),
        ("yesno: a\nonly sets: b", "yesno", "a", ("b",)),
        ("yesno: a\nscan for variables: False\nsets: b\nevent: c", "yesno", "a", ("b", "c")),
    ],
)
def test_shapes_and_names(pack: Pack, written: str, shape: str, variable: str | None, sets: tuple[str, ...]) -> None:
    block = pack.block(f"question: q\n{written}\n")
    assert block.kind is Kind.QUESTION
    assert block.question is not None
    assert (block.question.shape, block.question.variable) == (shape, variable)
    assert block.sets == sets


def test_continue_button_field_beside_fields_and_review(pack: Pack) -> None:
    block = pack.block("question: q\nfields:\n  - A: a\ncontinue button field: seen\n")
    assert block.question is not None
    assert (block.question.shape, block.question.continue_variable) == ("fields", "seen")
    assert block.sets == ("seen", "a")
    review = question_of(pack, "question: q\nreview:\n  - Edit: a\nfield: reviewed\n")
    assert (review.shape, review.continue_variable) == ("review", "reviewed")


EVERY_PART = """\
question: q
subquestion: s ${ a }
under: u
right: r
pre: p
post: o
css: <style></style>
script: <script></script>
continue button label: Go ${ a }
back button label: Return
help:
  label: Aid
  heading: H ${ a }
  content: |
    Text
  audio: a.mp3
decoration: star
progress: 50
section: about ${ a }
prevent going back: True
back button: a > 1
hide continue button: |
  not ready
terms:
  - phrases: [one, two]
    definition: D ${ a }
  - three: E
auto terms:
  four: F
audio:
  - a.mp3
  - ${ b }
question metadata:
  x: [1, "${ a }"]
allow emailing: False
allow downloading: a == 1
zip filename: z
breadcrumb: crumb
tabular: table table-hover
"""


def test_parts_help_and_options(pack: Pack) -> None:
    question = question_of(
        pack,
        EVERY_PART,
    )
    assert {key: source(text) for key, text in question.parts.items()} == {
        "under": "u",
        "right": "r",
        "pre": "p",
        "post": "o",
        "css": "<style></style>",
        "script": "<script></script>",
        "continue button label": "Go ${ a }",
        "back button label": "Return",
        "help": "Text\n",
        "breadcrumb": "crumb",
    }
    assert source(question.help_label) == "Aid"
    assert source(question.options["help"]) == {"heading": "H ${ a }", "audio": "a.mp3"}
    assert question.options["progress"] == 50
    assert question.options["prevent going back"] is True
    assert isinstance(question.options["back button"], Expr)
    assert isinstance(question.options["hide continue button"], Expr)
    assert source(question.terms) == {"one": "D ${ a }", "two": "D ${ a }", "three": "E"}
    assert source(question.auto_terms) == {"four": "F"}
    assert source(question.options["audio"]) == ["a.mp3", "${ b }"]
    assert source(question.options["question metadata"]) == {"x": [1, "${ a }"]}
    assert question.allow_emailing is False
    assert source(question.allow_downloading) == "a == 1"
    assert source(question.options["tabular"]) == "table table-hover"


@pytest.mark.parametrize(
    ("written", "value"),
    [("True", 10.0), ("5", 5.0), ("2.5", 2.5), ("False", None), ("${ n }", "${ n }"), ("'7'", 7.0), ("n + 1", "n + 1")],
)
def test_reload(pack: Pack, written: str, value: object) -> None:
    assert source(question_of(pack, f"question: q\nreload: {written}\n").reload) == value


def test_check_in_names_an_action(pack: Pack) -> None:
    assert question_of(pack, "question: q\ncheck in: update\nfields:\n  - A: a\n").check_in == "update"


def test_list_collect(pack: Pack) -> None:
    text = "question: q\nfields:\n  - A: a[i].b\nlist collect:\n  label: A ${ i }\n  is final: done\n  allow append: False\n"
    collect = question_of(pack, text).options["list collect"]
    assert source(collect) == {"label": "A ${ i }", "is final": "done", "allow append": False}
    assert (
        question_of(pack, "question: q\nfields:\n  - A: a[i].b\nlist collect: True\n").options["list collect"] is True
    )


REVIEW = """\
question: q
review:
  - Edit: fruit
    button: You like ${ fruit }.
  - Change:
      - fruit
      - user.name
      - follow up:
          - peel
      - recompute: [salad]
      - set:
          - address.edited: True
      - undefine: [old]
      - invalidate: [older]
    show if: [fruit, is_ready]
    help: h
  - label: Other ${ x }
    field: x.other
    css class: c
  - label: Two
    fields: [a, b]
  - note: A note ${ a }
    show if:
      code: a > 1
  - html: <b></b>
  - Revisit:
      action: do_it
      arguments: {n: 1}
"""


def test_review(pack: Pack) -> None:
    question = question_of(
        pack,
        REVIEW,
    )
    assert [source(item.label) for item in question.review] == [
        "Edit",
        "Change",
        "Other ${ x }",
        "Two",
        "A note ${ a }",
        "<b></b>",
        "Revisit",
    ]
    assert [source(item.actions) for item in question.review] == [
        ["fruit"],
        [
            "fruit",
            "user.name",
            {"follow up": ["peel"]},
            {"recompute": ["salad"]},
            {"set": [{"address.edited": True}]},
            {"undefine": ["old"]},
            {"invalidate": ["older"]},
        ],
        ["x.other"],
        ["a", "b"],
        [],
        [],
        [{"action": "do_it", "arguments": {"n": 1}}],
    ]
    assert source(question.review[0].button) == "You like ${ fruit }."
    assert source(question.review[1].show_ifs) == ["fruit", "is_ready"]
    assert [item.is_note for item in question.review] == [False] * 4 + [True, True, False]
    assert [item.options.get("kind") for item in question.review[4:6]] == ["note", "html"]
    assert source(question.review[4].show_ifs) == ["a > 1"]


def test_attachments_of_a_question(pack: Pack) -> None:
    pack.write("Dear ${ name },\n", "data/templates/letter.md")
    interview = pack.interview(
        """\
        question: q
        attachments:
          - name: A letter
            filename: letter_${ n }
            variable name: letter
            content file: letter.md
            valid formats: [pdf, docx]
            metadata:
              SingleSpacing: True
              title: ${ t }
          - name: A form
            pdf template file: form.pdf
            fields:
              - name: ${ user }
              - date: today
            editable: False
            pdf/a: use_pdfa
          - name: Computed
            docx template file:
              code: which_file
            code: |
              {'a': b}
            field code:
              x: y + 1
            field variables: [a, b.c]
            content file:
              code: a_file
        attachment code: more
        """
    )
    (block,) = interview.blocks
    assert block.sets == ("letter",)
    letter, form, computed = block.question.attachments  # type: ignore[union-attr]
    assert letter.content.render({"name": "Jo"}) == "Dear Jo,\n"
    assert (letter.variable, source(letter.filename), letter.options["valid formats"]) == (
        "letter",
        "letter_${ n }",
        ["pdf", "docx"],
    )
    assert source(letter.options["metadata"]) == {"SingleSpacing": True, "title": "${ t }"}
    assert source(form.options) == {
        "pdf template file": "form.pdf",
        "fields": [{"name": "${ user }"}, {"date": "today"}],
        "editable": False,
        "pdf/a": "use_pdfa",
    }
    assert isinstance(computed.options["docx template file"], Expr)
    assert isinstance(computed.options["code"], Expr)
    assert isinstance(computed.options["field code"]["x"], Expr)
    assert computed.options["field variables"] == ("a", "b.c")
    assert isinstance(computed.content_file, Expr)
    assert source(block.question.attachment_code) == "more"  # type: ignore[union-attr]
    assert "pack:data/templates/letter.md" in interview.sources


def test_an_attachment_of_nothing_but_text(pack: Pack) -> None:
    (attachment,) = question_of(pack, "question: q\nattachment: |\n  ${ table }\n").attachments
    assert (source(attachment.name), source(attachment.content)) == ("Document", "${ table }\n")


def test_validation_code(pack: Pack) -> None:
    code = question_of(
        pack, "question: q\nfields:\n  - A: a\nvalidation code: |\n  if a < 1:\n    a = 1\n"
    ).validation_code
    assert isinstance(code, Code)
    assert code.place.line == 5


def test_the_words_of_the_question_with_defs(pack: Pack) -> None:
    interview = pack.interview(
        """\
        def: tools
        mako: |
          <%def name="twice(x)">${ x } ${ x }</%def>
        ---
        question: ${ twice(fruit) }
        usedefs: tools
        mandatory: True
        """
    )
    assert interview.setup[0].kind is Kind.DEF
    asked: Block = interview.ordered[0]
    assert asked.question is not None
    assert asked.question.question.render({"fruit": "fig"}) == "fig fig"


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        ("yesno: a\nfields:\n  - B: b", 2, "cannot have both 'fields' and 'yesno'"),
        ("field: a\nbuttons: [b]\nchoices: [c]", 3, "cannot have both 'choices' and 'buttons'"),
        ("buttons:\n  - One: 1", 3, "sets nothing: the question has no 'field'"),
        ("buttons:\n  - One:\n      subquestion: x", 4, "neither a value nor a block"),
        ("field: a\nbuttons:\n  - One:\n      code: b = 1", 5, "cannot be a block here"),
        ("fields: text", 2, "'fields' must be a list of fields, not text"),
        ("fields:", 2, "'fields' must be a list of fields, not nothing"),
        ("fields: []", 2, "'fields' is empty"),
        ("review: text", 2, "'review' must be a list"),
        ("review:\n  - Edit:", 3, "names no variable"),
        ("review:\n  - Edit: ''", 3, "names no variable"),
        ("review:\n  - Edit: a\n    buton: b", 4, "'buton' is not a key"),
        ("review:\n  - Edit:\n      - recomptue: [a]", 4, "'recomptue' is not a key of an item's list"),
        ("attachment:\n  filenmae: x", 3, "'filenmae' is not a key of an attachment"),
        (
            "attachment:\n  name: x\n  content: a\n  content file: b.md",
            5,
            "cannot be both 'content' and 'content file'",
        ),
        ("attachment:\n  content file: nowhere.md", 3, "there is no file 'pack:nowhere.md'"),
        ("attachment: 3\nattachments: 4", 3, "cannot be both 'attachment' and 'attachments'"),
        ("reload: [1]", 2, "'reload' must be True or a number"),
        ("check in: a b", 2, "not the name of a variable"),
        ("action buttons:\n  - label: x", 3, "needs 'action'"),
        ("list collect:\n  lable: x", 3, "'lable' is not a key of 'list collect'"),
        ("terms: [a]", 2, "must be `term: definition`"),
        ("validation code: |\n  if a", 3, "'validation code' is not Python"),
        ("usedefs: nothing", 2, "there is no 'def: nothing' above"),
        ("subquestion: |\n  one\n  % if a:\n  two", 4, "Unterminated control keyword"),
        ("subquestion:\n  a: b", 3, "'subquestion' must be text, not a mapping"),
        ("mandatroy: True", 2, "unknown key 'mandatroy'"),
        ("code: a = 1", 2, "cannot have both 'question' and 'code'"),
    ],
)
def test_mistakes(pack: Pack, written: str, line: int, words: str) -> None:
    errors = pack.compiled(f"question: q\n{written}\n").problems
    assert [error.place.line for error in errors if words in error.message] == [line], list(map(str, errors))
