"""Datatypes of authors: classes derived from CustomDataType in the modules of the interview's package.

Rules: docs fields.md ("Custom data types"): every module of the package is looked at, whether the interview names it or not.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path

from shared.authoring.errors import ValidationError
from shared.authoring.functions.datatypes import CustomDataType, custom_datatypes
from shared.authoring.text.words import word
from shared.engine.errors import BadAuthorValue
from shared.engine.fields.refusal import Refused
from shared.engine.run import Run
from shared.language.model import Field

_MARK = b"CustomDataType"


def of_field(run: Run, field: Field) -> type[CustomDataType]:
    """The class of the field's datatype. Raises `BadAuthorValue` if no module defines it."""
    found = custom_datatypes().get(field.datatype)
    if found is None:
        _import_modules(run.interview.name.rpartition(":")[0])
        found = custom_datatypes().get(field.datatype)
    if found is None:
        raise BadAuthorValue(
            f"There is no datatype {field.datatype!r}. Check its spelling, and that a module of the interview's package defines it.",
            place=field.place,
        )
    return found


def _import_modules(package: str) -> None:
    """Import those modules of the package that define datatypes."""
    try:
        folder = importlib.import_module(package)
    except ImportError:
        return
    for info in pkgutil.iter_modules(folder.__path__):
        spec = info.module_finder.find_spec(info.name, None)
        origin = spec.origin if spec is not None else None
        if origin and origin.endswith(".py") and _MARK in Path(origin).read_bytes():
            importlib.import_module(f"{package}.{info.name}")


def parameters(run: Run, field: Field) -> dict[str, object]:
    """The parameters that the field gives its datatype, evaluated."""
    cls = of_field(run, field)
    names = (*cls.parameters, *cls.code_parameters, *cls.mako_parameters)
    return {name: run.value(field.options[name]) for name in names if name in field.options}


def describe(run: Run, field: Field) -> dict[str, object]:
    """What a client needs to draw the input: classes, type, rules of the browser's validation, parameters."""
    cls = of_field(run, field)
    return {
        "name": cls.name,
        "container_class": cls.container_class or f"da-field-container-datatype-{cls.name}",
        "input_class": cls.input_class or f"da{cls.name}",
        "input_type": cls.input_type,
        "javascript": cls.javascript,
        "jq_rule": cls.jq_rule,
        "jq_message": cls.jq_message,
        "parameters": parameters(run, field),
    }


def transform(run: Run, field: Field, variable: str, value: object) -> object:
    """The value that the author's class makes of what was sent. Raises `Refused` if it does not accept it."""
    cls = of_field(run, field)
    given = parameters(run, field)
    try:
        if not _call(cls.validate, value, variable, given):
            raise Refused(word("You need to enter a valid value."))
        return _call(cls.transform, value, variable, given)
    except ValidationError as error:
        raise Refused(word(error.message)) from error


def default_for(run: Run, field: Field, variable: str, value: object) -> object:
    """The text that stands in the field for the present value of its variable."""
    return _call(of_field(run, field).default_for, value, variable, parameters(run, field))


def _call(method: Callable[..., object], value: object, variable: str, given: Mapping[str, object]) -> object:
    """Classes written for earlier versions take the value alone, or the value and the name."""
    takes = inspect.signature(method).parameters
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in takes.values()):
        return method(value, variable, given)
    return method(*(value, variable, given)[: max(1, min(3, len(takes)))])
