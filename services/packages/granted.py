"""What modules and interviews of packages import without saying that they need it, because the reference brings it: `taken`.

Parley brings less. What one of these modules does is its own affair: a database, say, has to be one that its author may reach.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

#: What is imported -> what the package index calls it.
KNOWN: Mapping[str, str] = {
    "alembic": "alembic",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "geopy": "geopy",
    "github": "PyGithub",
    "googleapiclient": "google-api-python-client",
    "humanize": "humanize",
    "num2words": "num2words",
    "openpyxl": "openpyxl",
    "pandas": "pandas",
    "pycountry": "pycountry",
    "pytz": "pytz",
    "requests": "requests",
    "sqlalchemy": "SQLAlchemy",
    "stripe": "stripe",
    "xlsxwriter": "XlsxWriter",
    "xmltodict": "xmltodict",
}
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
#: An item of a list, as below ``imports:`` in an interview.
_ITEM = re.compile(rb"^[ \t]*-[ \t]+(\w+)", re.MULTILINE)
_FILES = {".py": _IMPORT, ".yml": _ITEM, ".yaml": _ITEM}
#: Bytes of one file that are looked at.
_MOST = 2_000_000


def taken(wheel: Path, folder: str) -> list[str]:
    """Requirements of the modules and interviews below `folder` in `wheel`, as the package index names them, in order."""
    return sorted({KNOWN[name] for name in _imported(wheel, folder) if name in KNOWN})


def _imported(wheel: Path, folder: str) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        for one in archive.infolist():
            pattern = _FILES.get(PurePosixPath(one.filename).suffix)
            if pattern is not None and one.filename.startswith(f"{folder}/"):
                with archive.open(one) as file:
                    yield from (found.decode() for found in pattern.findall(file.read(_MOST)))
