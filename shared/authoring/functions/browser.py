"""The user's browser: how the interview is reached, the device, its languages, its place.

Source: functions.md, interface(), "Functions for determining information about the browser", referring_url(),
location_known(), location_returned(), user_lat_lon().
"""

from __future__ import annotations

from shared.authoring.context import current
from shared.authoring.functions.device import Device, device_of
from shared.authoring.memory import LOCATION, REFERER, seen
from shared.authoring.text.languages import is_language

_INTERFACES = {
    "cron": "cron",
    "background": "worker",
    "callback": "worker",
    "error_callback": "worker",
    "email": "worker",
}


def interface() -> str:
    """How the interview is reached: web, json, api, cron (a scheduled task) or worker (a background task)."""
    context = current()
    return _INTERFACES.get(context.mode) or str(context.request.get("interface") or "web")


def device(ip: bool = False) -> Device | str | None:
    """What the User-Agent header tells about the device, None if there is none; with `ip`, the IP address."""
    request = current().request
    if ip:
        address = request.get("ip")
        return None if address is None else str(address)
    agent = request.get("user_agent")
    return device_of(str(agent)) if agent else None


def language_from_browser(*languages: str) -> str | None:
    """The first language of the browser that is a language (or one of `languages`), lower case; None if there is none."""
    for code in _accepted():
        base = code.partition("-")[0]
        if languages:
            found = next((given for given in (code, base) if given in languages), None)
            if found is not None:
                return found
        elif is_language(base):
            return base
    return None


def _accepted() -> list[str]:
    """The languages of the Accept-Language header, best first, lower case."""
    given = current().request.get("languages")
    if not given:
        return []
    if not isinstance(given, str):
        return [str(code).lower() for code in given]
    weighted = []
    for place, item in enumerate(given.split(",")):
        code, _, options = item.partition(";")
        try:
            weight = float(options.strip().removeprefix("q=")) if options.strip() else 1.0
        except ValueError:
            weight = 0.0
        if code.strip() and weight > 0:
            weighted.append((-weight, place, code.strip().lower()))
    return [code for _, _, code in sorted(weighted)]


def referring_url(default: object = None, current_request: bool = False, **options: object) -> object:
    """The page from which the user came to the interview; `default`, else the ``exitpage``, if that is not known.

    ``current=True``: the page from which this request came.
    """
    context = current()
    if current_request or options.get("current"):
        address = context.request.get("referer")
    else:
        address = seen(REFERER) or context.internal.get(REFERER)
    if address:
        return str(address)
    return default if default is not None else exit_page()


def exit_page() -> str:
    """Where users go when they leave: the ``exitpage`` of the configuration, else the front page of this server."""
    context = current()
    return str(context.config.get("exitpage") or context.request.get("url_root") or "/")


def location_returned() -> bool:
    """Whether the browser has answered the question for its place, in whichever way."""
    return bool(seen(LOCATION, {}).get("returned"))


def location_known() -> bool:
    """Whether the browser has told its place."""
    return bool(seen(LOCATION, {}).get("known"))


def user_lat_lon() -> tuple[object, object]:
    """Latitude and longitude of the browser; a pair of None if it has not told them, of messages if it refused."""
    place = seen(LOCATION, {})
    if place.get("known"):
        return (place.get("latitude"), place.get("longitude"))
    problem = place.get("error")
    return (problem, problem)
