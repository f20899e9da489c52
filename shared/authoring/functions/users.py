"""Caller is using the interview, and in which context code runs.

Source: functions.md, user_logged_in(), user_privileges(), user_has_privilege(), user_info(), current_context().
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

from shared.authoring.context import current
from shared.authoring.functions.navigation import current_section
from shared.authoring.memory import ATTACHMENT, INFO, SAVE, STATUS, kept, note, seen

SAVE_WAYS = ("new", "overwrite", "ignore")
_PROFILE = (
    "id",
    "email",
    "login_method",
    "phone_number",
    "country",
    "subdivision_first",
    "subdivision_second",
    "subdivision_third",
    "organization",
    "language",
    "timezone",
)


class UserInfo(SimpleNamespace):
    """The attributes of ``user_info()``; reduced to text, the user's name."""

    def __str__(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class ContextInfo(SimpleNamespace):
    """The attributes of ``current_context()``."""


def user_logged_in() -> bool:
    """Whether the user is logged in."""
    return bool(current().user.get("is_authenticated"))


def user_privileges() -> list[str]:
    """The user's privileges; ``['user']`` if nobody is logged in, ``['cron']`` in scheduled tasks."""
    context = current()
    if context.mode == "cron":
        return ["cron"]
    return [str(name) for name in context.user.get("privileges") or ["user"]]


def user_has_privilege(*names: object) -> bool:
    """Whether the user has any of these privileges: names, or lists of names."""
    held = set(user_privileges())
    return any(name in held for name in privilege_names(names))


def privilege_names(given: object) -> list[str]:
    """Names of privileges from a name, a list of names, or several of either."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, Iterable):
        return [name for one in given for name in privilege_names(one)]
    raise TypeError(f"names of privileges are expected, not {given!r}")


def user_info() -> UserInfo:
    """What is known about the user; names are 'Anonymous' 'User' and the rest None if nobody is logged in."""
    context = current()
    user = context.user
    anonymous = not user.get("is_authenticated") and context.mode != "cron"
    facts = {name: user.get(name) for name in _PROFILE}
    return UserInfo(
        **facts,
        first_name=user.get("first_name") or ("Anonymous" if anonymous else user.get("first_name")),
        last_name=user.get("last_name") or ("User" if anonymous else user.get("last_name")),
        privileges=user_privileges(),
        permissions=list(user.get("permissions") or []),
        # Older interviews, and the documentation's own example module, read these here.
        session=context.request.get("session"),
        filename=context.request.get("interview"),
        package=str(context.request.get("interview", "")).partition(":")[0],
        question_id=getattr(context.block, "id", None),
        variable=next(iter(context.sought), None),
    )


def current_context() -> ContextInfo:
    """In which session, file, block and document this code runs."""
    context = current()
    interview = str(context.request.get("interview", ""))
    place = getattr(context.block, "place", None)
    here = str(getattr(place, "file", None) or interview)
    document = note(ATTACHMENT)
    return ContextInfo(
        session=context.request.get("session"),
        filename=interview,
        package=interview.partition(":")[0],
        question_id=getattr(context.block, "id", None),
        current_filename=here,
        current_package=here.partition(":")[0],
        variable=next(iter(context.sought), None),
        current_section=current_section(),
        inside_of="standard" if document is None else document.get("format", "standard"),
        attachment=None if document is None else ContextInfo(**document),
        request_url=_request_url(str(context.request.get("url") or context.request.get("interview_url") or "")),
    )


def _request_url(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/" if parts.netloc else "/"
    return {
        "args": dict(parse_qsl(parts.query)),
        "base_url": url.partition("?")[0],
        "full_path": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "path": parts.path,
        "scheme": parts.scheme,
        "url": url,
        "url_root": root,
    }


def set_info(**facts: object) -> None:
    """Remember facts for `get_info` during this step, such as ``user`` and ``role``."""
    current().step.setdefault(INFO, {}).update(facts)


def get_info(name: str) -> object:
    """What `set_info` was told under this name in this step, None if nothing."""
    return note(INFO, {}).get(name)


def set_save_status(status: str) -> None:
    """How this step is saved: ``new`` (Back undoes it), ``overwrite`` (the current step) or ``ignore`` (not at all).

    Once ignored, a step stays ignored.
    """
    if status not in SAVE_WAYS:
        raise ValueError(f"set_save_status() expects one of {', '.join(SAVE_WAYS)}, not {status!r}")
    step = current().step
    if step.get(SAVE) != "ignore":
        step[SAVE] = status


def set_status(**settings: object) -> None:
    """Settings of this session, such as ``variable_access``."""
    kept(STATUS).update(settings)


def get_status(name: str) -> object:
    """A setting of this session, None if it was not set."""
    return seen(STATUS, {}).get(name)
