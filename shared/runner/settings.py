"""What a pool tells its zygote once: where interviews are, which engine runs them, and the rules for children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shared.runner.isolation import Rules, keeps_files

#: The module that loads interviews and runs steps: `prepare()`, `warm()`, `load(name, roots)`, `run(loaded, state, request)`.
ENGINE = "shared.runner.engine"

#: Seconds without a request after which a template loads what its interview may use, and others do not.
WARM_AFTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`roots` are `shared.language.sources.Root` as texts, absolute."""

    roots: tuple[str, ...]
    folder: str  #: where each child gets a folder of its own
    engine: str = ENGINE
    rules: Rules = field(default_factory=Rules)
    #: Translations that all interviews share: language to phrase to translation.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: Folder of compiled interviews, which children must not reach; None: nothing is kept.
    cache: str | None = None
    #: Folder in which the last good versions of interviews outlive the pool, which children must not reach; None: they do not.
    good: str | None = None
    load_seconds: int = 30  #: CPU seconds a template may take to compile its interview

    @property
    def good_folders(self) -> tuple[str, ...]:
        """Where last good versions are kept: in the first of these that takes them."""
        return (self.folder,) if self.good is None or not keeps_files() else (self.good, self.folder)

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, form: dict[str, Any]) -> Setup:
        return cls(**{**form, "roots": tuple(form["roots"]), "rules": Rules.from_plain(form["rules"])})
