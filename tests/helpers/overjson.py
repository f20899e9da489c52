"""The methods of a service as the other end of the bus sees them: results are what their JSON says, errors themselves."""

from __future__ import annotations

from typing import Any

from shared.bus import wire


class OverJson:
    def __init__(self, service: Any) -> None:
        self._service = service

    def __getattr__(self, method: str) -> Any:
        def call(**arguments: Any) -> Any:
            return wire.result(wire.answer(getattr(self._service, method)(**arguments), method), Any, method)

        return call
