"""What an attacker, a curious user or a broken proxy sends, against the real system."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.conftest import Site


class Visitor:
    """A browser without script: keeps its cookie, fills forms."""

    def __init__(self, site: Site) -> None:
        self._host = urlsplit(site.address).netloc
        self.cookie = ""
        self.status = 0
        self.headers: Any = {}
        self.text = ""

    def ask(self, method: str, path: str, body: str | bytes = "", **headers: str) -> Visitor:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            named["Cookie"] = self.cookie
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request(method, path, body or None, named)
        response = connection.getresponse()
        self.status, self.headers, self.text = (
            response.status,
            response.headers,
            response.read().decode("utf-8", "replace"),
        )
        if given := response.headers.get("Set-Cookie"):
            self.cookie = given.split(";")[0]
        connection.close()
        return self

    def fields(self) -> dict[str, str]:
        form = self.text[self.text.index('id="answer"') :]
        return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Visitor:
        return self.ask("POST", path, urlencode(fields), Content_Type="application/x-www-form-urlencoded", **headers)


ERRORS = "/interview?i=pages:errors.yml"


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site).ask("GET", ERRORS)


def test_headers_of_a_page(visitor: Visitor) -> None:
    policy = visitor.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "unsafe-eval" not in policy
    assert "script-src-attr 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "base-uri 'none'" in policy
    assert visitor.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in visitor.headers["Permissions-Policy"]
    assert visitor.headers["Cache-Control"] == "no-store"
    scripts = re.findall(r"<script\b[^>]*>", visitor.text)
    assert scripts
    assert all(f'nonce="{nonce.group(1)}"' in tag for tag in scripts)


def test_every_response_has_a_nonce_of_its_own(visitor: Visitor) -> None:
    first = visitor.headers["Content-Security-Policy"]
    assert visitor.ask("GET", ERRORS).headers["Content-Security-Policy"] != first


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(site: Site) -> None:
    cookie = Visitor(site).ask("GET", ERRORS).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_assets_are_kept_for_long_under_the_hash_of_their_content(visitor: Visitor) -> None:
    address = re.search(r'href="(/assets/[0-9a-f]+/parley.css)"', visitor.text)
    assert address is not None
    visitor.ask("GET", address.group(1), Accept_Encoding="gzip")
    assert "immutable" in visitor.headers["Cache-Control"]
    assert visitor.headers["Content-Encoding"] == "gzip"
    visitor.ask("GET", re.sub(r"/assets/[0-9a-f]+/", "/assets/old/", address.group(1)))
    assert (visitor.status, visitor.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("token", ["", "wrong", None])
def test_a_form_without_its_token_is_refused(visitor: Visitor, token: str | None) -> None:
    fields = {**visitor.fields(), "kind": "fine", "number": "5"}
    fields.pop(":csrf")
    if token is not None:
        fields[":csrf"] = token
    assert visitor.post(ERRORS, fields).status == 403
    assert "This form has expired" in visitor.text
    assert "What shall go wrong?" in visitor.ask("GET", ERRORS).text


def test_a_token_of_another_browser_is_refused(site: Site, visitor: Visitor) -> None:
    other = Visitor(site).ask("GET", ERRORS)
    fields = {**visitor.fields(), ":csrf": other.fields()[":csrf"]}
    assert visitor.post(ERRORS, fields).status == 403


def test_a_form_from_another_site_is_refused_even_with_the_token(visitor: Visitor) -> None:
    assert visitor.post(ERRORS, visitor.fields(), Sec_Fetch_Site="cross-site").status == 403


@pytest.mark.parametrize("parameters", ["&command=exit", "&command=restart", "&reset=1"])
def test_a_link_on_another_site_throws_no_answers_away(visitor: Visitor, parameters: str) -> None:
    mine = visitor.fields()[":session"]
    visitor.ask("GET", ERRORS + parameters, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")
    again = visitor.ask("GET", f"{ERRORS}&session={mine}&json=1")
    assert again.status == 200


def test_another_site_cannot_hide_a_command_in_a_picture(visitor: Visitor) -> None:
    hidden = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"}
    for parameters in ("&action=eyJhY3Rpb24iOiJ4In0", "&command=new_session", "&new_session=1"):
        assert visitor.ask("GET", ERRORS + parameters, **hidden).status == 403


def test_a_session_of_another_browser_cannot_be_answered_with_a_form(site: Site, visitor: Visitor) -> None:
    other = Visitor(site).ask("GET", ERRORS)
    fields = {
        **visitor.fields(),
        ":session": other.fields()[":session"],
        ":token": other.fields()[":token"],
        "kind": "x",
        "number": "5",
    }
    assert visitor.post(ERRORS, fields).status == 410


def test_a_screen_token_of_another_session_is_refused(site: Site, visitor: Visitor) -> None:
    other = Visitor(site).ask("GET", ERRORS)
    fields = {**visitor.fields(), ":token": other.fields()[":token"], "kind": "x", "number": "5"}
    assert visitor.post(ERRORS, fields).status == 409


def test_a_forged_cookie_is_no_cookie(site: Site, visitor: Visitor) -> None:
    name, value = visitor.cookie.split("=", 1)
    visitor.cookie = f"{name}={value[:-4]}AAAA"
    fields = visitor.fields()
    assert visitor.post(ERRORS, fields).status == 403


def cookies_of(*visitors: Visitor) -> str:
    return "; ".join(visitor.cookie for visitor in visitors)


def test_two_tabs_that_a_new_browser_opens_at_once_both_work(site: Site) -> None:
    tabs = [Visitor(site).ask("GET", path) for path in (ERRORS, "/interview?i=demos:welcome.yml", ERRORS)]
    forms = [tab.fields() for tab in tabs]
    together = Visitor(site)
    together.cookie = cookies_of(*tabs)
    for fields in (*forms, *reversed(forms)):
        session = fields[":session"]
        assert together.ask("GET", f"/variables?session={session}").status == 200
        body = json.dumps({"session": session})
        headers = {"Content_Type": "application/json", "X_CSRF_Token": fields[":csrf"]}
        assert together.ask("POST", "/checkin", body, **headers).status == 200
    # What was used has moved to the secret that stays: the other cookies may go.
    lasting = min(together.cookie.split("; "))
    for path, session in zip(("demos:welcome.yml", "pages:errors.yml"), (forms[1], forms[2]), strict=True):
        alone = Visitor(site)
        alone.cookie = lasting
        assert alone.ask("GET", f"/interview?i={path}&session={session[':session']}&json=1").status == 200


def test_a_session_of_many_is_entered_by_its_id(site: Site) -> None:
    shared = "/interview?i=demos:shared-session.yml"
    mine = Visitor(site).ask("GET", f"{shared}&json=1")
    session = json.loads(mine.text)["session"]
    other = Visitor(site)
    asked = other.ask("GET", f"{shared}&session={session}", Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")
    assert (asked.status, other.cookie) == (200, "")
    assert "Open this interview?" in asked.text
    assert other.ask("GET", f"{shared}&session={session}").status == 303
    assert json.loads(other.ask("GET", f"{shared}&json=1").text)["session"] == session


def test_events_are_for_those_who_hold_the_session(site: Site, visitor: Visitor) -> None:
    session = visitor.fields()[":session"]
    for path in ("/events?session=", "/variables?session=", "/document/0?session=", f"{ERRORS}&session="):
        assert Visitor(site).ask("GET", path + session).status == 410
        assert Visitor(site).ask("GET", path + "never-was").status == 410
    assert Visitor(site).ask("GET", f"/uploadedfile/1?session={session}").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/interview?i=pages:errors.yml&command=leave&url=https://evil.example&exit=//evil.example",
        "/interview?i=pages:errors.yml&command=leave&next=/list",
        "/interview?i=pages:errors.yml&command=leave&next=javascript:alert(1)",
        "/interview?i=pages:errors.yml&reset=1&next=https://evil.example",
    ],
)
def test_no_request_says_where_to_redirect_to(visitor: Visitor, path: str) -> None:
    visitor.ask("GET", path)
    assert visitor.status == 303
    assert not visitor.headers["Location"].startswith(("http", "//"))


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a",
        "//evil.example",
        "https://127.0.0.1@evil.example",
        "/%5Cevil.example",
        "https:evil.example",
    ],
)
def test_a_link_that_leads_elsewhere_asks_first(visitor: Visitor, address: str) -> None:
    visitor.ask("GET", f"/interview?i=pages:errors.yml&command=leave&next={address}")
    assert visitor.status == 200
    assert "You are leaving this site" in visitor.text


def test_there_are_no_accounts(visitor: Visitor) -> None:
    assert visitor.ask("GET", "/user/sign-in").status == 404
    assert "There are no accounts here" in visitor.text


@pytest.mark.parametrize(
    "path",
    [
        "/packagestatic/pages/../questions/errors.yml",
        "/packagestatic/pages/..%2fquestions%2ferrors.yml",
        "/packagestatic/../pages/functions.js",
        "/packagestatic/pages//etc/passwd",
        "/assets/x/../app.py",
        "/assets/x/..%2f..%2fapp.py",
    ],
)
def test_no_path_leads_out_of_the_static_folders(visitor: Visitor, path: str) -> None:
    assert visitor.ask("GET", path).status in {308, 404}
    assert "metadata" not in visitor.text
    assert "root:" not in visitor.text


def test_static_files_of_packages(visitor: Visitor) -> None:
    visitor.ask("GET", "/packagestatic/pages/functions.js")
    assert visitor.status == 200
    assert visitor.headers["Content-Type"].startswith("text/javascript")
    tag = visitor.headers["ETag"]
    assert visitor.ask("GET", "/packagestatic/pages/functions.js", If_None_Match=tag).status == 304


def test_a_request_that_is_too_large_gets_a_friendly_page(visitor: Visitor) -> None:
    size = 17 * 1024 * 1024
    connection = http.client.HTTPConnection(visitor._host, timeout=60)
    connection.putrequest("POST", ERRORS)
    for name, value in {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(size),
        "Cookie": visitor.cookie,
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert "At most 16 MB" in response.read().decode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"set": []}', "application/json"),
        (b'{"session": 3}', "application/json"),
        (b'{"action": ""}', "application/json"),
        (b'{"set": {"kind": {"file": {"content": "%%"}}}}', "application/json"),
        (b'{"set": {"number": NaN}}', "application/json"),
        (b'{"set": {"kind": "\\ud800"}}', "application/json"),
        (b'{"set": {"kind": ' + b"[" * 5000 + b"]" * 5000 + b"}}", "application/json"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
    ],
)
def test_bad_bodies_are_refused_in_words(visitor: Visitor, body: bytes, kind: str) -> None:
    token = visitor.fields()[":csrf"]
    visitor.ask("POST", ERRORS, body, Content_Type=kind, X_CSRF_Token=token)
    assert visitor.status in {400, 403, 410}
    assert "Traceback" not in visitor.text


def test_a_button_that_no_page_has_is_refused(visitor: Visitor) -> None:
    fields = visitor.fields()
    for extra in ({":button": "nonsense"}, {":action": "[]"}, {":choice": "7"}):
        assert visitor.post(ERRORS, {**fields, **extra}).status == 400


def test_a_user_sees_no_traceback(visitor: Visitor) -> None:
    visitor.post(ERRORS, {**visitor.fields(), "kind": "divide", "number": "5"})
    assert visitor.status == 500
    assert "Something went wrong" in visitor.text
    for word in ("division", "Traceback", "Question_", ".yml, line"):
        assert word not in visitor.text


def test_a_browser_that_guesses_ahead_starts_nothing(site: Site) -> None:
    guessing = Visitor(site).ask("GET", ERRORS, Sec_Purpose="prefetch")
    assert guessing.status == 503
    assert guessing.cookie == "" or "parley" in guessing.cookie


def test_an_ended_session_says_so_and_begins_again(visitor: Visitor) -> None:
    fields = visitor.fields()
    visitor.ask("GET", f"{ERRORS}&command=exit")
    assert visitor.status == 303
    assert visitor.post(ERRORS, {**fields, "kind": "x", "number": "5"}).status in {403, 410}
    assert "What shall go wrong?" in visitor.ask("GET", ERRORS).text


@pytest.fixture
def uploaded(site: Site, page: Page) -> Page:
    page.goto(site.url("signing", "&new_session=1"))
    page.get_by_label("Or type your name").fill("Jane")
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#heading")).to_have_text("A letter, please")
    attack = b"<html><script>window.opener.alert(1)</script></html>"
    page.get_by_label("Letter").set_input_files({"name": "läter <b>.html", "mimeType": "text/html", "buffer": attack})
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Thank you")
    return page


@pytest.mark.browser
def test_an_uploaded_page_is_only_a_download(site: Site, uploaded: Page) -> None:
    address = uploaded.get_by_role("link", name="The letter").get_attribute("href")
    assert address is not None
    response = uploaded.request.get(site.address + address if address.startswith("/") else address)
    assert response.status == 200
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert b"window.opener" in response.body()


@pytest.mark.browser
def test_a_drawn_signature_is_a_picture_in_the_page(uploaded: Page) -> None:
    picture = uploaded.locator(".subquestion img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")


@pytest.mark.browser
def test_what_users_type_cannot_become_script(site: Site, page: Page) -> None:
    page.goto(site.url("demos:review.yml", "&new_session=1"))
    page.get_by_label("Pizza").fill('<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>')
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Small").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#heading")).to_have_text("Please look over your order")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.attacked") is None
