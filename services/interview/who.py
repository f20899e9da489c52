"""Who is asking, as the gateway says it: the browser, and the user if one is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from shared.bus.messages import CallFailed

_BROWSER_KEYS = (
    "url_root",
    "interview_url",
    "ip",
    "user_agent",
    "languages",
    "referer",
    "timezone",
    "url_args",
    "mobile",
)

#: What author functions see of a user nobody knows (functions.md, user_info and current_context).
ANONYMOUS: Mapping[str, Any] = MappingProxyType(
    {
        "id": None,
        "email": None,
        "first_name": None,
        "last_name": None,
        "privileges": ("user",),
        "is_anonymous": True,
        "is_authenticated": False,
    }
)

#: The user as whom scheduled tasks run (background.md, "The cron user").
CRON: Mapping[str, Any] = MappingProxyType(
    {
        "id": None,
        "email": None,
        "first_name": "cron",
        "last_name": None,
        "privileges": ("cron",),
        "is_anonymous": False,
        "is_authenticated": True,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    client: str
    user: Mapping[str, Any]
    browser: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Any) -> Who:
        """From the ``who`` of a call. Raises `CallFailed` ``BadValue``."""
        if (
            not isinstance(given, Mapping)
            or not isinstance(given.get("client"), str)
            or not 8 <= len(given["client"]) <= 128
        ):
            raise CallFailed("BadValue", "who.client must be the id of the browser, 8 to 128 characters")
        browser = given.get("browser") or {}
        user = given.get("user") or {}
        if not isinstance(browser, Mapping) or not isinstance(user, Mapping):
            raise CallFailed("BadValue", "who.browser and who.user must be objects")
        return cls(
            client=given["client"],
            user={**ANONYMOUS, **user} if user else ANONYMOUS,
            browser={key: browser[key] for key in _BROWSER_KEYS if key in browser},
        )

    def seen_by(self, session: str, interview: str) -> dict[str, Any]:
        """The `browser` of a Request: what the browser told, and where it is."""
        return {**self.browser, "client": self.client, "session": session, "interview": interview}


#: On whose behalf the system itself does something.
NOBODY = Who(client="system", user=ANONYMOUS)
