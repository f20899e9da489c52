"""What author code asks of its service: how it is asked, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.runner.remote import Ask, HostApiError, RemoteFiles, RemoteMails, RemoteTasks
from shared.state.codec import encode_value
from tests.helpers.script import Script


class Asked:
    """Answers of the test by question; keeps the questions."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.questions: list[tuple[Any, ...]] = []

    def __call__(self, what: str, *arguments: object) -> Any:
        self.questions.append((what, *arguments))
        answer = self.answers[what]
        return answer(*arguments) if isinstance(answer, Callable) else answer  # type: ignore[arg-type]


class Packages:
    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        return reference, b"of a package"

    def full_name(self, reference: str) -> str:
        return f"demos:{reference}"


def files(**answers: Any) -> tuple[RemoteFiles, Asked]:
    asked = Asked(**answers)
    return RemoteFiles(asked, Packages()), asked  # type: ignore[arg-type]


def test_a_question_is_one_message_and_so_is_its_answer() -> None:
    script = Script({"answer": {"status": "done"}})
    ask = Ask(script.wire, 7)
    assert ask("task", "t1", None) == {"status": "done"}
    assert not ask.asking
    assert script.heard() == [{"ask": "task", "arguments": ["t1", None], "step": 7}]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"error": "no file 3", "kind": "LookupError"}, FileNotFoundError),
        ({"error": "the store is away", "kind": "StoreUnavailable"}, HostApiError),
        ({"error": "why ever"}, HostApiError),
    ],
)
def test_an_error_of_the_service_is_one_of_the_step(reply: dict[str, Any], error: type[Exception]) -> None:
    script = Script(reply)
    ask = Ask(script.wire, 7)
    with pytest.raises(error, match=reply["error"]):
        ask("file_read", 3)
    assert not ask.asking
    script.break_off()


def test_a_tasks_value_arrives_decoded() -> None:
    asked = Asked(task={"status": "done", "value": encode_value([1, "a"])})
    assert RemoteTasks(asked).view("t")["value"] == [1, "a"]  # type: ignore[arg-type]
    assert asked.questions == [("task", "t", None)]


@pytest.mark.parametrize(("given", "sent"), [(5, 5.0), (None, 86400.0)])
def test_a_wait_is_bounded_by_the_step_if_by_nothing_else(given: float | None, sent: float) -> None:
    asked = Asked(task={"status": "running"})
    assert RemoteTasks(asked).wait("t", given) == {"status": "running"}  # type: ignore[arg-type]
    assert asked.questions == [("task", "t", sent)]


def test_a_file_is_known_by_its_extension_in_small_letters() -> None:
    remote, _ = files(file_info={"filename": "Report.PDF", "size": 3})
    assert remote.info(1)["extension"] == "pdf"


def test_a_file_of_another_session_is_none() -> None:
    remote, _ = files(file_info=None)
    with pytest.raises(FileNotFoundError, match="file 9 is not a file of this session"):
        remote.info(9)


@pytest.mark.parametrize(
    ("filename", "mimetype", "kept"),
    [
        ("a.pdf", "", "application/pdf"),
        ("a.pdf", "text/plain", "text/plain"),
        ("a.what-is-this", "", "application/octet-stream"),
    ],
)
def test_what_is_written_has_a_type(filename: str, mimetype: str, kept: str) -> None:
    remote, asked = files(file_write=7)
    assert remote.write(filename=filename, mimetype=mimetype, content=b"x") == 7
    assert asked.questions == [("file_write", filename, kept, b"x")]


def test_a_number_is_a_file_of_the_session_and_a_name_one_of_a_package() -> None:
    remote, _ = files(file_info={"filename": "a b.txt"}, file_read=b"of the session")
    assert remote.find("3") == ("a b.txt", b"of the session")
    assert remote.find("static:a.txt") == ("static:a.txt", b"of a package")
    assert remote.url("3") == "/uploadedfile/3/a%20b.txt"
    assert remote.url("a b.txt") == "/packagestatic/demos/a%20b.txt"


def test_mails_come_page_after_page_as_they_are_read() -> None:
    pages = {"": {"mails": [{"n": 1}, {"n": 2}], "after": "x"}, "x": {"mails": [{"n": 3}], "after": None}}
    asked = Asked(emails=lambda key, after: pages[after], email=None)
    mails = iter(RemoteMails(asked).heads("k"))  # type: ignore[arg-type]
    assert next(mails) == {"n": 1}
    assert len(asked.questions) == 1
    assert [mail["n"] for mail in mails] == [2, 3]
    assert asked.questions == [("emails", "k", ""), ("emails", "k", "x")]
    assert RemoteMails(asked).whole("m") is None  # type: ignore[arg-type]
