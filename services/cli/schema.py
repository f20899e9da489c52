"""``parley schema``: the JSON schema of the interview language on standard output."""

from __future__ import annotations

import json

from shared.language.schema import schema as language


def schema() -> int:
    print(json.dumps(language(), indent=1, ensure_ascii=False))
    return 0
