"""JSON once it has been read: the names under which signatures speak of it. Not for: reading or writing it (`jsontext`, `encoding`).

What only passes through is an ``object``, and a mapping that nobody looks into a ``Mapping[str, object]``: the type checker then holds
whoever does look to asking first. These names are for the few who take apart what another process of this system wrote in an agreed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: None, bool, int, float, str, a list of them or a `JsonObject`: which one, the form says that the two sides agreed on.
Json = Any
JsonObject = dict[str, Json]
#: As `JsonObject`, by whoever only reads it.
JsonMap = Mapping[str, Json]
