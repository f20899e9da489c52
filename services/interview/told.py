"""What a step told of all variables (`requests.variables`)."""

from __future__ import annotations

import msgspec

from shared.contract import typed
from shared.contract.errors import StepFailed
from shared.contract.outcome import StepResult


class _Response(msgspec.Struct):
    all_variables: msgspec.Raw = msgspec.Raw(b"null")


class _Screen(msgspec.Struct):
    """Of a screen of kind response, what is asked for here."""

    response: _Response


def variables(result: StepResult) -> msgspec.Raw:
    """As JSON. Raises `StepFailed` if the interview came to something else."""
    screen = result.screen
    if screen is None or screen.kind != "response":
        raise StepFailed("the variables of this session cannot be told", result.failure)
    told: msgspec.Raw = typed.from_json(screen.json, _Screen).response.all_variables
    return told
