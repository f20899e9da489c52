"""Lists of interviews and sessions, and the profile of the user, as far as this server has them.

Nobody can log in here, and the documentation says what these functions give a user who has not: no sessions, no profile.

Source: functions.md, interview_list(), interview_menu(), get_user_info(); config.md, "dispatch".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring.context import current
from shared.authoring.errors import NotAvailable
from shared.authoring.functions.users import user_logged_in
from shared.authoring.text.urls import interview_url

_ACCOUNTS = "user accounts"


def interview_list(action: str | None = None, **options: object) -> tuple[list[dict[str, object]], None] | int:
    """The sessions of the user who is logged in, a page of them and a code for the next; with an `action`, how many were deleted."""
    if user_logged_in():
        raise NotAvailable("interview_list()", _ACCOUNTS)
    return 0 if action is not None else ([], None)


def get_user_info(user_id: object = None, email: str | None = None) -> None:
    """The profile of a user; None if nobody is logged in."""
    if user_logged_in():
        raise NotAvailable("get_user_info()", _ACCOUNTS, "Use user_info() for the current user.")


def interview_menu(
    absolute_urls: bool = False, start_new: bool = False, tag: str | None = None
) -> list[dict[str, object]]:
    """The interviews that the configuration lists under ``dispatch``: title, link, filename, package …

    Only this interview's own metadata are at hand, so the others are titled by their shortcut and have no tags.
    """
    listed = current().config.get("dispatch")
    items = listed.items() if isinstance(listed, Mapping) else ()
    entries = [_entry(str(title), str(name), absolute_urls=absolute_urls, start_new=start_new) for title, name in items]
    return [entry for entry in entries if tag is None or tag in entry["tags"]]


def _entry(shortcut: str, name: str, *, absolute_urls: bool, start_new: bool) -> dict[str, Any]:
    context = current()
    own = name == context.request.get("interview") and context.interview is not None
    metadata = dict(context.interview.metadata) if own else {}
    link = interview_url(i=name, local=not absolute_urls, **({"reset": 1} if start_new else {}))
    return {
        "title": str(metadata.get("title", shortcut)),
        "subtitle": str(metadata.get("subtitle", "")),
        "filename": name,
        "link": link if absolute_urls else f"/interview{link}",
        "metadata": {key: value for key, value in metadata.items() if key != "tags"},
        "package": name.partition(":")[0],
        "status_class": None,
        "subtitle_class": None,
        "tags": [str(tag) for tag in metadata.get("tags") or ()],
    }
