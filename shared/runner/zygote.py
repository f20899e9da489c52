"""The warm parent of all children: ``python -m shared.runner.zygote``, started once by `pool` with a clean environment.

It imports the engine and everything author code may use, once, and then does nothing but fork a template per interview. No author code
runs here. It ends when the service that started it closes the socket (or dies).
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import time

from shared.runner import isolation, lastgood, template
from shared.runner.settings import Setup
from shared.runner.wire import Message, Wire, WireError


def main(fd: int) -> None:
    """Serve requests for templates on the socket `fd`; the first message is the `Setup`."""
    gc.disable()  # until everything is there: nothing of it is garbage
    isolation.hide_memory()
    control = Wire(socket.socket(fileno=fd))
    folders: set[str] = set()
    try:
        setup = Setup.from_plain(control.receive())
        folders.add(setup.folder)
        engine = importlib.import_module(setup.engine)
        engine.prepare()
        if setup.cache is not None and isolation.keeps_files():
            engine.keep_in(setup.cache)
        if setup.words:
            engine.speak(setup.words)
        # Before the first template, though somebody may wait for it: what it costs here, each child would pay in its first step.
        engine.warm()
        # What was imported is never garbage; not looking at it keeps its pages shared with all children.
        gc.collect()
        gc.freeze()
        gc.enable()
        # Templates are left to the kernel: their service watches their sockets.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            message, fds = control.receive_with_fds()
            if message.get("ready"):
                control.send({"ready": True})
                continue
            # Others of the same service need no second process like this one; their templates are set up by what they say.
            other = setup if message["setup"] is None else Setup.from_plain(message["setup"])
            folders.add(other.folder)
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_template(fds[0], other, message)
            os.close(fds[0])
            control.send({"pid": pid})
    except WireError:
        pass  # the service is gone
    for folder in folders:
        _remove(folder)


def _remove(folder: str) -> None:
    """Remove the folder of all children's folders once the templates, which end now, have emptied it.

    The service does so too, unless it was killed.
    """
    lastgood.remove_all(folder)
    for _ in range(30):
        try:
            os.rmdir(folder)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return


def _become_template(fd: int, setup: Setup, message: Message) -> None:
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        template.main(fd, setup, interview=message["interview"], last_good=message["last_good"])
        status = 0
    except BaseException:  # a forked process must never return into the code of the one it was forked from
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
