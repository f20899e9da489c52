"""Addresses: of actions, of this session and others, of files and pages of the server.

An action in an address is JSON in base64, so that it can carry names, numbers and lists. Addresses of actions are relative
to the page of the session; the others are complete.

Source: functions.md, url_action(), interview_url(), interview_url_action(), url_of(), url_ask(), action_menu_item().
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.authoring import offers
from shared.authoring.context import current, current_or_none
from shared.authoring.errors import NotAvailable
from shared.authoring.text import links
from shared.authoring.text.simplify import simplified
from shared.contract import jsontext

#: Pages of the server by their documented names (functions.md, "Special uses").
PAGES = {
    "login": "/user/sign-in",
    "signin": "/user/sign-in",
    "register": "/user/register",
    "profile": "/user/profile",
    "change_password": "/user/change-password",
    "interviews": "/interviews",
    "dispatch": "/list",
    "manage": "/user/manage",
    "config": "/config",
    "configuration": "/config",
    "playground": "/playground",
    "playgroundtemplate": "/playgroundfiles?section=template",
    "playgroundstatic": "/playgroundfiles?section=static",
    "playgroundsources": "/playgroundfiles?section=sources",
    "playgroundmodules": "/playgroundfiles?section=modules",
    "playgroundpackages": "/playgroundpackages",
    "root": "/",
}
#: Names that do something to the session of the page they are on.
COMMANDS = ("new_session", "restart", "exit", "exit_logout", "leave", "logout")


class BadAction(ValueError):
    """The ``action`` of an address is not one that `encode_action` made."""


def encode_action(action: str, arguments: Mapping[str, object]) -> str:
    """An action and its arguments for an address. Values without a JSON form are simplified as in ``all_variables()``."""
    plain = simplified(dict(arguments))
    context = current_or_none()
    told: dict[str, object] = {"action": action, "arguments": plain}
    if context is not None:
        offers.remember(context.internal, action, plain)
        if proof := offers.proof(context.internal, action, plain):
            told["proof"] = proof
    text = json.dumps(told, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_action(text: str) -> tuple[str, dict[str, object]]:
    """The reverse of `encode_action`. Raises `BadAction`."""
    try:
        data = jsontext.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        name, arguments = data["action"], data.get("arguments") or {}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadAction("this link does not name an action") from None
    if not isinstance(name, str) or not name or not isinstance(arguments, dict):
        raise BadAction("this link does not name an action")
    return name, arguments


def _encoded(action: str, arguments: dict[str, object], function: str) -> str:
    if not isinstance(action, str) or not action:
        raise TypeError(f"{function}() expects the name of an action in quotation marks, not {action!r}")
    if arguments.pop("_forget_prior", False):
        return encode_action("_da_priority_action", {"_action": action, "_arguments": arguments})
    return encode_action(action, arguments)


def url_action(action: str, /, **arguments: object) -> str:
    """An address that runs `action` in this session. ``_forget_prior=True``: pending actions are forgotten."""
    return _on_page({"action": _encoded(action, arguments, "url_action")})


def url_ask(what: object) -> str:
    """An address that asks for these: a name, or a list as in the ``fields`` of a review item."""
    wanted = what if isinstance(what, list) else [what]
    return _on_page({"action": encode_action("_da_force_ask", {"variables": wanted})})


def _on_page(parameters: Mapping[str, object]) -> str:
    """A relative address on the page of this session. It names the interview: a browser may have several open."""
    request = current().request
    return f"?{urlencode({'i': request.get('page') or request.get('interview', ''), **parameters}, safe=':/')}"


def action_menu_item(label: str, action: str, /, **arguments: object) -> dict[str, object]:
    """An item of ``menu_items`` that runs `action`. ``_screen_size``: show it on ``'small'`` or ``'large'`` screens only."""
    size = arguments.pop("_screen_size", "")
    return {"label": label, "url": url_action(action, **arguments), "screen_size": size}


def interview_url(**arguments: object) -> str:
    """The address of this session; with `i`, of another interview. Other keyword arguments become URL parameters.

    Special: i, session, new_session, reset, local, style. `temporary` (hours; 0: a day): an address that leads here for so long,
    with `once_temporary` for one visit.
    """
    return _interview_url(arguments, {})


def interview_url_action(action: str, /, **arguments: object) -> str:
    """Like `interview_url`, and running `action`; keyword arguments other than the special ones are the action's."""
    special = {name: arguments.pop(name) for name in _SPECIAL if name in arguments}
    return _interview_url(special, {"action": _encoded(action, arguments, "interview_url_action")})


_SPECIAL = ("i", "session", "new_session", "reset", "local", "style", "temporary", "once_temporary")


