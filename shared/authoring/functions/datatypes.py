"""``CustomDataType``: datatypes of fields that authors define in their modules.

Source: fields.md, "Custom data types". A subclass is known by its `name` as soon as its module is imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_known: dict[str, type[CustomDataType]] = {}


class CustomDataType:
    """Base of an author's datatypes. Class attributes describe the input, class methods read and check what was sent.

    The methods get the value, the name of the variable, and the parameters that the field gives in the YAML.
    """

    name: ClassVar[str] = ""
    container_class: ClassVar[str | None] = None
    input_class: ClassVar[str | None] = None
    input_type: ClassVar[str] = "text"
    javascript: ClassVar[str | None] = None
    jq_rule: ClassVar[str | Sequence[str] | None] = None
    jq_message: ClassVar[str | Mapping[str, str] | None] = None
    skip_if_empty: ClassVar[bool] = True
    is_object: ClassVar[bool] = False
    parameters: ClassVar[Sequence[str]] = ()
    code_parameters: ClassVar[Sequence[str]] = ()
    mako_parameters: ClassVar[Sequence[str]] = ()

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        if not cls.name:
            return
        if not _NAME.fullmatch(cls.name):
            raise TypeError(
                f"the name {cls.name!r} of a datatype may have letters, digits, hyphens and underscores only"
            )
        _known[cls.name] = cls

    @classmethod
    def validate(cls, item: object, variable_name: str = "", data: Mapping[str, object] | None = None) -> bool:
        """Whether the value is good; raises DAValidationError to say why it is not."""
        return True

    @classmethod
    def transform(cls, item: object, variable_name: str = "", data: Mapping[str, object] | None = None) -> object:
        """What the variable is set to."""
        return item

    @classmethod
    def default_for(cls, item: object, variable_name: str = "", data: Mapping[str, object] | None = None) -> str:
        """The text that stands in the field for a variable that has a value."""
        return str(item)

    @classmethod
    def empty(cls) -> Any:
        """The value where there is nothing to choose from and `skip_if_empty` is False."""
        return None


def custom_datatypes() -> Mapping[str, type[CustomDataType]]:
    """The datatypes of all modules that are imported, by name."""
    return MappingProxyType(_known)
