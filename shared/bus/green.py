"""``python -m shared.bus.green MODULE ARGUMENT…`` runs a module in a process that eventlet patched before anything else.

Locks and sockets made before the patch would block the whole process; so nothing may be imported above it.
"""

import warnings

# "Eventlet is deprecated": known (DESIGN §2), and not news for whoever starts a service.
warnings.filterwarnings("ignore", message="(?s).*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import runpy  # noqa: E402
import sys  # noqa: E402

if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
