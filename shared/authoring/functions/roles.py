"""`RoleChangeTracker`: tells the person whose turn it is, once (objects.md, "RoleChangeTracker")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.authoring.functions.mail import send_email
from shared.authoring.objects.base import DAObject


class RoleChangeTracker(DAObject):
    """Remembers for which role the last mail went out, so that a screen that is shown again sends no second one."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.last_role: str | None = None
        super().init(*pargs, **kwargs)

    def should_send_email(self) -> bool:
        """Always true: for subclasses that want to decide."""
        return True

    def send_email(self, roles_needed: Iterable[str], **recipients: Mapping[str, Any]) -> bool:
        """Write to the first needed role that has a recipient, ``role={'to': person, 'email': template}`` (objects.md, "send_email").

        Returns whether the person has been written to, now or before, for this change of role.
        """
        if not self.should_send_email():
            return False
        for role in roles_needed:
            if role not in recipients:
                continue
            if role == self.last_role:
                return True
            recipient = recipients[role]
            if send_email(to=recipient["to"], html=recipient["email"].content, subject=recipient["email"].subject):
                self.last_role = role
                return True
        return False
