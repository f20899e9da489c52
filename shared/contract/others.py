"""What a step may do to other sessions: the actions that are no interview's, and how their arguments are named.

They are run in the mode `MODE`, which no browser can ask for. Not for: who may (`services.interview.others`).
"""

from __future__ import annotations

from typing import Final

#: The mode of a step that another session's step asked for.
MODE: Final = "other"

#: Set and delete variables, mark a question as answered: `variables`, `delete`, `question`, `process_objects`.
SET: Final = "_da_set_by_other"
#: Undo the newest step.
BACK: Final = "_da_back_by_other"
