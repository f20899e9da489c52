"""Filters that modules of packages register for DOCX templates (documents.md, "register_jinja_filter").

They belong to the process, not to a session: a module registers its filters when it is loaded. Engine and documents read them here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

_filters: dict[str, Callable[..., Any]] = {}


def register_jinja_filter(name: str, function: Callable[..., Any]) -> None:
    """Make `function` a filter of that name in DOCX templates. The last one registered counts. Raises `TypeError`."""
    if not isinstance(name, str) or not name.isidentifier():
        raise TypeError(f"register_jinja_filter() expects the name of a filter, not {name!r}")
    if not callable(function):
        raise TypeError(f"register_jinja_filter() expects a function for {name!r}, not {function!r}")
    _filters[name] = function


def registered() -> Mapping[str, Callable[..., Any]]:
    """All that were registered, by name."""
    return MappingProxyType(_filters)
