"""Which variable an exception is about."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from shared.authoring.errors import MissingAttribute, MissingItem
from shared.engine.documents import docxtemplates
from shared.engine.naming.lookup import Unset
from shared.engine.naming.missing import missing_name
from shared.engine.seeking.seek import name_missed
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack


def _error_of(code: str) -> NameError:
    with pytest.raises(NameError) as caught:
        exec(code, {})
    return caught.value


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (MissingAttribute("user.name.first"), "user.name.first"),
        (MissingItem("fruit['a b']"), "fruit['a b']"),
        (MissingItem('fruit["a"].b'), "fruit['a'].b"),
        (Unset("a['k'].b"), "a['k'].b"),
        (NameError("der Name »x« ist nicht bekannt", name="x"), "x"),
        (NameError("x", name="not a name"), None),
        (NameError("name 'x' is not defined"), None),
        (UnboundLocalError("x"), None),
        (AttributeError("no attribute", name="x", obj=1), None),
        (ValueError("name 'x' is not defined"), None),
    ],
)
def test_the_missing_name_is_what_the_error_holds(error: Exception, name: str | None) -> None:
    assert missing_name(error) == name


@pytest.mark.parametrize(
    "code",
    [
        "y",
        "[z for z in (1,) if y]",
        "del y",
        "def f():\n  y\n  y = 1\nf()",
        "def f():\n  a = 1\n  if a:\n    return [a, y]\n  y = 1\nf()",
        "def f():\n  del y\n  y = 1\nf()",
        "def f():\n  def g(): return y\n  g()\n  y = 1\nf()",
        "class A:\n  b = y",
    ],
)
def test_the_missing_name_is_read_from_pythons_own_errors(code: str) -> None:
    assert missing_name(_error_of(code)) == "y"


def _template(text: str) -> bytes:
    """A DOCX file of one paragraph."""
    made = BytesIO()
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(made, "w") as archive:
        xml = f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
        archive.writestr("word/document.xml", xml)
    return made.getvalue()


@pytest.mark.parametrize("text", ["{{ fruit }}", "{{ fruit.kind }}", "{% for seed in fruit %}{{ seed }}{% endfor %}"])
def test_a_document_says_which_name_it_misses(text: str) -> None:
    run: Any = SimpleNamespace(namespace={}, interview=SimpleNamespace(features={}))
    source = docxtemplates.source_of(_template(text), "letter.docx")
    with pytest.raises(NameError) as caught:
        docxtemplates.evaluate(run, source, "letter.docx", {})
    assert name_missed(caught.value) == "fruit"


def test_a_word_template_asks_for_what_it_uses(play: Callable[..., Play], pack: Pack) -> None:
    place = pack.root / "pack" / "data" / "templates" / "letter.docx"
    place.parent.mkdir(parents=True)
    place.write_bytes(_template("Dear {{r who }}, {%p if sure %}{{ about[\u2018x\u2019] }}{%p endif %} {{ greeting }}"))
    session = play("""
        mandatory: True
        question: Here
        attachment:
          name: Letter
          docx template file: letter.docx
          fields:
            - greeting: Bye
        ---
        question: Who?
        fields:
          - Who: who
        ---
        question: Sure?
        yesno: sure
        ---
        code: |
          about = {'x': 'pears'}
        """)
    assert session.question == "Who?"
    session.fill("Ann")
    assert session.question == "Sure?"
    session.press("Yes")
    assert str(session.screen.attachments[0]["content"]).split() == ["Dear", "Ann,", "pears", "Bye"]


@pytest.mark.parametrize(
    ("text", "said"), [("{% if %}", "has a mistake in its Jinja2"), ("{{ who.nothing }}", "nothing")]
)
def test_a_mistake_in_a_template_is_told(play: Callable[..., Play], pack: Pack, text: str, said: str) -> None:
    place = pack.root / "pack" / "data" / "templates" / "letter.docx"
    place.parent.mkdir(parents=True)
    place.write_bytes(_template(text))
    with pytest.raises(AssertionError, match=said):
        play(
            "code: who = 1\n---\nmandatory: True\nquestion: Here\nattachment:\n  name: L\n  docx template file: letter.docx\n"
        )
