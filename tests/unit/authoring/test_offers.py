"""What links may do, and which were made by the session itself."""

from __future__ import annotations

from typing import Any

import pytest

from shared.authoring import offers


@pytest.mark.parametrize("word", ["undefine", "invalidate"])
def test_what_a_link_takes_away_was_offered(word: str) -> None:
    internal: dict[str, Any] = {}
    asking = {"variables": [{word: ["a", "b"]}, "c"]}
    direct = {"variables": ["a"]}
    assert not offers.offered(internal, "_da_force_ask", asking)
    assert not offers.offered(internal, f"_da_{word}", direct)
    offers.remember(internal, "_da_force_ask", asking)
    assert offers.offered(internal, "_da_force_ask", asking)
    assert offers.offered(internal, f"_da_{word}", direct)
    assert offers.offered(internal, "_da_force_ask", {"variables": [{"undefine": "b"}]})
    assert not offers.offered(internal, f"_da_{word}", {"variables": ["c"]})
    assert not offers.offered(
        internal, "_da_priority_action", {"_action": f"_da_{word}", "_arguments": {"variables": "c"}}
    )


def test_offering_to_take_away_is_no_offer_to_set() -> None:
    internal: dict[str, Any] = {}
    offers.remember(internal, "_da_undefine", {"variables": ["a"]})
    assert not offers.offered(internal, "_da_set", {"variables": [{"without": "b"}]})
    assert not offers.offered(internal, "_da_set", {"variables": [{"a": 1}]})


def test_a_proof_is_of_the_session_the_action_and_its_arguments() -> None:
    mine, other = ({offers.LINKS: offers.link_key(seed)} for seed in (1, 2))
    proof = offers.proof(mine, "gift", {"to": "é", "n": 1})
    assert offers.proven(mine, "gift", {"n": 1, "to": "é"}, proof)
    assert not offers.proven(other, "gift", {"n": 1, "to": "é"}, proof)
    assert not offers.proven(mine, "gift", {"n": 2, "to": "é"}, proof)
    assert not offers.proven(mine, "gifts", {"n": 1, "to": "é"}, proof)
    for forged in ("", None, 5, [], "é" * 32, proof[:-1], proof + "0"):
        assert not offers.proven(mine, "gift", {"n": 1, "to": "é"}, forged)


def test_a_session_of_before_makes_no_proof_and_takes_none() -> None:
    assert offers.proof({}, "gift", {}) == ""
    assert not offers.proven({}, "gift", {}, "")
