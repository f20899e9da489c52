"""How often a screen is printed, and what of a print is each page's own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import template_rendered

from services.gateway.app import Gateway
from services.gateway.client.reply import Reply
from services.gateway.render.prints import BLANKS, Print, Prints, blank
from shared.contract.reply import Notice
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, Person, form
from tests.unit.gateway.screens import field, screen


@pytest.fixture
def printed(app: Gateway) -> Any:
    """The names of the templates that were rendered, in their order."""
    names: list[str] = []

    def note(sender: object, template: Any, **more: object) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def _asks(question: str, **more: Any) -> list[dict[str, Any]]:
    """Two screens that no other test has shown."""
    parts = {"under": secrets.token_hex(4)}
    return [{**ASK, "question": text, "parts": parts, **more} for text in (question, "Behind it")]


def test_what_many_sessions_show_is_printed_twice_and_then_only_filled_in(
    app: Gateway, service: StandIn, printed: list[str]
) -> None:
    service.interviews["demos:hello.yml"] = _asks("The same for all of us?")
    texts = [Person(app.test_client()).get(HELLO).text for _ in range(5)]
    assert printed == ["page.html"] * 2
    assert all("The same for all of us?" in text for text in texts)


def test_every_page_has_its_own_secrets_and_works(app: Gateway, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = _asks("Whose page is it?")
    people = [Person(app.test_client()) for _ in range(4)]
    pages = [one.get(HELLO) for one in people]
    forms = [form(page) for page in pages]
    for name in (":csrf", ":session", ":request"):
        assert len({one[name] for one in forms}) == len(people), name
    for page, held in zip(pages, forms, strict=True):
        assert all(other[":csrf"] not in page.text for other in forms if other is not held)
        assert (
            f"'nonce-{_between(page.text, 'nonce=', '>').split()[0].strip(chr(34))}'"
            in page.headers["Content-Security-Policy"]
        )
        told = json.loads(_between(page.text, 'id="parley-page">', "</script>"))
        assert (told["session"], told["csrf"]) == (held[":session"], held[":csrf"])
        assert told["interview"] == "demos:hello.yml"
        assert "step" in told
        assert "version" in told
    for one, held in zip(people, forms, strict=True):
        assert one.post(HELLO, {**held, "name": "Ada"}, X_Parley="1").status_code == 200


def _between(text: str, begin: str, end: str) -> str:
    return text.partition(begin)[2].partition(end)[0]


def test_the_script_of_a_page_gets_its_own_values_too(app: Gateway, service: StandIn, printed: list[str]) -> None:
    service.interviews["demos:hello.yml"] = _asks("For scripts?")
    people = [Person(app.test_client()) for _ in range(4)]
    told = [one.post(HELLO, {**one.page(), "name": "x"}, X_Parley="1").get_json() for one in people]
    assert printed.count("screen.html") == 2
    for one in told:
        assert one["page"]["session"] in one["html"]
        assert one["page"]["csrf"] in one["html"]
        assert (one["page"]["step"], one["title"]) == (1, "Parley")
    assert len({one["page"]["session"] for one in told}) == len(people)
    alike = [{**one["page"], "session": "", "csrf": "", "token": "", "heard": ""} for one in told]
    assert all(one == alike[0] for one in alike)


def test_one_session_alone_keeps_nothing_however_often_it_looks(
    person: Person, service: StandIn, printed: list[str]
) -> None:
    service.interviews["demos:hello.yml"] = _asks("Born on 1970-01-01, Ada?")
    for _ in range(4):
        person.get(HELLO)
    assert printed == ["page.html"] * 4


def test_languages_are_told_apart(app: Gateway, service: StandIn) -> None:
    ask = _asks("In which language?")
    for language, words in [("en", "Skip to the question"), ("de", "Zur Frage springen")] * 4:
        service.interviews["demos:hello.yml"] = [{**one, "language": language} for one in ask]
        text = Person(app.test_client()).get(HELLO).text
        assert f'<html lang="{language}"' in text
        assert f'href="#question">{words}</a>' in text


def test_what_a_question_says_of_one_person_is_no_part_of_the_print(
    app: Gateway, service: StandIn, printed: list[str]
) -> None:
    ask = _asks("?")[0]
    fields = [{"variable": "a", "label": None, "datatype": "text", "required": True}]
    buttons = {"kind": "yesno", "fields": [{"variable": "b"}], "buttons": [{"label": "Yes", "value": True}]}
    for more in ({"fields": fields}, buttons):
        for number in range(4):
            said = {"question": f"**Ada** & no. {number}?", "subquestion": f"Is {number} *yours*?"}
            service.interviews["demos:hello.yml"] = [{**ask, **more, **said}]
            text = Person(app.test_client()).get(HELLO).text
            assert f'tabindex="-1"><strong>Ada</strong> &amp; no. {number}?</h1>' in text
            assert f"<p>Is {number} <em>yours</em>?</p>" in text
            quoted = 'aria-label="{}"' if more is not buttons else '<legend class="visually-hidden">{}</legend>'
            assert quoted.format(f"Ada &amp; no. {number}?") in text
    assert printed == ["page.html"] * 4


def test_without_a_text_there_is_nothing_around_it(app: Gateway, service: StandIn) -> None:
    ask = _asks("Here")[0]
    for _ in range(3):
        for said in ({"question": "Here", "subquestion": "There"}, {"question": "", "subquestion": ""}):
            service.interviews["demos:hello.yml"] = [{**ask, **said}]
            text = Person(app.test_client()).get(HELLO).text
            assert ("<h1" in text, 'class="subquestion"' in text) == (bool(said["question"]), bool(said["subquestion"]))


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"subquestion": "Put {0} into [FIELD name]"}, 'name="name"'),
        ({"subquestion": "An [FIELD name] {0}", "terms": {"plea": "What {0} says"}}, 'name="name"'),
        ({"question": "Your {{plea}}, {0}", "terms": {"plea": "What one says"}}, "What one says"),
        ({"kind": "choices", "question": "Which, {0}?", "input": "dropdown"}, 'aria-label="Which, {0}?"'),
    ],
)
def test_texts_on_which_something_else_depends_are_printed(
    app: Gateway, service: StandIn, printed: list[str], more: dict[str, Any], shown: str
) -> None:
    fields = [{"variable": "name", "label": "Name", "datatype": "text", "required": True}]
    if more.get("kind") == "choices":
        fields = [{"variable": "name", "required": True, "choices": [{"label": "A", "value": "A", "has_value": True}]}]
    ask = {**_asks("?")[0], "fields": fields}
    for number in range(3):
        own = {
            name: text.replace("{0}", f"no. {number}") if isinstance(text, str) else text for name, text in more.items()
        }
        service.interviews["demos:hello.yml"] = [{**ask, **own}]
        for _ in range(2):
            text = Person(app.test_client()).get(HELLO).text
            assert f"no. {number}" in text
            assert shown.replace("{0}", f"no. {number}") in text
    assert len(printed) == 6


def _reply(made: dict[str, Any], session: str = "s", **more: Any) -> Reply:
    return Reply.of(session=session, interview="demos:x.yml", screen=made, **more)


def test_a_name_is_that_of_everything_that_is_shown_but_the_token() -> None:
    prints = Prints()
    base = screen(fields=[field("a")])
    name = prints.name(_reply(base), "localhost", True)
    assert name == prints.name(
        _reply({**base, "token": "another"}, session="another", version=7, step=3), "localhost", True
    )
    others: list[Callable[[], bytes | None]] = [
        lambda: prints.name(_reply({**base, "language": "es"}), "localhost", True),
        lambda: prints.name(_reply({**base, "question": "Other"}), "localhost", True),
        lambda: prints.name(_reply(base), "example.com", True),
        lambda: prints.name(_reply(base), "localhost", False),
        lambda: Prints().name(_reply(base), "localhost", True),
    ]
    assert all(one() not in (name, None) for one in others)


@pytest.mark.parametrize(
    "reply",
    [
        _reply(screen(question="See [FILE 3]")),
        _reply(screen(attachments=[{"name": "A"}])),
        _reply(screen(), notices=(Notice(kind="replaced"),)),
    ],
)
def test_what_is_one_sessions_alone_has_no_name(reply: Reply) -> None:
    assert Prints().name(reply, "localhost", True) is None


def test_prints_are_bounded_and_end() -> None:
    prints = Prints(most_bytes=2_500)
    for number in range(20):
        name = b"%d" % number
        for session in ("a", "b"):
            prints.note(name, session, Print.of(b"x" * 1000))
    assert len(prints) == 2
    prints.note(b"large", "a", Print.of(b"x" * 300_000))
    prints.note(b"large", "b", Print.of(b"x" * 300_000))
    assert prints.get(b"large") is None
    soon = Prints(seconds=0.0)
    soon.note(b"n", "a", Print.of(b""))
    soon.note(b"n", "b", Print.of(b""))
    assert soon.get(b"n") is None


def test_blanks_are_filled_wherever_they_stand() -> None:
    text = "".join(f"{name}={blank(name)}1;" for name in BLANKS)
    made = Print.of(text.encode())
    assert made.filled({name: name[:1].upper().encode() for name in BLANKS}) == (
        b"csrf=C1;session=S1;token=T1;request=R1;nonce=N1;page=P1;heading=H1;heading text=H1;subquestion=S1;"
    )
    with pytest.raises(KeyError):
        made.filled({"csrf": b""})
