"""Messages on the bus: calls of the interview service with arguments that no gateway sends, and bodies that no service wrote."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import msgspec

import demos
from services.embedded.system import System
from services.settings import load
from shared.bus import wire
from shared.bus.messages import BadMessage
from shared.contract.errors import CallFailed, Unknown
from shared.contract.reply import Reply
from tests.fuzz.driver import ODD, Report, drive, mangled

METHODS = {
    "open": ["interview", "request_id", "caller", "entry"],
    "screen": ["session", "caller", "entry"],
    "answer": ["session", "request_id", "token", "values", "button", "raw", "caller", "entry"],
    "action": ["session", "request_id", "name", "arguments", "caller", "entry"],
    "back": ["session", "request_id", "caller", "entry"],
    "restart": ["session", "request_id", "caller", "entry"],
    "check_in": ["session", "request_id", "token", "action", "values", "initial", "changed", "ack", "caller", "entry"],
    "variables": ["session", "caller", "entry"],
    "upload": ["session", "upload", "filename", "mimetype", "offset", "chunk", "last", "token", "field", "entry"],
    "download": ["session", "number", "offset", "length", "entry"],
    "enter": ["session", "entry", "use"],
    "leave": ["session", "entry"],
    "resume": ["session", "caller", "entry"],
    "find": ["browsers", "interview", "show", "caller"],
    "whose": ["number", "browsers"],
    "respond": ["task", "last"],
    "publish": ["session"],
}


def value(dice: random.Random, depth: int = 0) -> Any:
    """Anything that JSON can say."""
    plain: list[Any] = [None, True, False, 0, -1, 2**63, 1.5, *ODD]
    if depth < 3 and dice.random() < 0.35:
        if dice.random() < 0.5:
            return [value(dice, depth + 1) for _ in range(dice.randint(0, 3))]
        return {dice.choice(ODD): value(dice, depth + 1) for _ in range(dice.randint(0, 3))}
    return dice.choice(plain)


def run(*, count: int, seed: int, first: int = 0) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(demos.__file__).parents[1]
        system = System(load({}, var=folder, packages=str(root), smtp_port=0, port=0, log_level="ERROR"))
        system.start()
        try:
            return _run(system, count=count, seed=seed, first=first)
        finally:
            system.stop()


def _run(system: System, *, count: int, seed: int, first: int) -> Report:
    caller = {"client": "fuzzing-client", "browser": {"url_root": "http://localhost/"}}
    begun = system.bus.call(
        "interview", "open", returns=Reply, interview="demos:fields.yml", request_id="a" * 32, caller=caller
    )
    screen = msgspec.json.decode(begun.screen)
    fitting: dict[str, Any] = {
        "session": begun.session, "caller": caller, "token": screen["token"], "interview": "demos:fields.yml", "raw": True,
        "name": "_da_define", "values": {"first_name": "x"}, "arguments": {"variables": ["x"]}, "upload": "u", "filename": "a",
        "mimetype": "a/b", "offset": 0, "chunk": "YQ==", "last": False, "number": 1, "length": 10, "browsers": ["fuzzing-client"], "use": False,
        "entry": None, "button": None, "initial": False, "changed": None, "ack": [], "action": None, "task": "t", "field": "x",
        "show": {"session": begun.session, "entry": {}},
    }  # fmt: skip

    def case(dice: random.Random) -> str:
        if dice.random() < 0.2:
            return _body(dice)
        method = dice.choice(list(METHODS))
        arguments = {}
        for name in METHODS[method]:
            fits = name in fitting and dice.random() < 0.75
            arguments[name] = (
                fitting[name] if fits else f"{dice.getrandbits(128):032x}" if name == "request_id" else value(dice)
            )
        if dice.random() < 0.05:
            arguments[dice.choice(ODD) or "more"] = value(dice)
        try:
            system.bus.call("interview", method, timeout=15, **arguments)
        except Unknown as error:
            raise AssertionError(f"{method} {sorted(arguments)}: {error.kind}: {error}") from None
        except (CallFailed, BadMessage, TypeError) as error:
            return type(error).__name__
        return "done"

    return drive(case, count=count, seed=seed, first=first)


def _body(dice: random.Random) -> str:
    """A body as it might lie in a queue."""
    good = (
        wire.answer(value(dice), "x")
        if dice.random() < 0.5
        else wire.encode({"kind": "NoSession", "message": "x", "data": {}}, "x")
    )
    bad = mangled(dice, good.encode("utf-8", "surrogatepass"))
    for read in (
        lambda: wire.decode(bad, "x"),
        lambda: wire.result(bad, Reply, "x"),
        lambda: wire.result(bad, Any, "x"),
    ):
        try:
            read()
        except (BadMessage, CallFailed):
            pass
    return "a body"
