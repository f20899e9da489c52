"""DOCX templates filled in: what is in the made file, as python-docx reads it."""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from PIL import Image

from services.cli.replay import MemoryFiles
from shared.authoring.jinjafilters import register_jinja_filter
from shared.engine.request import DocumentWanted
from tests.unit.engine.play import Play
from tests.unit.engine.test_assembled import Printer

Open = Callable[..., Play]


class Templates(MemoryFiles):
    """Files of a session, and templates by their names."""

    def __init__(self, **templates: bytes) -> None:
        super().__init__()
        self.templates = {f"{name}.docx": content for name, content in templates.items()}
        self.looked: dict[str, str] = {}  #: where each was looked for first

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        if reference.isdigit():
            return str(self.info(int(reference))["filename"]), self.read(int(reference))
        self.looked[reference] = folder
        return reference, self.templates[reference]


def template(*paragraphs: str, table: list[list[str]] | None = None) -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    if table:
        grid = made.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def letter(more: str = "", variables: str = "name = 'Ada'") -> str:
    code = "".join(f"\n      {line}" for line in variables.splitlines())
    return f"""
    mandatory: True
    code: |{code}
    ---
    mandatory: True
    question: Done
    attachment:
      name: Letter
      filename: letter
      docx template file: letter.docx{more}
"""


def filled(play: Open, content: bytes, *, more: str = "", variables: str = "name = 'Ada'", **others: bytes) -> Any:
    played = play(letter(more, variables), documents=Printer(), files=Templates(letter=content, **others))
    outcome = played.run(document=DocumentWanted(number=0, format="docx"))
    assert outcome.failure is None, outcome.failure
    assert outcome.screen is not None
    return docx.Document(io.BytesIO(played.files.read(outcome.screen.response["file"]["number"])))


def texts(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def test_values_conditions_and_loops(play: Open) -> None:
    made = filled(
        play,
        template(
            "Dear {{ name }},",
            "{%p for one in fruit %}",
            "- {{ one|upper }}",
            "{%p endfor %}",
            "{% if old %}old{% endif %}.",
        ),
        variables="name = 'Ada <&> Co'\nfruit = ['fig', 'pear']\nold = False",
    )
    assert texts(made) == ["Dear Ada <&> Co,", "- FIG", "- PEAR", "."]


def test_templates_are_looked_for_among_templates_first(play: Open) -> None:
    files = Templates(letter=template("{{p include_docx_template('below.docx') }}"), below=template("Below."))
    played = play(letter(), documents=Printer(), files=files)
    assert played.run(document=DocumentWanted(number=0, format="docx")).failure is None
    assert files.looked == {"letter.docx": "templates", "below.docx": "templates"}


def test_rows_of_a_table_are_repeated(play: Open) -> None:
    rows = [
        ["Name", "Age"],
        ["{%tr for one in people %}", ""],
        ["{{ one[0] }}", "{{ one[1] }}"],
        ["{%tr endfor %}", ""],
    ]
    made = filled(play, template("x", table=rows), variables="people = [('Ada', 36), ('Alan', 41)]")
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["Name", "Age"],
        ["Ada", "36"],
        ["Alan", "41"],
    ]


def test_formatted_texts_become_paragraphs_and_runs(play: Open) -> None:
    made = filled(
        play,
        template(
            "{{p text | markdown }}",
            "I {{r word | inline_markdown }} it.",
            "{{ lines | manual_line_breaks }}",
            "{{ lines }}",
        ),
        variables="text = 'One *two*\\n\\n- three\\n- [four](https://example.com)'\nword = 'do **not**'\nlines = 'a\\nb <c>'",
    )
    assert texts(made)[:3] == ["One two", "\u2022\tthree", "\u2022\tfour"]
    assert [run.text for run in made.paragraphs[0].runs if run.italic] == ["two"]
    assert [run.text for run in made.paragraphs[3].runs if run.bold] == ["not"]
    assert texts(made)[4] == "a\nb <c>"
    assert "https://example.com" in [one.target_ref for one in made.part.rels.values() if one.is_external]


