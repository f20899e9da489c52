"""Datatypes of authors: classes derived from CustomDataType in modules of the interview."""

from __future__ import annotations

from typing import Any

from shared.authoring.errors import ValidationError
from shared.engine.errors import BadAuthorValue
from shared.engine.refusal import Refused
from shared.language.model import Place


def transform(datatype: str, text: str, place: Place) -> Any:
    """The value that the author's class makes of `text`. Raises `Refused` if it does not accept it."""
    cls = _find(datatype)
    if cls is None:
        raise BadAuthorValue(f"There is no datatype {datatype!r}.", place=place)
    try:
        if cls.validate(text) is False:
            raise Refused(str(getattr(cls, "jq_message", "") or "Please enter a valid value."))
        return cls.transform(text)
    except ValidationError as error:
        raise Refused(error.message) from error


def _find(datatype: str) -> Any:
    try:
        from shared.authoring.functions.datatypes import custom_datatypes
    except ImportError:
        return None
    return custom_datatypes().get(datatype)
