"""The screen in what a child gave back, as a `Screen` again."""

from __future__ import annotations

import msgspec

from shared.contract.outcome import StepResult
from shared.contract.screen import Screen


def screen_of(result: StepResult | None) -> Screen:
    """With `shown` in it, which the child had taken out."""
    assert result is not None
    assert result.screen is not None
    screen = msgspec.json.decode(result.screen.json, type=Screen)
    return msgspec.structs.replace(screen, shown=msgspec.json.decode(result.screen.shown))
