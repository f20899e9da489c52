"""What pages ask for beside screens: check-ins, variables, documents, events, files, assets, health."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from services.gateway.app import Gateway, create_app
from services.gateway.web.health import Health
from shared.contract import errors
from tests.helpers.standin import ASK, StandIn
from tests.unit.gateway.conftest import HELLO, Person, form, options


def test_a_check_in(person: Person, service: StandIn) -> None:
    shown = person.state()
    body = {"session": shown["session"], "action": "look", "values": {"a": "b"}, "ack": [], "more": 1}
    answer = person.json("/checkin", body, X_CSRF_Token=shown["csrf"])
    assert answer.get_json() == {"version": 1, "commands": [{"extra": "flash", "value": "Hello"}]}
    told = service.told("check_in")
    assert (told["action"], told["values"], told["ack"]) == ("look", {"a": "b"}, [])
    assert "more" not in told
    assert told["request_id"]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"session": 5}', '{"session": ""}'])
def test_bad_check_ins(person: Person, body: str) -> None:
    assert person.json("/checkin", body, X_CSRF_Token=person.state()["csrf"]).status_code == 400


def test_a_check_in_of_a_session_that_is_gone_or_somebody_elses(person: Person, stranger: Person) -> None:
    mine, theirs = person.state(), stranger.state()
    for session in (theirs["session"], "a" * 32):
        answer = person.json("/checkin", {"session": session, "action": "look"}, X_CSRF_Token=mine["csrf"])
        assert (answer.status_code, answer.get_json()["error"]["kind"]) == (410, "NoSession")


def test_the_authors_box_is_of_ones_own_session_and_there_only_at_work(
    person: Person, service: StandIn, tmp_path: Path
) -> None:
    session = person.state()["session"]
    assert person.get(f"/workshop?session={session}").status_code == 404
    (tmp_path / "a.yml").write_text("question: A")
    (tmp_path / "parley.sqlite").write_text("changes with every answer")
    app = create_app(service, options(tmp_path, workshop=tmp_path))
    author = Person(app.test_client())
    mine = author.state()["session"]
    first = author.get(f"/workshop?session={mine}").get_json()
    assert first["runs"] == [{"id": "r1", "session": mine}]
    assert author.get(f"/workshop?session={session}").status_code == 410
    (tmp_path / "parley.sqlite").write_text("is no file of the interview")
    assert author.get("/workshop").get_json() == {"saved": first["saved"], "runs": []}
    (tmp_path / "a.yml").write_text("question: Another")
    assert author.get("/workshop").get_json()["saved"] != first["saved"]
    assert f'data-workshop="{author.get("/workshop").get_json()["saved"]}"' in author.get(HELLO).text


def test_variables(person: Person, service: StandIn) -> None:
    session = person.state()["session"]
    answer = person.get(f"/variables?session={session}").get_json()
    assert (answer["success"], answer["variables"], answer["uid"]) == (True, {"name": "Ada"}, session)
    service.fails["variables"] = errors.StepFailed("x")
    assert person.get(f"/variables?session={session}").get_json() == {"success": False}


def test_documents_of_the_screen(person: Person, service: StandIn) -> None:
    letter = {"name": "A *letter*", "filename": "letter", "content": "# Dear\n\nyou"}
    service.interviews["demos:hello.yml"] = [{**ASK, "attachments": [letter]}]
    session = person.page()[":session"]
    shown = person.get(f"/document/0?session={session}")
    assert "<h1>Dear</h1>" in shown.text
    kept = person.get(f"/document/0?session={session}&format=md")
    assert (kept.text, kept.headers["Content-Disposition"]) == ("# Dear\n\nyou", "attachment; filename=letter.md")
    assert person.get(f"/document/1?session={session}").status_code == 404
    assert person.get(f"/document/0?session={session}x").status_code == 410


def test_events_of_a_session(person: Person, app: Gateway) -> None:
    session = person.page()[":session"]
    answer = person.client.get(f"/events?session={session}")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    app.close()
    assert answer.text.startswith("retry: 3000")
    answer.close()
    assert person.listens(session, Last_Event_ID="x-²") == 200


def test_more_streams_than_may_be(person: Person, app: Gateway) -> None:
    session = person.page()[":session"]
    held = [app.streams.open(session, client="x", last_id=None) for _ in range(10)]
    assert person.get(f"/events?session={session}").status_code == 503
    for one in held:
        one.close()


def upload(person: Person, content: bytes, name: str, kind: str) -> None:
    fields: dict[str, Any] = {**person.page(), ":files": "letter", "letter": (BytesIO(content), name, kind)}
    assert person.post(HELLO, fields).status_code == 303


def test_an_uploaded_file_comes_back_to_its_browser_only(person: Person, stranger: Person, service: StandIn) -> None:
    content = bytes(range(256)) * 4000  # more than two pieces
    upload(person, content, "my picture.png", "image/png")
    assert service.told("answer")["values"]["letter"] == {"files": [1]}
    answer = person.get("/uploadedfile/1/my%20picture.png")
    assert answer.data == content
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert stranger.get("/uploadedfile/1").status_code == 404
    stranger.page()
    assert stranger.get("/uploadedfile/1").status_code == 404
    assert person.get("/uploadedfile/2").status_code == 404


def test_parts_of_a_file_and_files_that_are_only_saved(person: Person, service: StandIn) -> None:
    upload(person, b"0123456789", "a.html", "text/html")
    answer = person.get("/uploadedfile/1")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    part = person.get("/uploadedfile/1", Range="bytes=2-4")
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert person.get("/uploadedfile/1", Range="bytes=20-").status_code == 416
    assert person.get("/uploadedfile/1", Range="bytes=0-1,3-4").data == b"0123456789"
    assert person.get("/uploadedfile/1", Range="bytes=²-").data == b"0123456789"


def test_a_file_that_an_interview_sends(person: Person, service: StandIn) -> None:
    sent = {"kind": "response", "response": {"file": {"number": 1}}}
    service.interviews["demos:hello.yml"] = [ASK, sent]
    fields: dict[str, Any] = {**person.page(), ":files": "letter", "letter": (BytesIO(b"hello"), "a.txt")}
    assert person.post(HELLO, fields).data == b"hello"
    assert person.get(f"{HELLO}&attachment").headers["Content-Disposition"].startswith("attachment")


def test_files_of_the_session_in_texts(person: Person, service: StandIn) -> None:
    service.interviews["demos:hello.yml"] = [ASK, {**ASK, "subquestion": "[FILE 1] and [FILE 2] and [FILE ²]"}]
    upload(person, b"x", "a.png", "image/png")
    assert 'src="/uploadedfile/1/a.png"' in person.get(HELLO).text


def test_files_of_packages(person: Person) -> None:
    answer = person.get("/packagestatic/demos/a.css")
    assert (answer.data, answer.mimetype) == (b"a {}", "text/css")
    for path in ("demos/b.css", "nothing/a.css", "demos/../questions/hello.yml", "demos/" + "x" * 5000, "../a.css"):
        assert person.get(f"/packagestatic/{path}").status_code in {404, 308}


def test_assets(person: Person) -> None:
    page = person.get("/").text
    address = page[page.index("/assets/") :].split('"')[0]
    answer = person.get(address, Accept_Encoding="gzip")
    assert "immutable" in answer.headers["Cache-Control"]
    assert person.get("/assets/old/parley.css").headers["Cache-Control"] == "no-cache"
    assert person.get("/assets/old/nothing.css").status_code == 404


def test_health_and_counters(service: StandIn, packages: Path) -> None:
    app = create_app(service, options(packages))
    person = Person(app.test_client())
    assert person.get("/healthz").get_json()["ok"] is True
    assert 'route="/"' not in person.get("/metrics").text
    person.get("/")
    assert 'route="/"' in person.get("/metrics").text
    app.close()


def test_health_without_a_bus_asked_once_in_a_while(service: StandIn) -> None:
    now = [0.0]
    health, app = Health(service, clock=lambda: now[0]), Flask(__name__)
    app.register_blueprint(health.blueprint())
    service.reachable = False
    for at, status in ((0.0, 503), (1.0, 503), (2.5, 200)):
        now[0] = at
        assert app.test_client().get("/healthz").status_code == status
        service.reachable = True


def test_health_tells_what_else_of_the_process_is_wrong(service: StandIn, packages: Path) -> None:
    wrong: list[str | None] = [None]
    app = create_app(service, options(packages), watched={"store": lambda: wrong[0]})
    assert app.test_client().get("/healthz").status_code == 200
    wrong[0] = "takes no writes: database or disk is full"
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()["wrong"]) == (503, {"store": wrong[0]})
    app.close()


def test_embedded_controls_stand_in_the_text(person: Person, service: StandIn) -> None:
    field = {"variable": "name", "label": "Name", "datatype": "text"}
    screen = {**ASK, "subquestion": "I am [FIELD name], hello", "fields": [field]}
    service.interviews["demos:hello.yml"] = [screen]
    text = person.get(HELLO).text
    assert text.count('name="name"') == 1
    assert form(person.get(HELLO))[":session"]
