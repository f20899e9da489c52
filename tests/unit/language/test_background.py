"""``background`` of a block: its options, and what is said of those that are none."""

from __future__ import annotations

import pytest

from tests.unit.language.sample import Pack

BLOCK = "event: work\nbackground:\n{}\ncode: |\n  background_response()\n"


@pytest.mark.parametrize(
    ("written", "options"),
    [
        ("  time limit: 600", {"time_limit": 600.0}),
        ("  retry: 3", {"times": 3}),
        ("  retry: {times: 3, delay: 5, back-off: 2}", {"times": 3, "delay": 5.0, "backoff": 2.0}),
        ("  queue: slow\n  priority: low", {"queue": "slow", "priority": -1}),
        ("  {}", {}),
    ],
)
def test_options(pack: Pack, written: str, options: dict[str, object]) -> None:
    assert pack.block(BLOCK.format(written)).options["background"] == options


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("  time limt: 600", "'time limt' is not a key of 'background'"),
        ("  queue: Slow ones", "'queue' is a name of small letters, digits and -, not 'Slow ones'"),
        ("  priority: 5", "'priority' must be low, normal, high, not '5'"),
        ("  time limit: long", "'time limit' must be a number, not 'long'"),
        ("  retry: -1", "'times' must be a whole number, not -1"),
        ("  retry: 1.5", "'times' must be a whole number, not 1.5"),
        ("  - 3", "'background' must be a list of options, not a list"),
    ],
)
def test_what_is_no_option_is_said_and_left_out(pack: Pack, written: str, says: str) -> None:
    text = BLOCK.format(written)
    assert says in pack.problem(text).message
    assert pack.block(text).options["background"] == {}
