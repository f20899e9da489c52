"""Author code writes until the disk is full: many files, and large ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.attacks.victims import Victim

MANY = """
import os
for number in range(11_000):
    with open(f'x{number}', 'w'): pass
file = None
found = 'all written'
"""

#: Holes take no room: nothing is said against a large file that has none in it.
LARGE = """
import os
try:
    with open('hole', 'wb') as file: file.truncate(60 * 2**20)
    with open('large', 'wb') as file: file.truncate(2**40)
    found = 'both'
except OSError as error: found = error.strerror
file = None
"""


def test_many_files_end_the_step_and_go_with_it(victim: Victim) -> None:
    place = victim.interview(
        "place",
        "mandatory: True\ncode: |\n  import os\n  found = os.getcwd()\n---\nmandatory: True\nquestion: |\n  ${ found }\n",
    )
    folders = Path(str(victim.client(place).screen["question"]).strip()).parent
    with pytest.raises(RuntimeError, match="500"):
        victim.found("many", MANY)
    assert victim.found("few", MANY.replace("11_000", "100")) == "all written"
    assert sum(len(files) for _, _, files in os.walk(folders)) < 1000, "the folder went with its process"
    assert victim.found("after", "found = 'well'") == "well"


def test_one_file_has_a_largest_size(victim: Victim) -> None:
    assert victim.found("large", LARGE) == "File too large"
