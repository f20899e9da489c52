"""What may stand in the label of `action_button_html()`."""

from __future__ import annotations

from shared.authoring.text.markup import action_button_html


def test_a_span_stays_and_every_other_tag_is_text() -> None:
    made = action_button_html("/x", label='View <span class="visually-hidden">Claim</span>')
    assert 'View <span class="visually-hidden">Claim</span></a>' in made
    made = action_button_html("/x", label="<img src=x onerror=y> <span onclick='z'>a</span> 1 < 2")
    assert "&lt;img src=x onerror=y&gt; &lt;span onclick='z'&gt;a&lt;/span&gt; 1 &lt; 2" in made
