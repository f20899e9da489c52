"""What the session and its step remember: users, browser, access times, parts of the screen, sections, explanations."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shared.authoring.errors import NotAvailable
from shared.authoring.functions.browser import (
    interface,
)
from shared.authoring.functions.config import get_config, server_capabilities
from shared.authoring.functions.explain import clear_explanations, explain, logic_explanation
from shared.authoring.functions.listing import get_user_info, interview_list, interview_menu
from shared.authoring.functions.livehelp import chat_partners_available, get_chat_log, set_live_help_status
from shared.authoring.functions.navigation import enter_section, nav
from shared.authoring.functions.screen import (
    get_progress,
    log,
    prevent_going_back,
    session_tags,
    set_parts,
    set_progress,
    set_title,
    update_terms,
)
from shared.authoring.functions.users import (
    current_context,
    get_info,
    get_status,
    set_info,
    set_save_status,
    set_status,
    user_has_privilege,
    user_info,
    user_logged_in,
    user_privileges,
)
from shared.authoring.functions.variables import all_variables
from shared.authoring.memory import (
    ATTACHMENT,
    NAVIGATION,
    NO_BACK,
    PARTS,
    PROGRESS,
    SAVE,
    TERMS,
)
from shared.contract.effects import LogMessage


def interview(**parts):
    return SimpleNamespace(**{"metadata": {}, "sections": {}, **parts})


# Users


def test_an_anonymous_user(step):
    assert not user_logged_in()
    assert user_privileges() == ["user"]
    assert user_has_privilege("user")
    assert not user_has_privilege(["developer", "admin"])
    info = user_info()
    assert (info.first_name, info.last_name, info.email, info.privileges, info.permissions) == (
        "Anonymous",
        "User",
        None,
        ["user"],
        [],
    )


def test_a_known_user(step):
    step.user = {
        "id": 7,
        "email": "a@b.c",
        "first_name": "Ann",
        "last_name": "Lee",
        "privileges": ["user", "advocate"],
        "is_authenticated": True,
    }
    assert user_logged_in()
    assert user_has_privilege("x", ["advocate"])
    assert (user_info().id, str(user_info())) == (7, "Ann Lee")
    with pytest.raises(TypeError, match="names of privileges"):
        user_has_privilege(3)


def test_scheduled_tasks_run_as_cron(step):
    step.mode = "cron"
    assert user_privileges() == ["cron"]
    assert user_has_privilege("cron")
    assert interface() == "cron"


def test_context(step):
    step.block = SimpleNamespace(id="intake", place=SimpleNamespace(file="other:data/questions/x.yml"))
    step.request = {**step.request, "url": "https://h.org/interview?i=a&b=1"}
    here = current_context()
    assert (here.session, here.filename, here.package) == ("s1", "demos:plain.yml", "demos")
    assert (here.question_id, here.current_package, here.variable, here.inside_of, here.attachment) == (
        "intake",
        "other",
        None,
        "standard",
        None,
    )
    assert here.request_url["args"] == {"i": "a", "b": "1"}
    assert here.request_url["url_root"] == "https://h.org/"
    step.step[ATTACHMENT] = {"format": "docx", "name": "Letter", "redact": True}
    assert (current_context().inside_of, current_context().attachment.name) == ("docx", "Letter")


def test_info_lasts_for_a_step_and_status_for_the_session(step):
    set_info(user="x", role="client")
    assert (get_info("role"), get_info("other")) == ("client", None)
    set_status(variable_access=False)
    assert (get_status("variable_access"), get_status("other")) == (False, None)
    assert step.internal == {"status": {"variable_access": False}}


def test_save_status(step):
    for status in ("overwrite", "new", "ignore", "new"):
        set_save_status(status)
    assert step.step[SAVE] == "ignore", "once ignored, ignored"
    with pytest.raises(ValueError, match="new, overwrite, ignore, not 'forget'"):
        set_save_status("forget")


# Browser


def test_config(step):
    step.config = {"trello": {"key": 1}}
    assert get_config("trello") == {"key": 1}
    assert get_config("other") is None
    assert get_config("other", 5) == 5
    assert set(server_capabilities().values()) == {False}


def test_live_help_has_nobody_on_duty(step):
    set_live_help_status(availability="available", mode="help", partner_roles="tax law")
    assert (chat_partners_available("tax law").help, chat_partners_available().peer, get_chat_log()) == (0, 0, [])
    with pytest.raises(ValueError, match="availability"):
        set_live_help_status(availability="always")


# Lists


def test_nobody_is_logged_in_so_there_are_no_lists(step):
    assert interview_list() == ([], None)
    assert interview_list(action="delete_all") == 0
    assert get_user_info() is None
    step.user = {"is_authenticated": True, "id": 1}
    with pytest.raises(NotAvailable, match="user accounts"):
        interview_list()
    with pytest.raises(NotAvailable, match="user accounts"):
        get_user_info(user_id=22)


def test_interviews_on_offer(step):
    assert interview_menu() == []
    step.config = {"dispatch": {"plain": "demos:plain.yml", "other": "x:y.yml"}}
    step.interview = interview(metadata={"title": "Plain one", "tags": ["estates"], "order": 1})
    plain, other = interview_menu()
    assert (plain["title"], plain["link"], plain["package"], plain["tags"]) == (
        "Plain one",
        "/interview?i=demos%3Aplain.yml",
        "demos",
        ["estates"],
    )
    assert plain["metadata"] == {"title": "Plain one", "order": 1}
    assert (other["title"], other["metadata"]) == ("other", {})
    assert [entry["filename"] for entry in interview_menu(tag="estates")] == ["demos:plain.yml"]
    assert (
        interview_menu(absolute_urls=True, start_new=True)[1]["link"]
        == "http://localhost/interview?i=x%3Ay.yml&reset=1"
    )


# Access times


# Screen


def test_parts(step):
    set_parts(title="Fruit rules", short="F", tab_title="T", date_format="short")
    assert step.internal[PARTS] == {
        "title": "Fruit rules",
        "short title": "F",
        "tab title": "T",
        "date format": "short",
    }
    set_title(title=None)
    assert "title" not in step.internal[PARTS]
    assert all_variables(special="titles")["short title"] == "F"
    with pytest.raises(TypeError, match="set_parts\\(\\) does not know 'tilte'"):
        set_parts(tilte="x")


def test_progress(step):
    assert get_progress() == 0
    set_progress(20)
    assert get_progress() == 20
    set_progress(None)
    assert get_progress() is None
    assert step.internal == {PROGRESS: None}
    with pytest.raises(TypeError, match="number from 0 to 100"):
        set_progress("much")


def test_tags(step):
    step.interview = interview(metadata={"tags": ["apples", "oranges"]})
    tags = session_tags()
    assert list(tags) == ["apples", "oranges"]
    assert step.internal == {}, "looking changes nothing"
    tags.add("grapes")
    tags.discard("apples")
    tags.discard("never there")
    assert set(session_tags()) == {"oranges", "grapes"}
    assert len(tags) == 2
    assert "grapes" in tags
    assert tags | {"x"} == {"oranges", "grapes", "x"}
    tags.update(["a"], ["b"])
    tags.remove("a")
    assert all_variables(special="tags") == {"oranges", "grapes", "b"}


def test_terms(step):
    update_terms({"Nether": "The underworld"})
    update_terms({"zombie": "Un mort"}, auto=True, language="fr")
    assert step.internal[TERMS] == {
        "terms": {"*": {"nether": "The underworld"}},
        "auto terms": {"fr": {"zombie": "Un mort"}},
    }
    with pytest.raises(TypeError, match="dictionary from term"):
        update_terms(["x"])


def test_log_and_back(step):
    log("Hello", "info")
    log(5)
    prevent_going_back()
    assert step.effects == [LogMessage(message="Hello", priority="info"), LogMessage(message="5", priority="log")]
    assert step.step[NO_BACK] is True


def test_explanations(step):
    assert logic_explanation() == []
    explain("because")
    explain("because")
    explain("why not", category="other")
    assert (logic_explanation(), logic_explanation("other")) == (["because"], ["why not"])
    clear_explanations()
    assert (logic_explanation(), logic_explanation("other")) == ([], ["why not"])
    clear_explanations(category="all")
    assert logic_explanation("other") == []


SECTIONS = [
    {"intro": "Introduction"},
    {"about": "About you", "subsections": [{"contact": "Contact info"}]},
    "End",
    {"More": ["One", "Two"]},
]


def test_sections(step):
    step.interview = interview(sections={"*": SECTIONS, "fr": [{"intro": "Entrée"}]})
    assert nav.get_section() is None
    assert nav.section_ids() == ["intro", "about", "contact", "End", "More", "One", "Two"]
    assert step.internal == {}, "looking changes nothing"
    assert nav.set_section("intro") is True
    assert nav.set_section("intro") is False
    assert (nav.get_section(), nav.get_section(display=True), nav.get_section(display=True, language="fr")) == (
        "intro",
        "Introduction",
        "Entrée",
    )
    enter_section("contact")
    assert nav.visited() == ["intro", "contact"]
    assert nav.get_section(display=True) == "Contact info"
    assert str(nav) == "* Introduction\n* About you\n    * **Contact info**\n* End\n* More\n    * One\n    * Two\n"
    assert "[Introduction](?i=demos:plain.yml&action=" in nav.show_sections(show_links=True)


def test_sections_can_be_changed(step):
    step.interview = interview(sections={"*": SECTIONS})
    tree = nav.get_sections()
    tree.append({"new": "New one"})
    assert "new" not in nav.section_ids()
    nav.set_sections(tree)
    assert nav.section_ids()[-1] == "new"
    with pytest.raises(TypeError, match="expects a list"):
        nav.set_sections("x")


def test_the_bar(step):
    assert nav.visible() is False
    step.interview = interview(sections={"*": SECTIONS})
    assert nav.visible()
    assert nav.enabled()
    nav.hide()
    nav.disable()
    assert (nav.visible(), nav.hidden(), nav.enabled()) == (False, True, False)
    nav.unhide()
    nav.enable()
    assert nav.visible()
    assert nav.enabled()
    assert step.internal == {NAVIGATION: {"hidden": False, "disabled": False}}
