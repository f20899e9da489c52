"""Settings of a document's page: ``metadata``, ``initial yaml``, ``additional yaml``, and what ``attachment options`` say for all documents.

Rules: docs documents.md, "Formatting documents with Pandoc templates and metadata".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from shared.engine.errors import BadAuthorValue
from shared.engine.naming import packages
from shared.engine.run import Run
from shared.language.model import Place
from shared.language.settings import FILES

#: Files that shape a document, by the format that they are for.
_TEMPLATES = {"docx reference file": "docx", "rtf template file": "rtf"}


def options_of(run: Run, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of an attachment over those of the interview."""
    common = run.interview.options.get("attachment options")
    if not isinstance(common, Mapping):
        return options
    common = {key: _of_all(run, value) if key in FILES else value for key, value in common.items()}
    merged = {**common, **options}
    if isinstance(common.get("metadata"), Mapping) and isinstance(options.get("metadata"), Mapping):
        merged["metadata"] = {**common["metadata"], **options["metadata"]}
    return merged


def _of_all(run: Run, value: object) -> object:
    """A file of ``attachment options``: names that are computed are those of the package of the file that computes them."""
    if isinstance(value, list | tuple):
        return [_of_all(run, one) for one in value]
    return located(run, value, place) if isinstance(place := getattr(value, "place", None), Place) else value


def in_their_package(run: Run, options: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """The options with files named as those of the package in which the attachment stands, where that is another than the interview's."""
    if not (options.keys() & FILES) or packages.elsewhere(run.interview.name, place.file) is None:
        return options
    return {key: located(run, value, place) if key in FILES else value for key, value in options.items()}


def located(run: Run, named: object, place: Place) -> object:
    """What `named` evaluates to; names of files alone are those of the package of `place`."""
    found = run.value(named)
    if isinstance(found, list | tuple):
        return [located(run, one, place) for one in found]
    return (
        packages.whole(found, packages.elsewhere(run.interview.name, place.file)) if isinstance(found, str) else found
    )


def of(run: Run, options: Mapping[str, Any]) -> dict[str, Any]:
    """All metadata, texts rendered: those of files first, the document's own last."""
    found: dict[str, Any] = {}
    for key in ("initial yaml", "additional yaml"):
        named = run.value(options.get(key))
        for reference in named if isinstance(named, list) else [named] if named else []:
            found.update(_file(run, reference))
    stated = run.value(options.get("metadata"))
    for part in stated if isinstance(stated, list) else [stated]:
        if isinstance(part, Mapping):
            found.update(part)
    return {str(key): _plain(value) for key, value in found.items()}


def templates(run: Run, options: Mapping[str, Any]) -> dict[str, str]:
    """References to the files that shape the formats."""
    found = {kind: run.value(options[key]) for key, kind in _TEMPLATES.items() if options.get(key) is not None}
    return {kind: str(getattr(named, "number", named)) for kind, named in found.items()}


def _file(run: Run, reference: object) -> Mapping[str, Any]:
    name, content = run.context.files.find(str(reference), "templates")
    try:
        found = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise BadAuthorValue(f"The file {name} with settings of a document cannot be read: {error}") from error
    return found if isinstance(found, Mapping) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)
