"""PDF forms of an interview: which file, which values for its fields, as a recipe (docs documents.md, "Filling PDF templates").

Not for filling them in (`shared.documents.forms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.documents import tags
from shared.engine.documents import images
from shared.engine.errors import BadAuthorValue
from shared.engine.run import Run

#: Options that are texts, and what a recipe calls them.
_TEXTS = {
    "checkbox export value": "export",
    "rendering font": "font",
    "template password": "template password",
}


def recipe(run: Run, options: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, object]:
    """What fills the form: values as texts and truth values, by the names of the fields."""
    made: dict[str, object] = {
        "work": "form",
        "template": reference(run, options["pdf template file"]),
        "fields": {str(name): _with_images(run, shown(run, options, value)) for name, value in given.items()},
        "editable": run.truth(options.get("editable", True)),
    }
    return made | {name: run.render(options[key]).strip() for key, name in _TEXTS.items() if options.get(key)}


def reference(run: Run, template: object) -> str:
    """A template as the files of the step find it: the number of a file of the session, or the name of a file of a package."""
    found = run.value(template)
    found = getattr(found, "elements", found)
    found = found[0] if isinstance(found, list | tuple) and found else found
    first = getattr(found, "_first_file", None)
    found = first() if callable(first) else found
    if found is None or found == []:
        raise BadAuthorValue("The template of a document is no file.")
    number = getattr(found, "number", None) if not isinstance(found, str) else None
    if number is not None:
        return str(number)
    whole = getattr(found, "_reference", None)
    return str(whole()) if callable(whole) else str(found).strip()


def _with_images(run: Run, value: bool | str) -> bool | str:
    return value if isinstance(value, bool) else images.in_tags(value, run.interview.images)


def shown(run: Run, options: Mapping[str, Any], value: object) -> bool | str:
    """A value as a field has it: truth values as they are, numbers with the decimal places that the author wants."""
    if isinstance(value, bool):
        return value
    if value is None:
        return ""
    places = options.get("decimal places")
    if places is not None and isinstance(value, float | int):
        return f"{value:.{int(run.render(places))}f}"
    return tags.as_text(str(value)).rstrip("\n")
