"""Modules that authors may ask for by a name they all have, imported when somebody does. Not for: what our own functions load at their first use."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


def when_used(name: str) -> ModuleType:
    """The module, which is imported when somebody asks it for something. Raises ImportError if there is none."""
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no module {name}", name=name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
