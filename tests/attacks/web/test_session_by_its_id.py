"""Who knows the id of a session and the number of a file, from a log, a screenshot or a link that was passed on, and no more than that."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e.browser.conftest import Site
from tests.helpers.visitor import Visitor

HOME = "/interview?i=attacks:mine.yml"
NAME = "Planted Miller"


@pytest.fixture
def owner(site: Site) -> Visitor:
    return begun(site, shared="no")


def begun(site: Site, *, shared: str) -> Visitor:
    made = Visitor(site.address).go(HOME).answer(HOME, {"name": NAME, "shared": shared})
    assert f"Hello, {NAME}" in made.text
    return made


def id_of(visitor: Visitor) -> str:
    visitor.ask("GET", f"{HOME}&json=1")
    return str(json.loads(visitor.text)["session"])


def tried(attacker: Visitor, session: str, file: str) -> list[tuple[int, str]]:
    """Every way in that there is, with the attacker's own cookie and token: status and text of each."""
    attacker.go(HOME)
    token = attacker.fields()[":csrf"]
    form, at_home = (
        {":csrf": token, ":session": session, "session": session, "name": "x"},
        {"Sec_Fetch_Site": "same-origin"},
    )
    script = {"Content_Type": "application/json", "X_CSRF_Token": token, **at_home}
    ways = [
        *(("GET", path, b"") for path in (f"{HOME}&session={session}", f"{HOME}&session={session}&json=1")),
        *(("GET", path, b"") for path in (f"/events?session={session}", f"/variables?session={session}", file)),
        ("GET", f"{HOME}&session={session}&action=change", b""),
        *(
            ("POST", path, json.dumps({"session": session, "request_id": "r1", **body}).encode())
            for path, body in (
                (f"{HOME}&json=1", {"action": "change"}),
                (f"{HOME}&json=1", {"set": {"name": "x"}, "token": "x"}),
                (f"{HOME}&json=1", {"command": "restart"}),
                ("/checkin", {"action": "change", "token": "x", "values": {}}),
            )
        ),
    ]
    found = [
        attacker.ask(method, path, body, **(script if body else at_home)) and (attacker.status, attacker.text)
        for method, path, body in ways
    ]
    for path in ("/resume", f"{HOME}&session={session}", HOME):
        attacker.post(path, form, **at_home)
        found.append((attacker.status, attacker.text))
    return found


def test_nothing_of_it_is_seen_or_changed(site: Site, owner: Visitor) -> None:
    session = id_of(owner)
    owner.go(HOME)
    [file] = re.findall(r"/uploadedfile/\d+[^\"]*", owner.text)
    found = tried(Visitor(site.address), session, file)
    assert [status for status, _ in found if status < 400] == []
    assert [text for _, text in found if "Planted" in text or "Traceback" in text] == []
    never = tried(Visitor(site.address), "n" * len(session), "/uploadedfile/999999/note.txt")
    assert [status for status, _ in never] == [status for status, _ in found], "which ids there are is not told either"
    assert f"Hello, {NAME}" in owner.go(HOME).text


def test_a_link_into_the_attackers_own_session_asks_first(site: Site) -> None:
    """What somebody types into a session that another one made is read by that one."""
    attacker, owner = begun(site, shared="yes"), begun(site, shared="no")
    mine, theirs = id_of(owner), id_of(attacker)
    for come_from in ("cross-site", "same-site", "none"):
        owner.go(f"{HOME}&session={theirs}", Sec_Fetch_Site=come_from)
        assert "Open this interview?" in owner.text
        assert owner.go(f"{HOME}&session={theirs}&json=1", Sec_Fetch_Site=come_from).status == 403
        assert id_of(owner) == mine


def test_a_guest_deletes_nothing_of_whom_he_visits(site: Site) -> None:
    owner, guest = begun(site, shared="yes"), Visitor(site.address)
    guest.go(f"{HOME}&session={id_of(owner)}", Sec_Fetch_Site="same-origin")
    assert f"Hello, {NAME}" in guest.text
    guest.go(f"{HOME}&command=exit", Sec_Fetch_Site="same-origin")
    assert f"Hello, {NAME}" in owner.go(HOME).text, "a guest that exits has left, and no more"
    guest.go(f"{HOME}&session={id_of(owner)}", Sec_Fetch_Site="same-origin")
    guest.go("/interviews")
    form = {":csrf": guest.fields('action="/interviews"')[":csrf"], ":do": "delete"}
    assert guest.post("/interviews", form, Sec_Fetch_Site="same-origin").status == 303
    assert "Somebody" not in guest.go("/interviews").text, "it is not listed any more"
    assert f"Hello, {NAME}" in owner.go(HOME).text
