"""Actions of the engine's own that no page offers: requests made up at random, over HTTP, against the embedded system.

Each is answered, or refused by a 4xx that changes nothing. ``PARLEY_FORGED`` says how many (2,000 take a few minutes), ``PARLEY_SEED`` which.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bench.browser import Client
from bench.system import Running, embedded
from shared.engine.doing import builtin_actions

pytestmark = pytest.mark.timeout(900)

MANY = int(os.environ.get("PARLEY_FORGED", "150"))
SEED = int(os.environ.get("PARLEY_SEED", "9"))

#: An interview, the answers that lead to its last screen, and names of its own.
WALKS: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    (
        "demos:review-with-tables.yml",
        [
            {"plants[0].name.text": "Beans", "plants[0].litres": 3},
            {"plants.there_is_another": True},
            {"plants[1].name.text": "Roses", "plants[1].litres": 5},
            {"plants.there_is_another": False},
        ],
        ["plants", "plants[0]", "plants[1].litres", "plants[0].name.text", "plan_reviewed", "closing", "plants.table"],
    ),
    (
        "demos:dictionaries.yml",
        [
            {"prices.new_item_name": "pears"},
            {"prices['pears']": 3},
            {"prices.there_is_another": False},
            {"colors.new_item": "green"},
            {"colors.there_is_another": False},
        ],
        ["prices", "colors", "prices['pears']", "prices['plums']", "colors['green']", "prices.there_is_another"],
    ),
]

ODD: list[Any] = [
    None, True, False, 0, -1, 7, 1.5, 10**30, "", " ", "²", "é", "1", "-1", "99", "a", "a.b", "a[", "a[0]", "a]", "..", "1+1", "__class__",
    "x" * 3000, "a" + "[0]" * 40, "plants[99]", "plants[99].litres", "plants['²']", "plants[²]", "plants[None]", "plants[[]]", "plants.__class__",
    "plants.elements", "plants.gather", "plants[0:1]", "prices[0]", "prices[{}]",
    "prices['pears'].b", "word", "url_args", "_internal", "nothing_such",
    "plants.nothing_such", "lambda: 0", "os.system('x')", "'pears'", "(1,2)", "[[]]", "{}",
    "\u0000", "\ud7ff", [], {}, [[]], [None], [1], {"a": 1},
    [{"a": 1}], [{"set": {"a": 1}}], [{"undefine": None}], [{"undefine": 5}], [{"follow up": [5]}], [{"recompute": [[]]}], [{"action": 5}],
    [{"action": "_da_nothing"}], [{"action": "_da_define"}], [{"action": "_da_list_add", "arguments": 7}], {"action": "_da_list_add"},
    {"action": "_da_list_remove", "arguments": {"list": "plants", "item": "²"}}, [{"action": "nothing_such"}], [{"action": "a b"}], [[["a"]]],
]  # fmt: skip
KEYS = ["variables", "list", "dict", "set", "group", "item", "items", "by", "_action", "_arguments", "_before", "²", ""]
#: What each looks for: arguments at random alone would seldom get past the first check.
FITTING = {"add": ["list", "dict"], "remove": ["list", "item"], "reorder": ["list", "item", "by"], "edit": ["items"]}


def made_up(random: random.Random, own: list[str]) -> dict[str, Any]:
    names = [*builtin_actions.COMMANDS, "_da_nothing", "_da_", "_da_list_²", "_da_set_reorder"]
    names = [name for name in names if name not in ("_da_exit",)]
    name = random.choice(names)
    verb = name.rpartition("_")[2]
    keys = FITTING.get(verb, ["variables"]) if random.random() < 0.85 else random.sample(KEYS, random.randint(0, 3))
    arguments: dict[str, Any] = {}
    for key in keys:
        if random.random() < 0.1:
            continue
        if key in ("item", "by") and random.random() < 0.5:
            arguments[key] = random.choice([0, 1, -1, "0", "1", "-1", "'pears'", "2"])
            continue
        value = random.choice(own) if random.random() < 0.6 else random.choice(ODD)
        if random.random() < 0.3:
            value = [value, random.choice([*own, *ODD])]
        arguments[key] = value
    return {"action": name, "arguments": arguments}


class Forger(Client):
    """A client that is told what its request ended with, and may go on as before."""

    def forged(self, body: dict[str, Any]) -> int:
        before = self.reply
        try:
            self.post(body)
        except RuntimeError as error:
            self.reply, self.said = before, str(error)
            return int(str(error)[:3])
        return 200

    def seen_again(self) -> int:
        try:
            self.get()
        except RuntimeError as error:
            return int(str(error)[:3])
        return 200


@pytest.fixture(scope="module")
def system() -> Iterator[Running]:
    with embedded() as running:
        yield running


def begun(system: Running, number: int) -> Forger:
    interview, answers, _ = WALKS[number]
    client = Forger(system.url, interview)
    for values in answers:
        client.answer(values)
    return client


def test_a_made_up_action_is_done_or_refused(system: Running) -> None:
    dice = random.Random(SEED)
    wrong: list[tuple[int, str, dict[str, Any]]] = []
    clients: dict[int, Forger] = {}
    ended: dict[int, int] = {}
    for _ in range(MANY):
        number = dice.randrange(len(WALKS))
        if number not in clients:
            clients[number] = begun(system, number)
        client, body = clients[number], made_up(dice, WALKS[number][2])
        version = client.reply["version"]
        status = client.forged(body)
        ended[status] = ended.get(status, 0) + 1
        if status >= 500:
            wrong.append((status, client.said, body))
        elif status >= 400:
            client.get()
            if client.reply["version"] != version:
                wrong.append((status, "it changed the session", body))
        else:
            after = client.seen_again()
            if after != 200:
                wrong.append((after, "the session cannot be shown any more", body))
            del clients[number]  # it did something: the next meets a session as the walk leaves it
    print(f"how {MANY} ended:", ended)
    assert wrong == []
