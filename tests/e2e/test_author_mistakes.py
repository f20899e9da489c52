"""Every mistake of ``mistakes.py`` through the whole embedded system: what the author is told, what the user is told, what survives."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.cli.check import check
from services.embedded.system import System
from services.gateway.app import create_app
from services.gateway.options import Options
from services.settings import load
from tests.e2e.mistakes import ADVISED, ASK, END, RUNNING, WRITTEN, Mistake

#: Words that only an author understands; none of them may be on a user's page.
DEVELOPER = (
    "Traceback",
    "Error:",
    "Question_",
    "ID ",
    ".yml",
    ".py",
    "line ",
    "Mako",
    "YAML",
    "Python",
    "NotDefinable",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One system over a folder of interviews, with the pages as an author and as a user sees them."""

    folder: Path
    system: System
    author: Flask
    user: Flask

    def write(self, name: str, mistake: Mistake) -> tuple[Path, str]:
        path = self.folder / "data" / "questions" / f"{name.replace(' ', '_')}.yml"
        path.write_bytes(mistake.text.encode("utf-8", "surrogateescape"))
        for module, source in mistake.modules.items():
            (self.folder / module).write_text(source, "utf-8")
        return path, f"tools:{path.name}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("mistakes")
    folder = root / "tools"
    (folder / "data" / "questions").mkdir(parents=True)
    (folder / "__init__.py").write_text("", "utf-8")
    settings = load({}, var=str(root / "var"), packages=str(root), smtp_port=0, port=0, log_level="ERROR")
    settings = replace(settings, foreground_seconds=4.0)  # an endless loop need not last as long as outside of tests
    system = System(settings)
    system.start()
    options = Options.from_settings(settings)
    author, user = (create_app(system.bus, replace(options, author=is_author)) for is_author in (True, False))
    yield Place(folder, system, author, user)
    author.close()
    user.close()
    system.stop()


def _get(client: FlaskClient, name: str) -> dict[str, Any]:
    return dict(client.get("/interview", query_string={"i": name, "json": "1"}).get_json())


def _answer(client: FlaskClient, name: str, shown: dict[str, Any], values: Any) -> tuple[int, dict[str, Any]]:
    body = {"set": dict(values), "token": shown["screen"]["token"], "session": shown["session"]}
    token = {"X-CSRF-Token": shown["csrf"]}
    reply = client.post("/interview", query_string={"i": name, "json": "1"}, json=body, headers=token)
    return reply.status_code, dict(reply.get_json())


