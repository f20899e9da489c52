"""``python -m tests.policy [REGEX]``: every interview of the corpus, also those without a record, driven by a fixed way of answering.

There is nothing to compare with: what is looked for are interviews that end in an error of ours, or that refuse a fair answer. The
way of answering is that of the corpus ("Policy that made the answers" in its README). Prints the interviews that did not get
through, with the reason; the exit status says nothing, because some of them must not get through.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from services.cli.replay import FINAL, MAX_SCREENS, open_session
from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.language.errors import LanguageError
from tests import corpus

Field = Mapping[str, Any]

_PNG = {"name": "sample.png", "type": "image/png"}
_FILES = frozenset({"file", "files", "camera", "user", "environment", "camcorder", "microphone"})
_FIXED: Mapping[str, Any] = {
    "date": {"date": "2026-01-15"},
    "time": {"time": "10:30"},
    "datetime": {"datetime": "2026-01-15T10:30"},
    "email": "user@example.com",
    "url": "https://example.com",
    "password": "Passw0rd!",
    "phone": "215-555-1212",
    "signature": {"signature": {"name": "canvas.png", "type": "image/png"}},
    "object": None,
    "object_radio": None,
    **{name: {"file": _PNG} for name in _FILES},
}
_SILENT = frozenset({"note", "html", "raw html", "script", "css"})
#: How often the same screen may come back at once before the interview counts as going round in circles.
_AGAIN = 3


def value_for(field: Field, again: int) -> Any:
    """The answer to one field; `again` is how often this very screen was answered before."""
    name, datatype, kind = str(field["variable"]), field["datatype"], str(field.get("input") or "")
    choices, options = field.get("choices") or [], field.get("options") or {}
    if kind == "hidden":
        return field.get("default") or ""
    if name.endswith("there_is_another"):
        return False
    if datatype in ("checkboxes", "multiselect"):
        return {str(one["value"]): number == 0 for number, one in enumerate(choices)}
    if datatype in ("object_checkboxes", "object_multiselect"):
        return [one["value"] for one in choices[:1]]
    if choices:
        return choices[0]["value"]
    if datatype in ("boolean", "threestate"):
        return not kind.startswith("noyes")
    if datatype in ("integer", "number", "float", "currency", "range"):
        return _number(3 if datatype == "integer" else 3.5, options, again)
    if datatype in _FIXED:
        return _FIXED[datatype]
    text = "Sample text" + (f" {again + 1}" if again else "")
    return text[: int(options.get("maxlength") or 1000)].ljust(int(options.get("minlength") or 0), "x")


def _number(start: float, options: Mapping[str, Any], again: int) -> float:
    low, high = (_limit(options.get(key)) for key in ("min", "max"))
    value = start + again
    value = value if low is None else max(value, low)
    value = value if high is None else min(value, high)
    return int(value) if isinstance(start, int) else value


def _limit(stated: Any) -> float | None:
    try:
        return None if stated is None else float(stated)
    except (TypeError, ValueError):
        return None


def answer_to(screen: Mapping[str, Any], again: int) -> dict[str, Any]:
    """ANSWER of the replay protocol."""
    fields, buttons = screen["fields"], screen.get("buttons") or []
    if screen["kind"] == "review":
        return {"set": {screen["continue_variable"]: True} if screen.get("continue_variable") else {}, "button": None}
    if screen["kind"] in ("yesno", "choices"):
        offered = buttons or (fields[0].get("choices") if fields else None) or [{"label": None, "value": None}]
        last = bool(fields) and str(fields[0]["variable"]).endswith("there_is_another")
        chosen = offered[1 if last and len(offered) > 1 else 0]
        if chosen.get("value") is None and screen["kind"] == "choices":
            return {"set": {}, "button": {"index": 0, "label": chosen["label"]}}
        return {"set": {fields[0]["variable"]: chosen["value"]} if fields else {}, "button": chosen["label"]}
    given: dict[str, Any] = {}
    for field in fields:
        nothing_to_choose = field.get("choices") == [] and field.get("input") not in ("combobox", "ajax", "datalist")
        if not field["variable"] or field["datatype"] in _SILENT or nothing_to_choose:
            continue
        if _is_shown(field, given):
            given[field["variable"]] = value_for(field, again) if screen["kind"] != "continue" else True
    return {"set": given, "button": None}


def _is_shown(field: Field, given: Mapping[str, Any]) -> bool:
    for rule in field.get("show_ifs") or ():
        if rule.get("js") or rule.get("disable"):
            continue
        name, _, key = str(rule["variable"]).partition("[")
        found = given.get(rule["variable"], given.get(name))
        if key and isinstance(found, Mapping):
            found = found.get(key.strip("]'\""))
        holds = str(found) == str(rule["is"]) if "is" in rule else bool(found)
        if holds != rule.get("sign", True):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Drive:
    """How driving one interview went. `end`: ``final``, ``many screens``, ``review``, or what stopped it; `screens` were shown."""

    end: str
    screens: int


def drive(path: Path) -> str:
    """How the interview in the file `path` ends: ``final``, ``many screens``, or what stopped it."""
    try:
        return drive_session(open_session(path)).end
    except LanguageError as error:
        return f"{type(error).__name__}: {error}"


class Driven(Protocol):
    """A session whose screens can be answered."""

    def show(self) -> Outcome: ...
    def answer(self, screen: Screen, given: Mapping[str, Any]) -> Outcome: ...


def drive_session(session: Driven, most: int = MAX_SCREENS) -> Drive:
    """Answer each screen of `session` until it ends, or `most` have been shown."""
    outcome = session.show()
    before, again = "", 0
    for shown in range(most):
        stopped = _stopped(outcome)
        if stopped is not None:
            return Drive(stopped, shown + (stopped == "final"))
        assert outcome.screen is not None
        screen = outcome.screen.to_json()
        now = str([screen["question"], [field["variable"] for field in screen["fields"]]])
        again = again + 1 if now == before else 0
        before = now
        if again > _AGAIN:
            end = "review" if screen["kind"] == "review" else f"the same screen for ever: {screen['question']!r}"
            return Drive(end, shown)
        outcome = session.answer(outcome.screen, answer_to(screen, again))
    return Drive("many screens", most)


def _stopped(outcome: Outcome) -> str | None:
    if outcome.failure is not None:
        return f"{outcome.failure.type}: {outcome.failure.message}"
    if outcome.rejection is not None:
        return f"refused: {dict(outcome.rejection.fields)} {outcome.rejection.message or ''}"
    assert outcome.screen is not None
    return "final" if outcome.screen.kind in FINAL else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.policy")
    parser.add_argument("--corpus", type=Path, default=corpus.folder(), help="folder of the interviews")
    parser.add_argument("only", nargs="?", default="", help="regular expression on the file name")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    for path in sorted((given.corpus / corpus.EXAMPLES).glob("*.yml")):
        if not re.search(given.only, path.name):
            continue
        end = drive(path)
        known = end in ("final", "many screens", "review")
        counts[end if known else end.partition(":")[0]] += 1
        if not known:
            print(f"{path.name}: {' '.join(end.split())[:400]}", flush=True)
    print("\n".join(f"{number:5} {end}" for end, number in counts.most_common()))


if __name__ == "__main__":
    main()
