"""Received mail and its addresses: `DAEmail`, `DAEmailRecipient`, `DAEmailRecipientList` (objects.md)."""

from __future__ import annotations

from email.utils import formataddr

from shared.authoring.objects.base import DAObject
from shared.authoring.objects.lists import DAList


class DAEmailRecipient(DAObject):
    """An address and the name of its owner: ``address``, ``name`` (objects.md, "DAEmailRecipient")."""

    def email_address(self, include_name: bool | None = None) -> str:
        """ "Fred Smith <fred@example.com>" (objects.md, "DAEmailRecipient.email_address").

        The name is included if it is defined, or asked for if `include_name` is true.
        """
        if include_name or (include_name is None and self.__dict__.get("name")):
            return formataddr((str(self.name), str(self.address)))
        return str(self.address)

    def exists(self) -> bool:
        """Whether the address is defined (objects.md, "exists")."""
        return hasattr(self, "address")

    def __str__(self) -> str:
        """The name as a link to the address, or the address alone."""
        name = self.__dict__.get("name")
        return f"[{name}](mailto:{self.address})" if name else f"[{self.address}](mailto:{self.address})"


class DAEmailRecipientList(DAList):
    """A list of `DAEmailRecipient` (objects.md, "DAEmailRecipientList")."""

    def init(self, *pargs: object, **kwargs: object) -> None:
        self.object_type = DAEmailRecipient
        super().init(*pargs, **kwargs)


class DAEmail(DAObject):
    """A mail that came in for the session; its attributes are listed in objects.md, "DAEmail"."""

    def __str__(self) -> str:
        return "This is an e-mail"