def _walk(client: FlaskClient, name: str, mistake: Mistake) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last screen before the mistake ({} if there is none) and the error."""
    reply, before = _get(client, name), {}
    for values in mistake.answers:
        before = reply
        status, reply = _answer(client, name, before, values)
        assert status < 400 or reply.get("error"), reply
    return before, reply["error"]


def _checked(path: Path) -> tuple[int, list[str]]:
    out = io.StringIO()
    status = check([str(path)], out=out)
    return status, out.getvalue().splitlines()


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_wrong(name: str, place: Place) -> None:
    mistake = WRITTEN[name]
    path, interview = place.write(name, mistake)
    status, lines = _checked(path)
    assert status == 1
    assert any(
        line.startswith(f"{path}:{mistake.line}: error: {mistake.block}") and mistake.says in line for line in lines
    ), lines

    error = _get(place.author.test_client(), interview)["error"]
    assert error["kind"] == "BadInterview"
    told = error["author"]["places"][0]
    assert (told["file"], told["block"], told["line"]) == (
        f"tools:data/questions/{path.name}",
        mistake.block,
        mistake.line,
    )
    assert mistake.says in f"{told['message']} ({told['hint']})"
    assert [number for number, _, here in told["excerpt"] if here] in ([mistake.line], [])
    _friendly(place.user.test_client(), interview)


@pytest.mark.parametrize("name", ADVISED)
def test_what_is_no_reason_not_to_run(name: str, place: Place) -> None:
    mistake = ADVISED[name]
    path, interview = place.write(name, mistake)
    status, lines = _checked(path)
    assert status == 0
    start = f"{path}:{mistake.line}: warning: {mistake.block}"
    assert any(line.startswith(start) and mistake.says in line for line in lines), lines
    assert _get(place.user.test_client(), interview)["screen"]["question"] == "Done"


@pytest.mark.parametrize("name", RUNNING)
def test_what_goes_wrong_while_it_runs(name: str, place: Place) -> None:
    mistake = RUNNING[name]
    path, interview = place.write(name, mistake)
    lines = _checked(path)[1]
    if mistake.checked is not None:
        start = f"{path}:{mistake.checked_line or mistake.line}: "
        assert any(line.startswith(start) and mistake.checked in line for line in lines), lines
    else:
        assert lines == ["1 interview: 0 errors, 0 warnings"]

    client = place.author.test_client()
    before, error = _walk(client, interview, mistake)
    told = error["author"]["places"][0]
    assert mistake.says in told["message"]
    assert (told["file"], told["block"], told["line"]) == (
        f"tools:data/questions/{path.name}",
        mistake.block,
        mistake.line,
    )
    if mistake.trail:
        assert tuple(error["author"]["trail"]) == mistake.trail
    assert "shared/" not in error["author"]["trace"]
    assert not any("Block_" in line for line in error["author"]["history"])
    page = client.get("/interview", query_string={"i": interview}).text
    if before:  # the session stands where it stood, and says so
        assert _get(client, interview)["screen"]["question"] == before["screen"]["question"]
    else:
        assert f"line {mistake.line}" in " ".join(page.split())


def _friendly(client: FlaskClient, interview: str) -> None:
    reply = client.get("/interview", query_string={"i": interview})
    assert reply.status_code in (500, 503)
    shown = re.sub(r"<[^>]*>", " ", reply.text.partition("<main")[2].partition("</main>")[0])
    assert shown.strip()
    assert [word for word in DEVELOPER if word in shown] == []


@pytest.mark.parametrize("name", ["missing variable", "division in code", "memory", "function in an answer"])
def test_users_see_no_developer_text(name: str, place: Place) -> None:
    mistake = RUNNING[name]
    _, interview = place.write(name, mistake)
    client = place.user.test_client()
    if not mistake.answers:
        _friendly(client, interview)
        return
    _, error = _walk(client, interview, mistake)
    assert set(error) == {"kind", "message", "reference"}
    assert [word for word in DEVELOPER if word in str(error)] == []


def test_a_dead_child_is_not_the_end(place: Place) -> None:
    text = "imports: os\n---\n" + ASK + "mandatory: True\ncode: |\n  os._exit(3)\n---\n" + END
    _, interview = place.write("dies", Mistake(text=text, line=0, says=""))
    client = place.author.test_client()
    shown = _get(client, interview)
    status, reply = _answer(client, interview, shown, {"ready": True})
    assert (status, reply["error"]["kind"]) == (500, "ChildDied")
    assert "status 3" in reply["error"]["author"]["places"][0]["message"]
    assert _get(client, interview)["screen"]["question"] == shown["screen"]["question"]


def test_what_validation_code_raises_is_said_to_the_user(place: Place) -> None:
    """fields.md, "validation code": any exception makes the answer invalid, and its text is shown."""
    text = "mandatory: True\nquestion: Hi\nfields:\n  - N: n\n    datatype: integer\nvalidation code: |\n"
    text += "  if n > 3:\n    raise Exception('Three at most.')\n---\n" + END
    _, interview = place.write("validation", Mistake(text=text, line=0, says=""))
    client = place.user.test_client()
    status, reply = _answer(client, interview, _get(client, interview), {"n": 4})
    assert (status, reply["rejected"]["message"]) == (422, "Three at most.")
    assert _answer(client, interview, reply | {"csrf": _get(client, interview)["csrf"]}, {"n": 3})[0] == 200


def test_tabs_are_two_spaces(place: Place) -> None:
    text = "mandatory: True\nquestion: Hi\nfields:\n\t- Name: name\n\t  datatype: integer\n---\n" + END
    path, interview = place.write("tabs", Mistake(text=text, line=0, says=""))
    assert _checked(path)[0] == 0
    assert _get(place.user.test_client(), interview)["screen"]["fields"][0]["datatype"] == "integer"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("question: Hi\n---\n" + END, 1, "never shown"),
        ("id: a\nquestion: Hi\nyesno: a\n---\nid: a\n" + END, 5, "the id 'a' is used twice"),
        (
            "mandatory: True\nquestion: Hi\nsubquestion: |\n  [Go](${ url_action('no') })\n",
            4,
            "answers to the action 'no'",
        ),
        (END + "---\nmandatory: True\nquestion: After\n", 4, "never reached"),
    ],
)
def test_what_is_only_suspicious(text: str, line: int, says: str, place: Place) -> None:
    path, _ = place.write("suspicious", Mistake(text=text, line=0, says=""))
    status, lines = _checked(path)
    assert status == 0
    assert any(shown.startswith(f"{path}:{line}: warning: ") and says in shown for shown in lines), lines