def test_an_address_block_has_its_lines_and_no_tags(play: Open) -> None:
    variables = (
        "person = Person('person')\nperson.name.text = 'ABC'\nperson.address.address = '1 Main'\n"
        "person.address.city = 'Rome'\nperson.address.state = 'GA'\nperson.address.unit = ''"
    )
    for shown in ("{{ person.address_block() }}", "{{r person.address_block() | inline_markdown }}"):
        assert texts(filled(play, template(shown), variables=variables)) == ["ABC\n1 Main\nRome, GA"]


def test_an_answer_is_no_template(play: Open) -> None:
    made = filled(play, template("Dear {{ name }}"), variables="name = '{{ 7 * 7 }} </w:t> {% endfor %}'")
    assert texts(made) == ["Dear {{ 7 * 7 }} </w:t> {% endfor %}"]


def test_pictures_are_shown_with_their_width(play: Open) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(picture, "PNG")
    variables = (
        "name = DAFile('name')\nname.initialize(filename='sign.png')\nname.write(b'''" + "x" + "''', binary=True)"
    )
    code = variables.replace("b'''x'''", repr(picture.getvalue()))
    made = filled(play, template("{{ name.show(width='2in') }}"), variables=code)
    assert [shape.width.inches for shape in made.inline_shapes] == [2.0]


def test_other_templates_are_put_in_with_their_variables(play: Open) -> None:
    made = filled(
        play,
        template("Before", "{{p include_docx_template('inner.docx', extra='more') }}", "After"),
        inner=template("{{ name }} and {{ extra }}"),
    )
    assert texts(made) == ["Before", "Ada and more", "After"]


def test_a_template_in_itself_is_a_mistake(play: Open) -> None:
    content = template("{{p include_docx_template('letter.docx') }}")
    with pytest.raises(AssertionError, match="included in itself"):
        play(letter(), documents=Printer(), files=Templates(letter=content))


@pytest.mark.parametrize("key", ["field variables", "raw field variables"])
def test_fields_go_before_variables(play: Open, key: str) -> None:
    made = filled(
        play,
        template("{{ name }} {{ other }}"),
        more=f"\n      fields:\n        - other: from ${{ name }}\n      {key}:\n        - name",
    )
    assert texts(made) == ["Ada from Ada"]


def test_what_a_template_lacks_is_asked_for(play: Open) -> None:
    content = template("Dear {{ friend }}")
    played = play(
        "mandatory: True\nquestion: Done\nattachment:\n  docx template file: letter.docx\n---\n"
        "question: Who?\nfields:\n  - Friend: friend\n",
        documents=Printer(),
        files=Templates(letter=content),
    )
    assert played.question == "Who?"


def test_mistakes_say_where_they_are(play: Open) -> None:
    content = template("Fine", "{{ 1 + name }}")
    with pytest.raises(AssertionError, match=r"letter.docx cannot be filled in, paragraph 2 \(.*1 \+ name"):
        play(letter(), documents=Printer(), files=Templates(letter=content))


@pytest.mark.parametrize(
    ("paragraph", "said"),
    [
        (
            "{{ name }}, {{ name | capitalise }}",
            r"letter.docx has a mistake .*, paragraph 2 \(“{{ name \| capitalise }}”\): there is no filter "
            r"'capitalise'. Did you mean 'capitalize'\?",
        ),
        (
            "{{ name }} {% if name is strnig %}x{% endif %}",
            "paragraph 2 .*there is no test 'strnig'. Did you mean 'string'",
        ),
        ("{{ name", "paragraph 2 .*unexpected end"),
    ],
)
def test_what_jinja_does_not_know_is_a_mistake_with_its_place(play: Open, paragraph: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        play(letter(), documents=Printer(), files=Templates(letter=template("Fine", paragraph)))


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("['a', 'b', 'c'] | add_separators | join(' ')", "a; b; and c."),
        ("27 | alpha", "AB"),
        ("[1, 0] | all", "False"),
        ("[1, 0] | any", "True"),
        ("'ada lovelace' | capitalize", "Ada lovelace"),
        ("[1] | chain([2, 3]) | list | length", "3"),
        ("['a', 'b'] | comma_and_list", "a and b"),
        ("['a', 'b'] | comma_list", "a, b"),
        ("'US' | country_name", "United States"),
        ("5 | currency", "$5.00"),
        ("'Stop' | fix_punctuation", "Stop."),
        ("'a\\nb' | manual_line_breaks", "a\nb"),
        ("3 | nice_number", "three"),
        ("3 | ordinal", "fourth"),
        ("3 | ordinal_number", "third"),
        ("'a\\nb' | paragraphs | replace('\\n', '/')", "a//b"),
        ("'+12125551212' | phone_number_formatted", "(212) 555-1212"),
        ("'2125551212' | phone_number_in_e164", "+12125551212"),
        ("'abc' | redact", "\u2588" * 3),
        ("3 | roman", "IV"),
        ("person | salutation", "Ms."),
        ("'a\\n\\nb' | single_paragraph", "a b"),
        ("'the old man' | title_case", "The Old Man"),
        ("'*a* <b>' | verbatim", "*a* <b>"),
        ("'yes' | word", "yes"),
    ],
)
def test_each_documented_filter_does_what_its_function_does(play: Open, expression: str, shown: str) -> None:
    variables = "person = Individual('person', gender='female')\nperson.name.first = 'A'\nperson.name.last = 'B'"
    made = filled(play, template("{{ " + expression + " }}"), variables=variables)
    assert texts(made) == [shown]


