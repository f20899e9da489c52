"""Sealed sessions, from the calls down to the bytes of the database: who gets in, and what a thief reads."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from shared.contract.errors import NoFile, NoSession
from tests.contract.services.office import ME, OTHER, Office, caller, plain_entry, shown_keys


def test_a_thief_of_the_disk_reads_no_answer(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.call(
        "upload",
        session=session,
        upload="u1",
        filename="PLANTED-name.txt",
        mimetype="text/planted",
        offset=0,
        chunk=base64.b64encode(b"PLANTED-content").decode(),
        last=True,
        entry=plain_entry(ME, session),
    )
    office.reception.keep(
        recipients=[office.reception.find("abc@example.com")],
        sender="PLANTED@example.org",
        raw=b"Subject: PLANTED\r\n\r\nx",
    )
    office.do("task")
    office.do("mail")
    assert office.state(session) == {"answer": "PLANTED-answer", "told": "PLANTED-told"}
    assert b"PLANTED" not in office.stolen()
    assert b"planted" not in office.stolen()
    assert b"PLANTED" not in repr(office.jobs["send"]).encode()
    office.do("send")  # which leaves, here into a folder
    assert b"PLANTED-subject" in office.stolen()


def test_the_id_opens_nothing_and_a_wrong_key_nothing_either(office: Office) -> None:
    session = office.open()
    for entry in (None, plain_entry(OTHER, session)):
        with pytest.raises(NoSession) as caught:
            office.call("screen", session=session, caller=caller(OTHER), entry=entry)
        with pytest.raises(NoSession) as missing:
            office.call("screen", session="a" * 32, caller=caller(OTHER), entry=plain_entry(OTHER, "a" * 32))
        assert str(caught.value) == str(missing.value)
    assert (
        office.call("screen", session=session, caller=caller(ME), entry=plain_entry(ME, session))["session"] == session
    )


def test_processes_that_were_started_anew_open_with_the_browsers_key(office: Office) -> None:
    session = office.open()
    office.act(session)
    office.stop()
    office.start()
    office.act(session, answer="second")
    assert office.state(session)["answer"] == "second"


def test_the_installations_secret_alone_opens_no_session(office: Office) -> None:
    session = office.open()
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert not [name for name in kept.slots if name.startswith("s:")]


def test_multi_user_may_change_on_the_way(office: Office) -> None:
    session = office.open()
    office.multi_user = True
    office.act(session, answer="open")
    assert office.act(session, OTHER, answer="theirs")["session"] == session
    assert office.state(session)["answer"] == "theirs"
    office.multi_user = False
    office.act(session, answer="closed")
    with pytest.raises(NoSession):
        office.act(session, OTHER)
    assert office.state(session)["answer"] == "closed"


def test_a_session_without_a_browser_is_opened_by_the_installation(office: Office) -> None:
    session = office.open(None)
    office.act(session, None, answer="PLANTED")
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert [name[:2] for name in kept.slots] == ["s:"]
    assert b"PLANTED" not in office.stolen()


def test_a_session_of_before_goes_on_and_is_sealed_by_its_next_answer(office: Office) -> None:
    session = office.open()
    office.act(session)
    with office.store.vault.work():
        office.store.vault.offer(session, shown_keys(ME, session))
        clear = office.store.sessions.load(session)
    assert clear is not None
    assert office.inner.sessions.delete(session)
    number = office.inner.files.put(
        session=session, filename="old.txt", mimetype="text/plain", content=[b"old"], now=office.now
    ).number
    slots = dict.fromkeys(clear.slots, b"")
    office.inner.sessions.create(replace(clear, sealed=False, slots=slots, outbox=(), top=None, step=0))
    office.stop()
    office.start()
    office.act(session, answer="PLANTED-new")
    kept = office.inner.sessions.load(session)
    assert kept is not None
    assert kept.sealed
    assert b"PLANTED" not in kept.state
    assert office.state(session)["answer"] == "PLANTED-new"
    piece = office.call("download", session=session, number=number, entry=plain_entry(ME, session))
    assert (piece["filename"], base64.b64decode(piece["chunk"])) == ("old.txt", b"old")
    with pytest.raises(NoSession):
        office.act(session, OTHER)


def test_a_file_of_another_session_is_no_file(office: Office) -> None:
    session, other = office.open(), office.open(OTHER)
    number = office.call(
        "upload", session=session, upload="u", filename="a", mimetype="b/c", offset=0,
        chunk=base64.b64encode(b"x").decode(), last=True, entry=plain_entry(ME, session),
    )["file"]  # fmt: skip
    assert office.call("whose", number=number, browsers=[ME.browser])["session"] == session
    with pytest.raises(NoFile):
        office.call("download", session=other, number=number, entry=plain_entry(OTHER, other))
    with pytest.raises(NoFile):
        office.call("whose", number=number, browsers=[OTHER.browser])
