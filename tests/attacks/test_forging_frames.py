"""Author code writes on its own line to the service: a reply for a step that has not been asked for, or that is not its own."""

from __future__ import annotations

import pytest

from tests.attacks.victims import Victim

WRITE = """
import os, stat, struct, sys
from shared.state.codec import encode_value
def forged(frame):
    body = encode_value(frame)
    for fd in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode): return os.write(fd, struct.pack('!I', len(body)) + body)
        except OSError: pass
reply = {'result': {'save': 'new', 'state': b'', 'screen': None}, 'step': STEP}
WHEN
found = 'answered'
del forged, reply
"""

NOW = "forged(reply)"
LATER = "import threading; threading.Timer(0.3, forged, [reply]).start()"


@pytest.mark.parametrize("step", ["0", "None", "2**62 - 1"])
def test_a_reply_in_the_middle_of_a_step_ends_it(victim: Victim, step: str) -> None:
    with pytest.raises(RuntimeError, match="50"):
        victim.found("forging", WRITE.replace("STEP", step).replace("WHEN", NOW))
    assert victim.found("honest", "found = 'well'") == "well"


def test_a_reply_left_for_the_next_step_reaches_nobody(victim: Victim) -> None:
    """A thread that writes when its step is over: the child is ended with the step, whatever the thread would have said."""
    interview = victim.interview(
        "leaving",
        "mandatory: True\ncode: |\n"
        + "\n".join(f"  {line}" for line in WRITE.replace("STEP", "0").replace("WHEN", LATER).splitlines())
        + "\n---\nmandatory: True\nquestion: One\nfields:\n  - A: a\n---\nmandatory: True\nquestion: |\n  ${ found } ${ a }\n",
    )
    client = victim.client(interview)
    client.answer({"a": "mine"})
    assert str(client.screen["question"]).strip() == "answered mine"
