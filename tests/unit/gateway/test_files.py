"""Packages' static files, the listing of interviews, and places of errors: what is read from disk, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from services.gateway.client.files import SessionFiles
from services.gateway.client.interview import InterviewClient
from services.gateway.packages import Packages
from services.gateway.render.listing import Listing
from services.gateway.render.problems import Explainer
from services.gateway.web.files import Files
from shared.bus.inprocess import InProcessBus
from shared.bus.messages import BusUnavailable, CallTimeout
from shared.contract import errors
from shared.contract.outcome import Failure
from shared.language.sources import Root, Sources


@pytest.fixture
def root(tmp_path: Path) -> Path:
    questions = tmp_path / "demos" / "data" / "questions"
    questions.mkdir(parents=True)
    (tmp_path / "demos" / "data" / "static").mkdir()
    (tmp_path / "demos" / "data" / "static" / "a.css").write_text("a {}")
    (tmp_path / "demos" / "secret.py").write_text("key = 1")
    (tmp_path / "docassemble" / "law" / "data" / "questions").mkdir(parents=True)
    (questions / "one.yml").write_text(
        "metadata:\n  title: |\n    First one\n  description: What it does.\n---\nquestion: x\n"
    )
    (questions / "part.yml").write_text("question: no metadata\n")
    (questions / "broken.yml").write_text("metadata: [\n---\n")
    (questions / "hidden.yml").write_text("metadata:\n  title: Hidden\n  unlisted: true\n")
    return tmp_path


def test_packages_are_found_by_their_dotted_names(root: Path) -> None:
    packages = Packages((root,))
    assert packages.folder("demos") == root.resolve() / "demos"
    assert packages.folder("docassemble.law") == root.resolve() / "docassemble" / "law"


@pytest.mark.parametrize("name", ["", "..", "../demos", "demos/..", ".demos", "nothing", "demos\\..", "a..b"])
def test_names_that_are_no_packages(root: Path, name: str) -> None:
    assert Packages((root,)).folder(name) is None


def test_the_listing_has_interviews_with_a_title(root: Path) -> None:
    groups = Listing(Packages((root,)), ("demos", "nothing")).groups()
    assert [(entry.name, entry.title, entry.description) for group in groups for entry in group.entries] == [
        ("demos:one.yml", "First one", "What it does.")
    ]
    assert groups[0].entries[0].url == "/interview?i=demos:one.yml"


def test_a_named_interview_is_listed_even_without_a_title(root: Path) -> None:
    groups = Listing(Packages((root,)), ("demos:part.yml",)).groups()
    assert [entry.title for group in groups for entry in group.entries] == ["part"]


def test_a_change_is_seen(root: Path) -> None:
    listing = Listing(Packages((root,)), ("demos",))
    listing.groups()
    (root / "demos" / "data" / "questions" / "two.yml").write_text("metadata:\n  title: Second\n")
    assert [entry.title for entry in listing.groups()[0].entries] == ["First one", "Second"]


def test_users_see_no_word_of_the_developers(root: Path) -> None:
    failure = Failure(
        type="ZeroDivisionError", message="division by zero", file="demos/one.yml", line=1, trace="Traceback"
    )
    problem = Explainer(Sources((root,)), author=False).of_failure(failure)
    assert problem.author is None
    assert "division" not in " ".join((problem.heading, *problem.texts))


@pytest.mark.parametrize("file", ["demos:data/questions/one.yml", "demos:one.yml", "demos/one.yml"])
def test_authors_see_the_lines_around_the_error(root: Path, file: str) -> None:
    failure = Failure(type="NameError", message="no x", file=file, block="Question_1", line=3, trail=("x", "y"))
    problem = Explainer(Sources((root,)), author=True).of_failure(failure)
    assert problem.author is not None
    assert problem.author["trail"] == ["x", "y"]
    excerpt = problem.author["places"][0]["excerpt"]
    assert (3, "    First one", True) in excerpt
    assert excerpt[0] == (1, "metadata:", False)


@pytest.mark.parametrize(
    "file", ["demos/secret.py", "demos/../../etc/passwd.yml", "demos:/etc/hosts.yml", "", "nowhere:x.yml"]
)
def test_no_other_file_is_shown(root: Path, file: str) -> None:
    problem = Explainer(Sources((root,)), author=True).of_failure(Failure(type="E", message="m", file=file, line=1))
    assert problem.author is not None
    assert problem.author["places"][0]["excerpt"] == []


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (errors.NoSession("gone"), 410, False),
        (errors.NoInterview("none"), 404, False),
        (errors.BadToken("old"), 409, False),
        (errors.Busy("full"), 503, True),
        (errors.Unknown("new", "Unheard"), 500, False),
        (CallTimeout("late"), 504, True),
        (BusUnavailable("away"), 503, True),
    ],
)
def test_every_error_has_a_status_and_says_whether_to_try_again(
    root: Path, error: Exception, status: int, retry: bool
) -> None:
    problem = Explainer(Sources((root,)), author=False).of_call(error)  # type: ignore[arg-type]
    assert problem.status == status
    assert (problem.retry is not None) == retry


def test_beside_an_interview_in_no_package_only_harmless_files_are_public(tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in ("work.yml", "helpers.py", "look.css", ".hidden.css", "answers.json"):
        (alone / name).write_text("x")
    client, app = InterviewClient(InProcessBus(), seconds=1), Flask(__name__)
    files = Files(client, SessionFiles(client), Packages((Root(tmp_path / "alone", "alone"),)))

    def status(name: str) -> int:
        with app.test_request_context():
            try:
                return files.static("alone", name).status_code
            except NotFound:
                return 404

    assert {
        name: status(name) for name in ("work.yml", "helpers.py", "look.css", ".hidden.css", "answers.json", "../x")
    } == {
        "work.yml": 404,
        "helpers.py": 404,
        "look.css": 200,
        ".hidden.css": 404,
        "answers.json": 404,
        "../x": 404,
    }
