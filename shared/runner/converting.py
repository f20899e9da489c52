"""Implements `shared.documents.ports.Converter` by programs of the machine, each conversion in a process of its own.

Which programs there are is the operator's: none is known here, and none is needed (`Unsupported` then).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.documents.ports import ConvertFailed, Format, Limits, TooLarge, Unsupported
from shared.runner import tools
from shared.runner.tools import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`command` reads ``input.<source>`` in its working directory and writes ``output.<target>`` there; no shell is between.

    `programs`: folders outside of the system's own that it is started from and reads.
    """

    command: Sequence[str]
    programs: Sequence[str] = ()


class ToolConverter:
    def __init__(self, known: Mapping[tuple[Format, Format], Tool]) -> None:
        self._known = dict(known)

    def converts(self, source: Format, target: Format) -> bool:
        return (source, target) in self._known

    def convert(self, content: bytes, *, source: Format, target: Format, limits: Limits) -> bytes:
        tool = self._known.get((source, target))
        if tool is None:
            raise Unsupported(f"{source.upper()} cannot be converted to {target.upper()} here")
        if len(content) > limits.size:
            raise TooLarge(f"the document has {len(content)} bytes; the limit is {limits.size}")
        try:
            return tools.run(
                tool.command,
                given=(f"input.{source}", content),
                made=f"output.{target}",
                bounds=Bounds(seconds=limits.seconds, memory=limits.memory, size=limits.size),
                programs=tool.programs,
            )
        except tools.ToolTooLarge as error:
            raise TooLarge(str(error)) from None
        except tools.ToolError as error:
            raise ConvertFailed(f"{source.upper()} to {target.upper()}: {error}") from error
