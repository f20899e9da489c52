"""What author code hears when it wants a network that it has not: which setting opens it.

The wall is seccomp's; this is its sign. Code that goes around it is refused all the same, without the words.
"""

from __future__ import annotations

import errno
import socket
from typing import Any

#: In the terms of whoever reads it: the author first, who passes it on to the operator.
SAYS = "interviews have no network here; the operator can open it to this package by the setting `author network` (PARLEY_AUTHOR_NETWORK)"


def say_so() -> None:
    """Make the refusals of Python's sockets name the setting, in this process."""
    made, looked_up = socket.socket.__init__, socket.getaddrinfo

    def make(self: socket.socket, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        if fileno is None:
            raise PermissionError(errno.EPERM, SAYS)
        made(self, family, type, proto, fileno)

    def look_up(*arguments: Any, **named: Any) -> Any:
        try:
            return looked_up(*arguments, **named)
        except OSError as error:
            raise socket.gaierror(socket.EAI_FAIL, SAYS) from error

    socket.socket.__init__ = make  # type: ignore[method-assign]  # a process that runs author code and nothing else
    socket.getaddrinfo = look_up
