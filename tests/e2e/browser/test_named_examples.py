"""The 23 examples that the document "Running code behind the scenes" names, as demos of ours that behave alike, in Chromium, on both systems."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from bench.system import Running, distributed, embedded, modes

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: A result is told at once; under load a machine takes its time.
SOON = 20_000


@pytest.fixture(scope="module", params=modes())
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    if request.param == "distributed":
        request.applymarker(pytest.mark.rabbitmq)
    with embedded() if request.param == "embedded" else distributed() as made:
        yield made


class Walk:
    """A page in one of the demos."""

    def __init__(self, running: Running, page: Page) -> None:
        self.running = running
        self.page = page

    def open(self, demo: str) -> None:
        self.page.goto(f"{self.running.url}/interview?i=demos:{demo}.yml&new_session=1")

    def fill(self, **fields: str) -> None:
        for label, text in fields.items():
            self.page.get_by_role("textbox", name=label.replace("_", " ")).fill(text)

    def go_on(self) -> None:
        self.page.get_by_role("button", name="Continue").click()

    def heading(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#heading")).to_have_text(text, timeout=SOON)

    def message(self, text: str) -> None:
        # Who fills in two fields faster than the first check-in leaves is told twice: each of them has changed.
        expect(self.page.locator("#announcements").get_by_text(text).first).to_be_visible(timeout=SOON)

    def target(self, name: str, text: str) -> None:
        expect(self.page.locator(f".datarget{name}")).to_have_text(text, timeout=SOON)

    def send_mail(self, to: str, subject: str, body: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "sender@example.com", to, subject
        message.set_content(body)
        with smtplib.SMTP("127.0.0.1", int(self.running.environment["PARLEY_SMTP_PORT"])) as server:
            server.send_message(message)


def action(walk: Walk) -> None:
    walk.open("background")
    walk.fill(Number="2")
    walk.go_on()
    walk.heading("The sum is 555.")


def with_response_action(walk: Walk) -> None:
    walk.open("background-response-action")
    walk.fill(Number="47")
    walk.go_on()
    walk.heading("The saved sum is 600.")


def error_action_demo(walk: Walk) -> None:
    walk.open("background-error-action")
    walk.fill(Dividend="7", Divisor="0")
    walk.go_on()
    walk.heading("7.0 could not be divided: ZeroDivisionError.")


def error_action(walk: Walk) -> None:
    walk.open("background-error-details")
    walk.fill(Letters="0")
    walk.go_on()
    walk.heading("The stamps were not shared.")
    expect(walk.page.locator(".subquestion")).to_contain_text("at the counter: ZeroDivisionError seeking ['share_out']")


def action_flash(walk: Walk) -> None:
    walk.open("background-notifications")
    walk.fill(Your_guess="7")
    walk.go_on()
    walk.message("The number was 7. Well guessed!")


def response_action_flash(walk: Walk) -> None:
    walk.open("background-response-flash")
    walk.fill(Kilos="3")
    walk.go_on()
    walk.message("That is 3000 grams.")
    walk.page.get_by_role("button", name="Look again").click()
    walk.heading("You picked 3000 grams of apples.")


def action_refresh(walk: Walk) -> None:
    walk.open("background-refresh")
    walk.fill(Sheets="4")
    walk.go_on()
    walk.heading("There are 4 paper boats.")


def action_javascript(walk: Walk) -> None:
    walk.open("background-javascript")
    walk.fill(Loaves="5")
    walk.go_on()
    expect(walk.page.locator("#shelf")).to_have_text("On the shelf: 5", timeout=SOON)


def action_fields(walk: Walk) -> None:
    walk.open("background-fields")
    walk.fill(Post_code="3000")
    walk.go_on()
    expect(walk.page.get_by_label("Town")).to_have_value("Town no. 3000", timeout=SOON)
    walk.fill(Street="High Street 1")
    walk.go_on()
    walk.heading("High Street 1, Town no. 3000")


def assemble(walk: Walk) -> None:
    walk.open("background-document")
    walk.fill(Name="Mia")
    walk.go_on()
    walk.heading("The invitation for Mia is ready.")
    links = walk.page.locator(".documents a")
    assert links.count() > 0, "a document without a link"
    answer = walk.page.request.get(links.first.evaluate("one => one.href"))
    assert answer.ok
    assert len(answer.body()) > 20


def action_object(walk: Walk) -> None:
    walk.open("background-object")
    walk.fill(Eggs="6")
    walk.go_on()
    walk.heading("7 eggs came home; one was a present.")


def check_in(walk: Walk) -> None:
    walk.open("check-in")
    walk.fill(Topic="My rent")
    walk.page.get_by_label("Topic").press("Tab")
    walk.target("hint", "Have your lease at hand.")
    walk.go_on()
    walk.heading("You told us about My rent.")


def target_template(walk: Walk) -> None:
    walk.open("targets")
    walk.fill(Breakfast="bread")
    walk.page.get_by_label("Breakfast").press("Tab")
    walk.target("comment", "A solid start.")
    assert walk.page.locator(".datargetcomment strong").count() == 1


def target_code_template(walk: Walk) -> None:
    walk.open("targets-by-code")
    for bird in ("wren", "robin"):
        walk.fill(Bird=bird)
        walk.page.get_by_label("Bird").press("Tab")
        walk.target("opinion", f"A rare {bird.upper()}!")
    assert walk.page.locator(".datargetopinion em").count() == 1


def target_code(walk: Walk) -> None:
    walk.open("check-in")
    walk.fill(Topic="Rent")
    walk.page.get_by_label("Topic").press("Tab")
    walk.target("hint", "Have your lease at hand.")
    assert walk.page.locator(".datargethint strong").count() == 1, "raw HTML"


def target_code_multiple(walk: Walk) -> None:
    walk.open("targets-by-code")
    walk.fill(Feathers="brown")
    walk.page.get_by_label("Feathers").press("Tab")
    walk.target("count", "5 letters")
    walk.target("colour", "of brown")


def ajax_calc(walk: Walk) -> None:
    walk.open("live-fields")
    walk.fill(Price="2.5", Quantity="4")
    walk.page.get_by_label("Quantity").press("Tab")
    expect(walk.page.get_by_label("Total")).to_have_value(re.compile(r"^10(\.0)?$"), timeout=SOON)
    reports: list[str] = []
    walk.page.on("request", lambda one: reports.append(one.url) if one.url.endswith("/checkin") else None)
    walk.page.wait_for_timeout(2500)
    assert len(reports) <= 3, "a check-in that sets what is there causes the next"


def country_state(walk: Walk) -> None:
    walk.open("live-choices")
    country, state = walk.page.get_by_label("Country"), walk.page.get_by_label("State")
    expect(state).to_be_disabled()
    for code, chosen, shown in (("CA", "ON", "Ontario, Canada"), ("LI", "11", "Vaduz, Liechtenstein")):
        country.select_option(code)
        expect(state.locator(f"option[value='{chosen}']")).to_be_attached(timeout=SOON)
        expect(state).to_be_enabled()
        state.select_option(chosen)
        walk.go_on()
        walk.heading(shown)
        walk.page.get_by_role("button", name="Back").click()
        walk.heading("Where was the photograph taken?")
        expect(country).to_have_value(code)
        expect(state).to_have_value(chosen)
        expect(state).to_be_enabled()
    walk.go_on()
    walk.heading("Vaduz, Liechtenstein")


def ajax_flash(walk: Walk) -> None:
    walk.open("live-flash")
    walk.fill(Tree="oak")
    walk.page.get_by_label("Tree").press("Tab")
    walk.message("We like the oak, too!")


def ajax_calc_javascript(walk: Walk) -> None:
    walk.open("live-javascript")
    walk.fill(Rows="4", Seats="5")
    walk.page.get_by_label("Seats").press("Tab")
    walk.message("The hall seats 20.")


def ajax_refresh(walk: Walk) -> None:
    walk.open("live-refresh")
    expect(walk.page.get_by_role("radio")).to_have_count(2)
    walk.fill(Parcels="5")
    walk.page.get_by_label("Parcels").press("Tab")
    expect(walk.page.get_by_role("radio")).to_have_count(5, timeout=SOON)
    expect(walk.page.get_by_label("Parcels")).to_have_value("5")
    walk.page.get_by_role("radio", name="4").check()
    walk.go_on()
    walk.heading("Parcel no. 4 of 5")


def email_simple(walk: Walk) -> None:
    walk.open("email")
    walk.send_mail(_address(walk), "Greetings", "Hello there")
    _look_until(walk, "Greetings")


def email_to_case(walk: Walk) -> None:
    walk.open("email-to-case")
    expect(walk.page.locator(".subquestion")).to_have_text("The file is empty.")
    walk.send_mail(_address(walk), "The fence", "It fell over")
    _look_until(walk, "The fence (3 words)")


def _address(walk: Walk) -> str:
    return walk.page.locator("#heading").inner_text().split()[-1]


def _look_until(walk: Walk, text: str) -> None:
    found = walk.page.locator(".subquestion").get_by_text(text, exact=False).first
    for _ in range(40):
        if found.is_visible():
            return
        walk.page.wait_for_timeout(500)
        walk.page.get_by_role("button", name="Look again").click()
    expect(found).to_be_visible()


EXAMPLES: dict[str, Callable[[Walk], None]] = {
    "background_action": action,
    "background_action_with_response_action": with_response_action,
    "background-error-action-demo": error_action_demo,
    "background-error-action": error_action,
    "background_action_flash": action_flash,
    "background_response_action_flash": response_action_flash,
    "background_action_refresh": action_refresh,
    "background_action_javascript": action_javascript,
    "background_action_fields": action_fields,
    "assemble-in-background": assemble,
    "background_action_object": action_object,
    "check-in": check_in,
    "target-template": target_template,
    "target-code-template": target_code_template,
    "target-code": target_code,
    "target-code-multiple": target_code_multiple,
    "ajax-calc": ajax_calc,
    "country-state": country_state,
    "ajax-flash": ajax_flash,
    "ajax-calc-javascript": ajax_calc_javascript,
    "ajax-refresh": ajax_refresh,
    "email-to-case-simple": email_simple,
    "email-to-case": email_to_case,
}


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_named_example(running: Running, page: Page, name: str) -> None:
    EXAMPLES[name](Walk(running, page))
