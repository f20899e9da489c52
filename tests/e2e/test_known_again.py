"""What interviews keep beyond a session, in the whole system: found by its user in another session and by nobody else, sealed at rest."""

from __future__ import annotations

from tests.helpers.embedded import Embedded

DEMO = "demos:known-again.yml"


def test_a_user_is_known_again_and_everybody_is_counted(embedded: Embedded) -> None:
    me = embedded.visit(DEMO)
    me.answer({"favorite_drink": "PLANTED-tea"})
    assert me.screen["question"].strip() == "You like PLANTED-tea."
    assert "asked one time." in me.screen["subquestion"]
    again = embedded.visit(DEMO, like=me)
    assert again.screen["question"].strip() == "You like PLANTED-tea."
    assert "asked two times." in again.screen["subquestion"]
    assert embedded.visit(DEMO).screen["question"].strip() == "What do you like to drink?"
    kept = embedded.settings.var.rglob("*.sqlite*")
    assert [file.name for file in kept if b"PLANTED-tea" in file.read_bytes()] == []
    again.action("forget", {})
    assert embedded.visit(DEMO, like=me).screen["question"].strip() == "What do you like to drink?"
