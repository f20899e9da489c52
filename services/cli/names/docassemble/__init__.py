"""The reference's name in our virtual environment, for what operators run by it: ``python -m docassemble.webapp.cron`` and scripts that
import ``docassemble.base.util``.

Not for interviews: their processes make these names themselves (`shared.authoring.modules`). Nothing here is of the reference's code.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from shared.authoring import modules


class _Commands(importlib.abc.MetaPathFinder):
    """Finds ``docassemble.webapp.cron``, where interviews would find a stand-in."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "docassemble.webapp.cron":
            return None
        return importlib.util.spec_from_file_location(fullname, Path(__file__).with_name("cron.py"))


modules.install()
sys.meta_path.insert(0, _Commands())
