"""The environment of processes that run author code or tools: a list of names, and no credential among them."""

from __future__ import annotations

import os

#: Environment variables that children may see; everything else (credentials above all) stays behind.
_PASSED = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONHOME", "VIRTUAL_ENV")


def clean_environment() -> dict[str, str]:
    """The environment of the zygote: where Python and its packages are, the language, and nothing else."""
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment["PYTHONPATH"] = here
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.setdefault("LANG", "C.UTF-8")
    # A library of numbers that starts its threads would leave them behind, and end its child with every step.
    environment.update(
        dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    )
    return environment