def test_rich_text_breaks_lines(play: Open) -> None:
    assert texts(filled(play, template("{{r 'a\\nb' | RichText }}"))) == ["a\nb"]


def test_filters_of_modules_are_filters_of_templates(play: Open) -> None:
    register_jinja_filter("no_ssn", lambda text: re.sub(r"\d{3}-\d\d-\d{4}", "XXX-XX-XXXX", text))
    assert texts(filled(play, template("{{ '123-45-6789 <b>' | no_ssn }}"))) == ["XXX-XX-XXXX <b>"]


def test_a_filter_for_every_text_of_a_document(play: Open) -> None:
    source = f"features:\n  auto jinja filter: animal\n---\n{inspect.cleandoc(letter())}"
    played = play(
        source.replace("name = 'Ada'", "name = 'a dog & a fish'\n  animal = partial(re.sub, r'dog|fish', 'cat')")
        + "\n---\nimports:\n  - re\n---\nmodules:\n  - functools\n",
        documents=Printer(),
        files=Templates(letter=template("{{ name }}")),
    )
    outcome = played.run(document=DocumentWanted(number=0, format="docx"))
    assert outcome.failure is None, outcome.failure
    made = docx.Document(io.BytesIO(played.files.read(outcome.screen.response["file"]["number"])))
    assert texts(made)[0] == "a cat & a cat"


def _with(content: bytes, *names: str) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        for name in names:
            archive.writestr(name, b"")
    return out.getvalue()


@pytest.mark.parametrize(
    ("names", "said"),
    [(["word/vbaProject.bin"], "macros"), ([f"word/media/{n}.bin" for n in range(3000)], "too large")],
)
def test_a_template_is_data_of_a_sensible_size(play: Open, names: list[str], said: str) -> None:
    content = _with(template("Hi {{ name }}"), *names)
    played = play(letter(), documents=Printer(), files=Templates(letter=content))
    failure = played.run(document=DocumentWanted(number=0, format="docx")).failure
    assert failure is not None
    assert said in failure.message


def test_a_document_in_a_variable_is_filled_in_once_while_nothing_changes(play: Open) -> None:
    played = play(
        letter("\n      variable name: doc"), documents=Printer(), files=Templates(letter=template("Dear {{ name }}"))
    )
    number = played.variables["doc"].docx.number
    played.show()
    assert played.variables["doc"].docx.number == number
    assert texts(docx.Document(io.BytesIO(played.files.read(number)))) == ["Dear Ada"]


def test_several_templates_are_one_document(play: Open) -> None:
    parts = {"letter": template("Dear {{ name }}"), "second": template("Bye {{ name }}")}
    printer = Printer()
    source = letter().replace(
        "docx template file: letter.docx", "docx template file:\n        - letter.docx\n        - second.docx"
    )
    played = play(source, documents=printer, files=Templates(**parts))
    played.run(document=DocumentWanted(number=0, format="docx"))
    assert printer.orders[0] == {"work": "join words", "parts": list(parts.values())}
