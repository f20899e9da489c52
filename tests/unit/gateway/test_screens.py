"""The whole screen: buttons, review, what stands around the question."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.gateway.render.control import Given
from services.gateway.render.view import safe_address
from shared.contract.outcome import Rejection
from tests.unit.gateway.screens import choice, field, screen, shown


def test_yes_no_buttons_send_the_value_of_the_variable() -> None:
    buttons = [choice("Yes", True), choice("No", False), {"label": "I don't know", "value": None, "has_value": True}]
    made = shown(screen("yesno", fields=[field("a", None, "boolean")], buttons=buttons))
    assert [(one.name, one.value) for one in made.buttons.answers] == [("a", "True"), ("a", "False"), ("a", "None")]
    assert made.buttons.go_on is None


def test_a_button_that_runs_a_block_sends_its_index() -> None:
    buttons = [choice("One"), {"label": "Exit", "value": None, "has_value": False, "color": "danger"}]
    made = shown(screen("choices", fields=[field("a", None)], buttons=buttons))
    assert (made.buttons.answers[0].name, made.buttons.answers[0].value) == ("a", "One")
    assert made.buttons.answers[1].name == ":button"
    assert json.loads(made.buttons.answers[1].value) == {"index": 1, "label": "Exit"}
    assert made.buttons.answers[1].color == "danger"


def test_choices_that_run_blocks_as_a_list() -> None:
    choices = [choice("One"), {"label": "Restart", "value": None, "has_value": False}]
    made = shown(screen("choices", input="radio", fields=[field("a", None)], buttons=choices))
    assert made.form.widgets[0].name == ":choice"
    assert json.loads(made.form.widgets[0].items[0].value) == {"variable": "a", "value": "One"}
    assert json.loads(made.form.widgets[0].items[1].value) == {"index": 1, "label": "Restart"}
    assert made.buttons.go_on is not None


def test_plain_choices_as_a_list_are_named_like_the_variable() -> None:
    made = shown(
        screen("choices", input="dropdown", fields=[field("a", None, default="B")], buttons=[choice("A"), choice("B")])
    )
    assert made.form.widgets[0].name == "a"
    assert [item.selected for item in made.form.widgets[0].items] == [False, True]


def test_the_continue_button_sets_its_variable() -> None:
    made = shown(screen("continue", fields=[field("seen", None, "boolean")], buttons=[choice("Continue", True)]))
    assert made.buttons.go_on is not None
    assert (made.buttons.go_on.name, made.buttons.go_on.value) == ("seen", "True")
    made = shown(screen("fields", fields=[field("a")], continue_variable="seen", parts={"continue button label": "Go"}))
    assert made.buttons.go_on is not None
    assert (made.buttons.go_on.label, made.buttons.go_on.name) == ("Go", "seen")


def test_action_buttons_as_actions_links_and_scripts() -> None:
    buttons: list[dict[str, Any]] = [
        {"label": "Do", "action": "run", "arguments": {"n": 1}, "color": "success"},
        {"label": "Only", "action": "run", "forget prior": True},
        {"label": "See", "action": "https://example.com", "new window": True, "placement": "before"},
        {"label": "JS", "action": "javascript:flash('x')"},
    ]
    made = shown(screen(action_buttons=buttons))
    assert json.loads(made.buttons.after[0].value) == {"action": "run", "arguments": {"n": 1}}
    assert json.loads(made.buttons.after[1].value)["action"] == "_da_priority_action"
    assert made.buttons.before[0].href == "https://example.com"
    assert (made.buttons.after[2].script, made.buttons.after[2].href) == ("flash('x')", None)


def test_help_has_its_players() -> None:
    made = shown(
        screen(help=({"content": "Hear", "audio": ["a.mp3", "b.ogg"]}, {"content": "See", "video": "x:c.mp4"}))
    )
    heard, seen = made.help.texts
    assert [str(one).split()[0] for one in heard.media] == ["<audio", "<audio"]
    assert "/packagestatic/" in heard.media[0]
    assert "a.mp3" in heard.media[0]
    assert [str(one).split()[0] for one in seen.media] == ["<video"]


def test_what_edit_asks_for() -> None:
    plain = field("user.name", "Name", "review", help="Jane")
    several = field("v", "Edit", "button", options={"action": "_da_force_ask", "arguments": {"variables": ["a", "b"]}})
    made = shown(screen("review", fields=[plain, several]))
    assert [json.loads(row.action) for row in made.review] == [
        {"action": "user.name", "arguments": {}},
        {"action": "_da_force_ask", "arguments": {"variables": ["a", "b"]}},
    ]


def test_the_error_summary_links_to_the_fields() -> None:
    given = Given(errors={"b": "No.", "elsewhere": "Nor this."})
    made = shown(
        screen(fields=[field("a", "First"), field("b", "Second")]),
        given=given,
        rejected=Rejection(message="Look again"),
    )
    assert made.refusal.errors == (("f1", "Second", "No."), ("", "", "Nor this."))
    assert made.refusal.message == "Look again"


def test_only_definitions_that_the_screen_uses_are_put_on_it() -> None:
    made = shown(screen(subquestion="A {petition}.", terms={"petition": "A **request**.", "other": "Not here."}))
    assert [(term, str(text)) for _, term, text in made.definitions] == [
        ("petition", "<p>A <strong>request</strong>.</p>")
    ]


def test_the_body_carries_the_class_of_the_question_id() -> None:
    made = shown(screen(question_id="Intro screen!", parts={"css class": "mine"}))
    assert made.body_class == "question-intro-screen mine"


def test_language_words_and_direction() -> None:
    assert shown(screen(language="es", fields=[field("a")])).buttons.go_on.label == "Continuar"  # type: ignore[union-attr]
    assert shown(screen(language="ar")).direction == "rtl"


def test_progress_shows_only_above_zero() -> None:
    bar = {"progress bar": True}
    assert shown(screen(progress=0, features=bar)).progress.bar is None
    assert shown(screen(progress=140, features=bar)).progress.bar == 100
    assert shown(screen(progress=40)).progress.bar is None


def test_files_of_the_package_are_found_in_the_package_of_the_screen() -> None:
    made = shown(
        screen(features={"javascript": ["my.js"], "css": ["other:data/static/a.css", "https://example.com/b.css"]})
    )
    assert made.code.scripts == ("/packagestatic/demos/my.js",)
    assert made.code.styles == ("/packagestatic/other/a.css", "https://example.com/b.css")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("/list", "/list"),
        ("?action=x", "?action=x"),
        ("https://example.com/a", "https://example.com/a"),
        ("mailto:a@example.com", "mailto:a@example.com"),
        ("javascript:alert(1)", None),
        (" JavaScript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_that_may_be_followed(address: Any, safe: str | None) -> None:
    assert safe_address(address) == safe


def test_text_of_users_is_escaped_where_it_is_no_markup() -> None:
    made = shown(screen(fields=[field("a", hint='"><script>alert(1)</script>')], title={"title": "<b>T</b>"}))
    assert "<script>" not in made.form.widgets[0].hint
    assert made.title == "T"


def test_the_corner_is_as_the_features_say() -> None:
    plain = shown(screen())
    assert (plain.corner.shown, plain.corner.back_shown, plain.corner.standard_menu, plain.corner.exit) == (
        True,
        True,
        True,
        None,
    )
    made = shown(
        screen(
            features={"navigation back button": False, "hide corner interface": True, "hide standard menu": True},
            parts={"exit link": "leave", "exit label": "Save and go", "navigation bar html": "<li>x</li>"},
        )
    )
    assert (made.corner.shown, made.corner.back_shown, made.corner.standard_menu) == (False, False, False)
    assert made.corner.exit == ("leave", "Save and go")
    assert made.parts["navigation bar html"] == "<li>x</li>"
