"""The files of the setting ``words`` (config.md "words"): translations that all interviews share, read once at the start.

A file is ``package:data/sources/es.yml`` (or a path, from the configuration's point of view absolute): a mapping from a language to
a mapping from phrase to translation, or the same as XLSX or XLIFF (`shared.language.phrases`). What cannot be read is said in the log and left
out: a slip in one is no reason to serve nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from shared.language import phrases as files_of_phrases
from shared.language.errors import LanguageError
from shared.language.sources import Root, Sources

log = logging.getLogger(__name__)


def read(files: Iterable[str], roots: Iterable[Root | Path | str]) -> dict[str, dict[str, str]]:
    """Phrase to translation, by language; of two files the later one counts."""
    found: dict[str, dict[str, str]] = {}
    sources = Sources(roots)
    for name in files:
        try:
            told = _told(_path(name, sources))
        except (LanguageError, OSError, ValueError, yaml.YAMLError) as error:
            log.warning("words_unread", extra={"file": name, "reason": str(error)})
            continue
        if not isinstance(told, Mapping) or not all(isinstance(phrases, Mapping) for phrases in told.values()):
            log.warning("words_unread", extra={"file": name, "reason": "expected languages, with phrases in each"})
            continue
        for language, phrases in told.items():
            into = found.setdefault(str(language), {})
            into.update((str(phrase), str(spoken)) for phrase, spoken in phrases.items() if spoken is not None)
    return found


def _told(path: Path) -> object:
    if path.suffix.lower() in (".xlsx", ".xlf", ".xliff"):
        return files_of_phrases.read(path.name, path.read_bytes())
    return yaml.safe_load(path.read_text("utf-8"))


def _path(name: str, sources: Sources) -> Path:
    if name.startswith("/"):
        return Path(name)
    package, colon, _ = name.partition(":")
    if not colon:
        raise ValueError("expected package:file, or an absolute path")
    return Path(sources.reference(name, "sources", package).path)