def _interview_url(arguments: dict[str, object], more: dict[str, object]) -> str:
    context = current()
    once = arguments.pop("once_temporary", None)
    hours = arguments.pop("temporary", None) if once is None else once
    if hours is not None:
        relative = bool(arguments.pop("local", False))
        arguments.pop("temporary", None)
        path = links.temporary(_interview_url(arguments, more), seconds=links.hours(hours), once=once is not None)
        return path if relative else _completed(path, external=True)
    interview = arguments.pop("i", None)
    session = arguments.pop("session", None)
    local = arguments.pop("local", False)
    style = arguments.pop("style", None)
    parameters: dict[str, object] = {name: 1 for name in ("new_session", "reset") if arguments.pop(name, False)}
    parameters.update({name: _parameter(given) for name, given in arguments.items()})
    parameters.update(more)
    name = context.request.get("interview", "") if interview is None else full_name(str(interview))
    if session is None and interview is None:
        session = context.request.get("session")
    base = "" if local else str(context.request.get("url_root", "")).rstrip("/")
    if style in ("short", "short_package"):
        path, known = _short_path(name), {}
    else:
        path, known = "/interview", {"i": name}
    if session is not None and "new_session" not in parameters:
        known["session"] = str(session)
    query = urlencode({**known, **parameters})
    if local:
        return f"?{query}"
    return f"{base}{path}?{query}" if query else f"{base}{path}"


def full_name(interview: str) -> str:
    """``questions.yml`` as ``package:questions.yml``, with the package of this interview."""
    return interview if ":" in interview else f"{package()}:{interview}"


def package() -> str:
    """The package of the running block, else of the interview."""
    context = current()
    place = getattr(context.block, "place", None)
    name = getattr(place, "file", None) or str(context.request.get("interview", ""))
    return str(name).partition(":")[0]


def _short_path(interview: str) -> str:
    package_name, _, path = interview.partition(":")
    return f"/run/{package_name.removeprefix('docassemble.')}/{path.rpartition('/')[2].removesuffix('.yml')}"


def _parameter(value: object) -> str:
    return (
        value
        if isinstance(value, str)
        else json.dumps(simplified(value))
        if isinstance(value, dict | list)
        else str(value)
    )


def url_of(what: Any, /, **arguments: object) -> str:
    """The address of a file, of a page of the server (`PAGES`, `COMMANDS`), or any address with parameters added.

    ``_external=True`` makes it complete; ``_attachment=True`` makes a file download.
    """
    context = current()
    external = bool(arguments.pop("_external", False))
    attachment = arguments.pop("_attachment", False)
    if callable(getattr(what, "url_for", None)):
        return _completed(str(what.url_for(attachment=attachment)), external)
    name = str(what)
    if name in ("temp_url", "redirect"):
        return _redirecting(name, arguments)
    if name == "login_url":
        raise NotAvailable("url_of('login_url')", "user accounts", "Link to the interview with interview_url().")
    if name == "help":
        return "#help"
    if name in COMMANDS:
        link = _on_page({"command": name, **{key: _parameter(given) for key, given in arguments.items()}})
        return _completed(f"/interview{link}", external=True) if external else link
    if name == "interview":
        arguments["i"] = full_name(str(arguments.get("i", context.request.get("interview", ""))))
        return _completed(f"/interview?{urlencode(arguments)}", external)
    if name in PAGES:
        return _completed(_with_parameters(PAGES[name], arguments), external)
    if urlsplit(name).scheme in ("http", "https", "mailto"):
        return _with_parameters(name, arguments)
    address = str(context.files.url(static_reference(name)))
    return _completed(_with_parameters(address, {"attachment": 1} if attachment else {}), external)


def _redirecting(name: str, arguments: dict[str, object]) -> str:
    """``url_of('temp_url', url=…, expire=seconds, local=…, one_time=…)``."""
    address = arguments.get("url")
    if not isinstance(address, str) or not address:
        raise ValueError(f"url_of({name!r}) needs the address that it leads to, as `url`")
    expire = arguments.get("expire")
    if expire is not None and (isinstance(expire, bool) or not isinstance(expire, int | float) or not expire > 0):
        raise ValueError(f"url_of({name!r}): `expire` is a number of seconds greater than 0, not {expire!r}")
    seconds = links.SECONDS if expire is None else float(expire)
    path = links.temporary(address, seconds=seconds, once=bool(arguments.get("one_time")))
    return path if arguments.get("local") else _completed(path, external=True)


def static_reference(name: str) -> str:
    """``brochure.pdf`` or ``package:brochure.pdf`` as a reference to a file in a package's ``data/static``."""
    package_name, colon, path = name.rpartition(":")
    if not path.startswith("data/"):
        path = f"data/static/{path}"
    return f"{package_name if colon else package()}:{path}"


def _with_parameters(address: str, parameters: Mapping[str, object]) -> str:
    if not parameters:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({name: _parameter(given) for name, given in parameters.items()})}"


def _completed(address: str, external: bool) -> str:
    if not external or urlsplit(address).scheme:
        return address
    return str(current().request.get("url_root", "")).rstrip("/") + address
