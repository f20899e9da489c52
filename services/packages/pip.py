"""pip, as `PackageSet` uses it: it fetches and builds one wheel, and installs requirements into a folder."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from services.packages.metadata import NotAPackage

#: For wheels of which pip finds none for the Python that runs: it looks for those of this one.
NEWEST = "3.13"


def fetch(given: str, folder: Path) -> Sequence[Path]:
    """The wheel of a name, a wheel, a zip, a folder or an address of git. Raises `NotAPackage` with what pip says."""
    local = Path(given).expanduser()
    source = str(local.resolve()) if local.exists() else given
    # A package may ask for a newer Python than ours out of prudence; what it imports is found out by `check`.
    try:
        _pip("wheel", "--no-deps", "--ignore-requires-python", "--wheel-dir", str(folder), source)
    except NotAPackage:
        if local.exists() or "://" in given:
            raise
        _pip("download", "--no-deps", "--only-binary=:all:", "--python-version", NEWEST, "--dest", str(folder), source)
    return sorted(folder.glob("*.whl"))


def install(requirements: Sequence[str], folder: Path) -> None:
    _pip("install", "--target", str(folder), *requirements)


def _pip(*arguments: str) -> None:
    if importlib.util.find_spec("pip") is None:
        raise NotAPackage("pip is missing in this environment: python -m ensurepip")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-3:]
        raise NotAPackage("\n".join(said) or f"pip ended with {done.returncode}")
