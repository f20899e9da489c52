"""Phrases that tell why the interview decided as it did.

Source: functions.md, "Tracking reasoning".
"""

from __future__ import annotations

from shared.authoring.memory import EXPLANATIONS, kept, seen

ALL = "all"


def explain(explanation: str, category: str = "default") -> None:
    """Add a phrase to the explanations, unless it is there already."""
    text = str(explanation)
    if text not in seen(EXPLANATIONS, {}).get(category, ()):
        kept(EXPLANATIONS).setdefault(category, []).append(text)


def clear_explanations(category: str = "default") -> None:
    """Forget the explanations of a category, or with ``'all'`` of every category."""
    held = seen(EXPLANATIONS, {})
    if category == ALL and held:
        kept(EXPLANATIONS).clear()
    elif held.get(category):
        kept(EXPLANATIONS)[category] = []


def logic_explanation(category: str = "default") -> list[str]:
    """The explanations of a category, oldest first; a copy."""
    return list(seen(EXPLANATIONS, {}).get(category, ()))
