"""The settings from the command line, the environment, the file and the defaults, checked in one go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.configuration.reading import Configuration, read_file
from services.settings.all import FIELDS, Settings
from services.settings.declaring import file_key, variable
from services.settings.errors import SettingsError
from services.settings.folders import kept_secret, state_folder
from services.values import SECRET_LENGTH

#: What was written, by the setting's name, and where.
_Found = dict[str, tuple[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings, and for each that is not the default where it was set (a variable, ``file, line 3: key``, ``--option``)."""

    settings: Settings
    places: Mapping[str, str]


def load(environ: Mapping[str, str] | None = None, /, *, need_secret: bool = True, **given: Any) -> Settings:
    """The settings from `given` (a command line; None is not given), the environment and the file. Raises `SettingsError`.

    Without ``PARLEY_SECRET`` the embedded system makes one and keeps it in `var`; a distributed system must be given one
    (`need_secret=False`: for commands that neither sign nor seal).
    """
    return load_with_places(environ, need_secret=need_secret, **given).settings


def load_with_places(environ: Mapping[str, str] | None = None, /, *, need_secret: bool = True, **given: Any) -> Loaded:
    """As `load`, and where each setting comes from."""
    environ = os.environ if environ is None else environ
    found: _Found = {}
    problems: list[str] = []
    file = Configuration()
    if path := environ.get("PARLEY_CONFIG"):
        file = read_file(Path(path), map(file_key, FIELDS.values()))
        found.update({name: (one.place, one.value) for name, one in file.values.items()})
        problems.extend(file.problems)
    found.update(_from_environment(environ, problems))
    for name, value in given.items():
        if name not in FIELDS:
            raise TypeError(f"there is no setting {name!r}")
        if value is not None:
            found[name] = (f"--{name.replace('_', '-')}", value)
    valid = _valid(found, problems)
    valid.setdefault("var", state_folder(environ))
    if file.own:
        valid["config"] = MappingProxyType({**file.own, **valid.get("config", {})})
    if not problems and "secret" not in valid and need_secret and not (valid.get("amqp_uri") and valid.get("keys")):
        if valid.get("amqp_uri") is None:
            valid["secret"] = kept_secret(valid["var"])
        else:
            problems.append(
                f"PARLEY_SECRET: all services need the same one, at least {SECRET_LENGTH} random characters "
                "(openssl rand -base64 33)"
            )
    if problems:
        raise SettingsError("\n".join([*problems, *_mistakes(found, environ)]))
    remarks = (*file.warnings, *_mistakes(found, environ))
    return Loaded(
        settings=Settings(**valid, remarks=remarks, file=environ.get("PARLEY_CONFIG", "")),
        places={name: place for name, (place, _) in found.items()},
    )


def _mistakes(found: _Found, environ: Mapping[str, str]) -> list[str]:
    """What is wrong with single schedules: each takes away itself alone, so it keeps nothing from starting."""
    path = environ.get("PARLEY_CONFIG", "")
    mistakes = [one for name in ("schedules", "scheduler") if name in found for one in found[name][1].mistakes]
    return [f"{path}, line {one.line}: {one.what}; this schedule does not run" for one in mistakes]


def _valid(found: _Found, problems: list[str]) -> dict[str, Any]:
    valid: dict[str, Any] = {}
    for name, (place, value) in found.items():
        try:
            valid[name] = FIELDS[name].metadata["parse"](value)
        except ValueError as error:
            shown = "" if not FIELDS[name].repr else f", not {str(value)[:60]!r}"
            problems.append(f"{place}: expected {error}{shown}")
    return valid


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> _Found:
    names = {variable(item): item.name for item in FIELDS.values() if not item.metadata["nested"]}
    found = {name: (key, environ[key]) for key, name in names.items() if environ.get(key)}
    known = {*names, "PARLEY_CONFIG"}
    for key in environ:
        # Kubernetes puts PARLEY_<SERVICE>_… of its own there, so only what looks like a slip of the pen is refused.
        if key.startswith("PARLEY_") and key not in known and (near := get_close_matches(key, known, 1, 0.85)):
            problems.append(f"{key}: there is no such setting; did you mean {near[0]}?")
    return found
