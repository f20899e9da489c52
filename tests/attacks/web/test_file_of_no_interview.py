"""Files that lie beside interviews: secrets, code, other people's folders, whatever the server may read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

FORM = "mandatory: True\nquestion: Hello\nbuttons:\n  - exit: exit\n"
SECRET = "TOPSECRETVALUE"
BROKEN = f"password: {SECRET}\nquestion: [\n"


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home: an interview in a package, another package beside it, and what else lies there."""
    home = tmp_path_factory.mktemp("home")
    for name, text in {
        "mine/data/questions/form.yml": FORM,
        "mine/data/static/look.css": "p {}",
        "mine/data/sources/keys.yml": BROKEN,
        "mine/secrets.yml": BROKEN,
        "mine/.env.yml": BROKEN,
        "other/data/questions/form.yml": BROKEN,
        "other/data/static/plan.css": SECRET,
        "deploy/secret.yaml": BROKEN,
        "deploy/look.css": SECRET,
        "photos/private.jpg": SECRET,
        "notes.yml": BROKEN,
        "alone/form.yml": FORM,
        "alone/look.css": "p {}",
        "alone/under/private.jpg": SECRET,
        "alone/.hidden.yml": BROKEN,
        "alone/under/secrets.yml": BROKEN,
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "mine/data/questions/link.yml").symlink_to(home / "notes.yml")
    (home / "mine/data/static/link.css").symlink_to(home / "deploy/look.css")
    return home


@pytest.fixture(scope="module", params=["mine/data/questions/form.yml", "alone/form.yml"])
def running(request: pytest.FixtureRequest, around: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``parley run FILE``, which shows authors what is wrong, in that home."""
    made = Site(tmp_path_factory.mktemp("var"), str(around / request.param), PARLEY_PACKAGES="")
    yield made
    made.stop()


INTERVIEWS = [
    *("other:form.yml", "other:data/questions/form.yml", "deploy:secret.yaml", "deploy:../deploy/secret.yaml", "mine:secrets.yml"),
    *("mine:data/sources/keys.yml", "mine:.env.yml", "mine:link.yml", "mine:data/questions/../sources/keys.yml", "alone:.hidden.yml"),
    *("alone:under/secrets.yml", ".:notes.yml", "..:notes.yml", ":notes.yml", "notes.yml", "home:notes.yml", "tests:clean_root/run"),
    *("services:data/questions/x.yml", "mine:form.yml%00", "mine:/etc/passwd", "mine://etc/passwd.yml", "file:///etc/passwd.yml"),
]  # fmt: skip
FILES = [
    *("other/plan.css", "other/data/static/plan.css", "deploy/look.css", "deploy/secret.yaml", "photos/private.jpg", "mine/link.css"),
    *("mine/../secrets.yml", "mine/%2e%2e/secrets.yml", "mine/..%2fsources%2fkeys.yml", "mine/..%5csources%5ckeys.yml", "./notes.yml"),
    *("alone/under/private.jpg", "alone/form.yml", "alone/.hidden.yml", "mine/%2fetc%2fpasswd", "services.gateway/static/parley.css"),
    *("tests/README.md", "..%2f..%2fetc/passwd", "mine/look.css/../../sources/keys.yml"),
]  # fmt: skip


@pytest.mark.parametrize("name", INTERVIEWS)
def test_no_address_opens_what_is_no_interview(running: Site, name: str) -> None:
    for address in (f"/interview?i={name}", f"/interview?i={name}&json=1", f"/interview?i={name}&new_session=1"):
        page = Visitor(running.address).go(address)
        assert 400 <= page.status < 500, page.text[:300]
        assert SECRET not in page.text


@pytest.mark.parametrize("name", FILES)
def test_no_address_shows_another_file(running: Site, name: str) -> None:
    page = Visitor(running.address).ask("GET", f"/packagestatic/{name}")
    assert page.status in (404, 308), page.text[:300]
    assert SECRET not in page.text


def test_its_own_files_are_served(running: Site) -> None:
    page = Visitor(running.address).go("/interview")
    assert "Hello" in page.text
    package = "mine" if "mine" in page.text else "alone"
    assert Visitor(running.address).ask("GET", f"/packagestatic/{package}/look.css").text == "p {}"
