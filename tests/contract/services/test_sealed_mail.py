"""Mail to sealed sessions: kept until it can be read, shown to nobody else, and handled at once where that is allowed."""

from __future__ import annotations

import pytest

from services.mail_desk import MailDesk
from shared.contract.errors import NoSession
from tests.contract.services.office import ME, OTHER, Office, allowing, kept_mail, shown_keys


def test_a_mail_to_a_sealed_session_is_kept_and_waits_to_be_read(office: Office) -> None:
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert b"PLANTED" not in office.stolen()
    assert office.inner.tasks.get(f"mail.{one}") is None
    keys = office.store.vault
    with keys.work():
        keys.offer(session, shown_keys(ME, session))
        mail = office.store.mails.get(one)
        (head,) = office.store.mails.heads(session).lines
    assert mail is not None
    assert (mail.raw, mail.sender, mail.status) == (b"Subject: PLANTED\r\n\r\nx", "PLANTED@example.org", "done")
    assert (head.head, head.sender) == (b"Subject: PLANTED\r\n\r\n", "PLANTED@example.org")


def test_operators_see_that_there_is_a_mail_and_not_what_it_says(office: Office) -> None:
    office.act(office.open())
    shown = MailDesk(office.inner, clock=office.clock).show(kept_mail(office))
    assert shown is not None
    assert dict(shown.about)["contents"].startswith("sealed")
    assert "PLANTED" not in str(shown)


def test_a_mail_to_a_session_for_everybody_runs_its_action_at_once(office: Office) -> None:
    office.multi_user = True
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert office.inner.tasks.get(f"mail.{one}") is not None
    assert b"PLANTED" not in office.stolen()


def test_mail_reaches_sealed_sessions_where_the_operator_allows_it(office: Office) -> None:
    allowing(office, "background, mail")
    session = office.open()
    office.act(session)
    one = kept_mail(office)
    office.do("mail")
    assert office.inner.tasks.get(f"mail.{one}") is not None
    with pytest.raises(NoSession):
        office.act(session, OTHER)  # the installation may open it; nobody who only knows its id
