"""``parley packages``: interview packages with what they need, in a folder of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from services.packages import pip
from services.packages.installing import Entry, PackageSet
from services.packages.metadata import NotAPackage


def packages(what: str, name: str | None, *, into: str | None) -> int:
    """``list``, ``add``, ``remove``, ``check``; the exit status."""
    folder = Path(into).expanduser().resolve() if into else default_folder()
    known = PackageSet(folder, fetch=pip.fetch, install=pip.install)
    if (what in ("add", "remove")) is not bool(name):
        print(f"parley: packages {what} " + ("needs a name" if not name else "takes no name"), file=sys.stderr)
        return 2
    try:
        if what == "add" and name:
            for wheel in known.add(name):
                print(f"{wheel.name} {wheel.version} in {folder / wheel.folder}")
            _say_how(folder)
        elif what == "remove" and name:
            print(f"{known.remove(name)['name']} is gone")
        elif what == "check":
            return _check(known)
        else:
            for one in known.entries():
                print(f"{one['name']} {one['version']}  {one['package']}  from {one['from']}")
    except NotAPackage as error:
        print(f"parley: {error}", file=sys.stderr)
        return 1
    return 0


def default_folder() -> Path:
    """Where packages lie unless told: no state, so not where sessions are kept (XDG Base Directory Specification)."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "parley" / "packages"


def _say_how(folder: Path) -> None:
    named = [part.rpartition("=")[2] for part in os.environ.get("PARLEY_PACKAGES", "").split(":") if part]
    if str(folder) not in (str(Path(part).expanduser().resolve()) for part in named):
        print(f"To serve them: export PARLEY_PACKAGES={':'.join([*named, str(folder)])}")


def _check(known: PackageSet) -> int:
    """What is missing, and every interview as ``parley check`` sees it."""
    from services.cli.check import check  # noqa: PLC0415  heavy: it compiles interviews

    missing = known.missing()
    for one in missing:
        print(f"missing: {one}")
    files = [str(file) for entry in known.entries() for file in _interviews(known.folder, entry)]
    status = check(files, roots=[str(known.folder)]) if files else 0
    return 1 if missing else status


def _interviews(folder: Path, entry: Entry) -> list[Path]:
    questions = folder / str(entry["package"]).replace(".", "/") / "data" / "questions"
    return sorted(path for path in questions.glob("*.y*ml"))
