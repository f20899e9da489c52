"""``background`` of a block: how the background actions that it is the code of are run. A key of Parley's own.

    event: read_documents
    background:
      time limit: 600
      retry: {times: 3, delay: 5, back-off: 2}
      queue: slow
      priority: low

Times are seconds. What an author writes in ``background_options()`` goes before it.
"""

from __future__ import annotations

from typing import Any

from shared.contract.tasks import PRIORITIES, is_queue
from shared.language.findings import Finding
from shared.language.frozen import FrozenDict
from shared.language.scope import Scope, kind_of
from shared.language.yamlfile import YamlMap

#: Key of the block -> name of the option; each is a number, not negative.
KEYS = {"time limit": "time_limit"}
RETRY = {"times": "times", "delay": "delay", "back-off": "backoff"}


def read_background(scope: Scope, data: YamlMap) -> FrozenDict:
    """The options by their names (`shared.contract.tasks.TaskOptions`). What is no option is reported and left out."""
    given = data["background"]
    if not isinstance(given, YamlMap):
        line = data.value_lines["background"]
        scope.report(Finding.BAD_VALUE, line, f"'background' must be a list of options, not {kind_of(given)}")
        return FrozenDict()
    made: dict[str, Any] = {}
    for key, value in given.items():
        if key == "queue":
            _queue(scope, given, made)
        elif key == "priority":
            _priority(scope, given, made)
        elif key == "retry":
            retry = value if isinstance(value, YamlMap) else _times(value, given)
            for part in retry:
                _number(scope, retry, part, RETRY, made)
        else:
            _number(scope, given, key, KEYS, made)
    return FrozenDict(made)


def _times(value: object, given: YamlMap) -> YamlMap:
    """``retry: 3``"""
    retry = YamlMap(given.line)
    line = given.value_lines["retry"]
    retry.put("times", value, key_line=line, value_line=line)
    return retry


def _queue(scope: Scope, given: YamlMap, made: dict[str, Any]) -> None:
    if isinstance(given["queue"], str) and is_queue(given["queue"]):
        made["queue"] = given["queue"]
        return
    line = given.value_lines["queue"]
    scope.report(
        Finding.BAD_VALUE, line, f"'queue' is a name of small letters, digits and -, not {str(given['queue'])!r}"
    )


def _priority(scope: Scope, given: YamlMap, made: dict[str, Any]) -> None:
    value = given["priority"]
    if isinstance(value, str) and value in PRIORITIES:
        made["priority"] = PRIORITIES[value]
        return
    line = given.value_lines["priority"]
    scope.report(Finding.BAD_VALUE, line, f"'priority' must be {', '.join(PRIORITIES)}, not {str(value)!r}")


def _number(scope: Scope, data: YamlMap, key: object, known: dict[str, str], made: dict[str, Any]) -> None:
    if key not in known:
        scope.unknown_key(
            data, key, (*known, *(() if known is RETRY else ("retry", "queue", "priority"))), "'background'"
        )
        return
    value = data[key]
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value < 0
        or (key == "times" and value != int(value))
    ):
        whole = "whole number" if key == "times" else "number"
        scope.report(Finding.BAD_VALUE, data.value_lines[key], f"{key!r} must be a {whole}, not {value!r}")
        return
    made[known[str(key)]] = int(value) if key == "times" else float(value)
