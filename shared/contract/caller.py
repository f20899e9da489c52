"""On whose behalf a call is made: the browser, the user if one is logged in, and what is known of them.

The gateway makes it; the interview service believes it after checking its form. Not for: whether the user may (services).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta

from shared.contract import typed
from shared.contract.errors import BadValue

#: The id of a browser, or the name under which the system itself acts.
Client = Annotated[str, Meta(min_length=8, max_length=128)]


class Browser(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a request tells of the browser, and where the page lies."""

    url_root: str | None = None
    interview_url: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    languages: tuple[str, ...] = ()  #: most wanted first
    referer: str | None = None
    timezone: str | None = None
    url_args: dict[str, Any] = {}
    mobile: bool | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in, under the names that authors see (functions.md, user_info and current_context); by default nobody is."""

    id: int | str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    privileges: tuple[str, ...] = ("user",)
    is_anonymous: bool = True
    is_authenticated: bool = False


ANONYMOUS = User()

#: The user as whom scheduled tasks run (background.md, "The cron user").
CRON = User(first_name="cron", privileges=("cron",), is_anonymous=False, is_authenticated=True)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    client: Client
    user: User = ANONYMOUS
    browser: Browser = Browser()

    @classmethod
    def parse(cls, given: object) -> Caller:
        """From the ``caller`` of a call. Raises `BadValue`, which names the part that is wrong."""
        try:
            caller = typed.convert(given, cls)
        except msgspec.ValidationError as error:
            raise BadValue(f"caller: {error}") from None
        if "cron" in caller.user.privileges:
            raise BadValue("caller: nobody but the system itself has the privilege cron")
        return caller

    @property
    def user_plain(self) -> dict[str, object]:
        """The `user` of a Request."""
        plain: dict[str, object] = msgspec.to_builtins(self.user)
        return plain

    def seen_by(self, session: str, interview: str) -> dict[str, object]:
        """The `browser` of a Request: what the browser told, and where it is."""
        told: dict[str, object] = msgspec.to_builtins(self.browser)
        if self.browser.url_root and not self.browser.interview_url:
            told["interview_url"] = f"{self.browser.url_root.rstrip('/')}/interview?{_address(interview)}"
        return {**told, "client": self.client, "session": session, "interview": interview}


@lru_cache(maxsize=1000)
def _address(interview: str) -> str:
    return urlencode({"i": interview}, safe=":/")


#: On whose behalf the system itself does something.
NOBODY = Caller(client="the system")
