"""Mails and files of a session that fails, loses a race, or is deleted meanwhile: none stays that belongs to nothing."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from services.interview.files import SessionFiles
from services.interview.incoming_mail import IncomingMail
from services.session_host import SessionHost
from shared.bus.messages import CallFailed, Job
from shared.contract.effects import ForgetFile
from shared.engine.outcome import Failure, Outcome
from shared.engine.request import Request
from shared.store.readers import for_everybody
from shared.store.records import OPERATOR, Mail, OutgoingMail
from tests.helpers.overjson import OverJson
from tests.unit.interview.house import LEASE, House, log_screen, mail_parts

REPORT = (
    b"Content-Type: multipart/report\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
    b"Message-ID: <%s@x.example>\r\n"
)


@pytest.mark.parametrize(("reported_to", "status"), [("own", "bounced"), ("other", "sent"), (OPERATOR, "bounced")])
def test_a_delivery_report_marks_the_mail_of_its_own_session(house: House, reported_to: str, status: str) -> None:
    sent = OutgoingMail(id="0123456789ab", session=house.session, body={}, created=house.now, due=house.now)
    house.store.outgoing.add(sent)
    house.store.outgoing.claim(sent.id, lease="w", now=house.now, length=LEASE)
    house.store.outgoing.finish(sent.id, lease="w", status="sent", last={}, now=house.now)
    session = {"own": house.session, "other": "other"}.get(reported_to, reported_to)
    raw = REPORT % sent.id.encode()
    house.store.mails.keep(Mail(id="dsn", address="abc", session=session, sender="", received=house.now, raw=raw))
    post = IncomingMail(house.steps[0], mail_parts(house), domains=["x.example"])
    for _ in range(2):
        post.handle(Job(queue="mail", id="dsn", body={"mail": "dsn"}))
    found = house.store.outgoing.get(sent.id)
    assert found is not None
    assert found.status == status
    if status == "bounced":
        assert (found.last["code"], found.last["text"]) == (550, "550 no such user")


def test_a_mail_that_came_while_its_session_was_deleted_does_not_stay(house: House) -> None:
    house.desks[0].delete(session=house.session)
    mail = Mail(id="m", address="abc", session=house.session, sender="s@example.com", received=house.now, raw=b"x")
    house.store.mails.keep(mail)
    IncomingMail(house.steps[0], mail_parts(house)).handle(Job(queue="mail", id="m", body={"mail": "m"}))
    assert house.store.mails.get("m") is None


def writes(state: dict[str, Any], request: Request, host: Any) -> Outcome:
    host.file_write("a.txt", "text/plain", b"answers")
    return Outcome(save="ignore", failure=Failure(type="ZeroDivisionError", message="division by zero"))


def test_a_step_that_failed_leaves_no_file(house: House) -> None:
    house.on_answer = writes
    assert house.answer("one")["failure"]
    assert house.store.files.of_session(house.session) == []


def test_files_of_a_step_that_lost_its_race_go(house: House) -> None:
    def racing(state: dict[str, Any], request: Request, host: Any) -> Outcome:
        host.file_write("a.txt", "text/plain", b"answers")
        if len(state["log"]) == 1:  # somebody else is faster, once
            house.on_answer = lambda state, request, host: Outcome(save="new", screen=log_screen(state))
            house.answer("other", api=1)
            house.on_answer = racing
        return Outcome(save="new", screen=log_screen(state))

    house.on_answer = racing
    house.answer("mine")
    assert sorted(house.log()) == ["mine", "other"]
    assert len(house.store.files.of_session(house.session)) == 1


def test_a_step_cannot_write_files_into_a_session_that_is_gone(house: House) -> None:
    def slow(state: dict[str, Any], request: Request, host: Any) -> Outcome:
        house.store.sessions.delete(house.session)
        with pytest.raises(LookupError):
            host.file_write("a.txt", "text/plain", b"answers")
        return Outcome(save="new", screen=log_screen(state))

    house.on_answer = slow
    with pytest.raises(CallFailed):
        house.answer("one")
    assert house.store.files.of_session(house.session) == []


def shares(state: dict[str, Any], request: Request, host: Any) -> Outcome:
    """A step that lets everybody read two files, one of them for ever."""
    for lasting in (False, True):
        host.file_share("a.txt", "text/plain", b"for you", lasting)
    return Outcome(save="new", screen=log_screen(state))


def read_by(house: House, number: int, *, session: str | None = None) -> bytes | None:
    """What somebody reads who was never in the session, or is in another one; None if nothing."""
    files = OverJson(SessionFiles(house.store, clock=house.clock))
    try:
        piece = files.shared_file(number=number) if session is None else files.download(session=session, number=number)
    except CallFailed as error:
        return None if error.kind == "NoFile" else error.kind.encode()
    return base64.b64decode(piece["chunk"])


def test_what_everybody_may_read_goes_with_the_session_unless_it_is_for_ever(house: House) -> None:
    own = upload(house)["file"]
    house.on_answer = shares
    house.answer("one")
    shared, lasting = own + 1, own + 2
    host = SessionHost(house.store, "another", clock=house.clock)
    for session in (house.session, "another", None):
        assert [read_by(house, number, session=session) for number in (shared, lasting)] == [b"for you"] * 2
    assert [read_by(house, own, session=session) for session in ("another", None)] == [None, None]
    assert host.file_read(shared) == b"for you"
    with pytest.raises(LookupError):
        host.file_read(own)
    house.desks[0].delete(session=house.session)
    assert [read_by(house, number) for number in (own, shared, lasting)] == [None, None, b"for you"]


def test_a_file_for_ever_is_of_use_as_long_as_its_session_is_there_and_whoever_reads_it(house: House) -> None:
    house.on_answer = shares
    house.answer("one")
    kept = for_everybody(house.session, lasting=True)
    (made,) = house.store.files.of_session(kept)

    def used() -> float:
        (info,) = house.store.files.of_session(kept)
        assert info.used is not None
        return (info.used - made.created) / timedelta(days=1)

    number = made.number
    house.now = made.created + timedelta(hours=23)
    read_by(house, number)
    assert used() == 0
    house.now = made.created + timedelta(days=2)
    read_by(house, number)
    assert used() == 2
    house.now = made.created + timedelta(days=4)
    SessionHost(house.store, "another", clock=house.clock).file_read(number)
    assert used() == 4
    house.now = made.created + timedelta(days=9)
    house.desks[0].delete(session=house.session)
    assert used() == 9


def test_only_its_own_session_takes_a_file_from_everybody(house: House) -> None:
    house.on_answer = shares
    house.answer("one")
    (mine,) = house.store.files.of_session(for_everybody(house.session))
    theirs = house.store.files.put(
        session=for_everybody("another"), filename="b", mimetype="text/plain", content=[b"b"], now=house.now
    )
    own = upload(house)["file"]
    numbers = (mine.number, theirs.number, own)

    def forgets(state: dict[str, Any], request: Request, host: Any) -> Outcome:
        effects = tuple(ForgetFile(number=number) for number in numbers)
        return Outcome(save="new", screen=log_screen(state), effects=effects)

    house.on_answer = forgets
    house.answer("two")
    assert [house.store.files.info(number) is not None for number in numbers] == [False, True, True]


def test_files_for_everybody_of_a_step_that_failed_go(house: House) -> None:
    def fails(state: dict[str, Any], request: Request, host: Any) -> Outcome:
        shares(state, request, host)
        return Outcome(save="ignore", failure=Failure(type="ZeroDivisionError", message="division by zero"))

    house.on_answer = fails
    house.answer("one")
    for lasting in (False, True):
        assert house.store.files.of_session(for_everybody(house.session, lasting=lasting)) == []


def upload(house: House, **changed: Any) -> dict[str, Any]:
    about: dict[str, Any] = {
        "session": house.session,
        "upload": "u1",
        "filename": "a.txt",
        "mimetype": "text/plain",
        "offset": 0,
        "chunk": base64.b64encode(b"text").decode(),
        "last": True,
    }
    return OverJson(SessionFiles(house.store, clock=house.clock)).upload(**(about | changed))


def test_names_of_files_as_computers_make_them(house: House) -> None:
    number = upload(house, filename="Screenshot 2026-01-15 at 10.30.00\u202fAM.png\n")["file"]
    info = house.store.files.info(number)
    assert info is not None
    assert info.filename == "Screenshot 2026-01-15 at 10.30.00 AM.png"


def test_an_upload_into_a_session_that_is_being_deleted_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = house.store.files.put

    def deleted_meanwhile(**file: Any) -> Any:
        house.store.sessions.delete(house.session)
        return put(**file)

    monkeypatch.setattr(house.store.files, "put", deleted_meanwhile)
    with pytest.raises(CallFailed) as caught:
        upload(house)
    assert caught.value.kind == "NoSession"
    assert house.store.files.of_session(house.session) == []


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_pieces_of_an_upload_arrive_in_any_order_and_again(house: House) -> None:
    for offset, content in ((4, b"5678"), (0, b"1234"), (4, b"5678")):
        assert upload(house, offset=offset, chunk=encoded(content), last=False)["file"] is None
    number = upload(house, offset=8, chunk=encoded(b"9"))["file"]
    assert b"".join(house.store.files.read(number)) == b"123456789"
    assert upload(house, offset=8, chunk=encoded(b"9"))["file"] == number, "the last piece again makes no second file"
    assert upload(house, offset=4, chunk=encoded(b"5678"), last=False)["file"] is None
    assert len(house.store.files.of_session(house.session)) == 1


def test_an_upload_that_two_processes_end_at_once_is_one_file(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(house, chunk=encoded(b"1234"), last=False)
    put, numbers = house.store.files.put, []

    def both(**file: Any) -> Any:
        monkeypatch.setattr(house.store.files, "put", put)
        info = put(**file)
        numbers.append(upload(house, offset=4, chunk=encoded(b"5"))["file"])
        return info

    monkeypatch.setattr(house.store.files, "put", both)
    numbers.append(upload(house, offset=4, chunk=encoded(b"5"))["file"])
    assert numbers[0] == numbers[1]
    assert [one.number for one in house.store.files.of_session(house.session)] == numbers[:1]


@pytest.mark.parametrize("offset", [5, 3])
def test_an_upload_with_a_gap_or_an_overlap_is_refused_and_can_be_sent_again(house: House, offset: int) -> None:
    upload(house, chunk=encoded(b"1234"), last=False)
    with pytest.raises(CallFailed, match="send the file again") as caught:
        upload(house, offset=offset, chunk=encoded(b"5"))
    assert caught.value.kind == "BadValue"
    assert house.store.files.of_session(house.session) == []
    upload(house, upload="u2", chunk=encoded(b"1234"), last=False)
    assert upload(house, upload="u2", offset=4, chunk=encoded(b"5"))["file"] is not None


def test_a_piece_for_a_session_that_is_deleted_meanwhile_does_not_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = house.store.uploads.append

    def deleted_meanwhile(*upload: Any, **piece: Any) -> None:
        house.store.sessions.delete(house.session)
        append(*upload, **piece)

    monkeypatch.setattr(house.store.uploads, "append", deleted_meanwhile)
    with pytest.raises(CallFailed) as caught:
        upload(house, last=False)
    assert caught.value.kind == "NoSession"
    assert house.store.uploads.find(house.session, "u1") is None


def test_a_file_comes_down_in_any_pieces(house: House) -> None:
    whole = bytes(range(250)) * 6_000
    info = house.store.files.put(
        session=house.session, filename="a", mimetype="text/plain", content=[whole], now=house.now
    )
    files, got = OverJson(SessionFiles(house.store, clock=house.clock)), b""
    while len(got) < len(whole):
        piece = files.download(session=house.session, number=info.number, offset=len(got), length=400_000)
        got += base64.b64decode(piece["chunk"])
    assert got == whole
    for offset, length in ((len(whole), 10), (len(whole) + 5, 10), (0, 0)):
        piece = files.download(session=house.session, number=info.number, offset=offset, length=length)
        assert (piece["chunk"], piece["size"]) == ("", len(whole))


def test_a_file_number_that_cannot_be_is_refused(house: House) -> None:
    with pytest.raises(CallFailed) as caught:
        OverJson(SessionFiles(house.store, clock=house.clock)).download(session=house.session, number=2**70)
    assert caught.value.kind == "BadValue"
