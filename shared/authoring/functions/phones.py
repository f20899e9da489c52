"""Text messages and faxes, which need a contract with a provider that this server does not have.

The documentation says what comes of it where no provider is set up, so interviews go on: ``send_sms()`` is False, and a fax is
``not-configured``. The run's log says why. Source: functions.md, "send_sms()", "send_fax()".
"""

from __future__ import annotations

from typing import Any

from shared.authoring.functions.screen import log
from shared.authoring.objects.base import DAObject


def send_sms(
    to: object = None,
    body: object = None,
    template: object = None,
    task: str | None = None,
    task_persistent: bool | str = False,
    attachments: object = None,
    config: str = "default",
    dry_run: bool = False,
) -> bool:
    """False: no message was sent. Nothing is asked for, and no `task` is marked as performed."""
    log("send_sms() sent nothing: it needs an SMS provider, which this server does not have. Use send_email().")
    return False


def send_fax(
    fax_object: object = None, file_object: object = None, config: str = "default", country: str | None = None
) -> FaxStatus:
    """The status of a fax that was not sent."""
    log("send_fax() sent nothing: it needs a fax provider, which this server does not have.")
    return FaxStatus("fax_status")


class FaxStatus(DAObject):
    """What became of a fax: that no provider is set up (functions.md, "send_fax()")."""

    def status(self) -> str:
        return "not-configured"

    def info(self) -> dict[str, Any]:
        return {"FaxStatus": self.status()}

    def received(self) -> bool | None:
        """None: there is no result."""
        return None

    def pages(self) -> int:
        return 0
