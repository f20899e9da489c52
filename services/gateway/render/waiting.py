"""What is shown while the interview waits, rather than a screen of its own: the page that stands stays, or there is this one."""

from __future__ import annotations

import msgspec

from services.gateway.client.reply import Reply
from shared.catalogue.page import words
from shared.contract.jsonvalue import JsonMap

#: Seconds until the page looks again where the author does not say (functions.md, ``command('wait')``), and the least.
SECONDS, LEAST = 4.0, 1.0


def page_of(reply: Reply) -> Reply:
    """`reply` with a screen that can be drawn, for a screen of kind ``wait`` or ``command('wait')``: texts, and when to look again."""
    screen = reply.screen
    made = msgspec.json.encode(_screen(screen))
    return Reply(msgspec.structs.replace(reply.told, screen=msgspec.Raw(made)))


def _screen(screen: JsonMap) -> dict[str, object]:
    said = screen.get("options") or {}
    language = str(screen.get("language") or "en")
    asked = said.get("sleep") if screen.get("kind") == "command" else screen.get("reload")
    return {
        "kind": "wait",
        "question": said.get("question_text") or screen.get("question") or words(language)["please wait"],
        "subquestion": said.get("subquestion_text"),
        "fields": [],
        "language": language,
        "title": screen.get("title") or {},
        "reload": _seconds(asked),
        "waits": screen.get("waits") or [],
        "back": bool(screen.get("back", True)),
    }


def _seconds(value: object) -> float:
    try:
        return max(LEAST, float(str(value)))
    except ValueError:
        return SECONDS
