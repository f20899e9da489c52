"""What an interview imports that needs a network: it runs where it was written, and is refused where the operator has not opened it.

The reference leaves the network open; here it is closed to interviews unless the operator names their package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding
from shared.language.model import Interview, Place
from shared.language.sources import Sources

#: Modules whose use is a connection; others may use them in turn, which cannot be seen.
NEED = (
    *("requests", "httpx", "aiohttp", "urllib3", "smtplib", "imaplib", "poplib", "ftplib", "paramiko", "socket"),
    *(
        "http.client",
        "urllib.request",
        "xmlrpc.client",
        "boto3",
        "redis",
        "pymongo",
        "psycopg2",
        "mysql",
        "twilio",
        "googleapiclient",
    ),
)

_USED = re.compile(
    r"^[ \t]*(?:-[ \t]*)?(?:(?:from|import)[ \t]+)?("
    + "|".join(sorted(map(re.escape, NEED), key=len, reverse=True))
    + r")(?:\.[\w.]+)?(?:[ \t]+(?:import|as)\b.*)?[ \t]*$",
    re.M,
)


def network_uses(interview: Interview, sources: Sources) -> Iterator[Problem]:
    """Each line of the interview's own files, and of the modules of its package, that imports such a module."""
    package = interview.name.partition(":")[0]
    for name in interview.sources:
        try:
            text = sources.text(sources.interview(name))
        except LanguageError:
            continue
        yield from _in(text, name, package)
    for module in sources.modules(package):
        try:
            yield from _in(module.read_text("utf-8"), f"{package}:{module.name}", package)
        except (OSError, UnicodeDecodeError):
            continue


def _in(text: str, name: str, package: str) -> Iterator[Problem]:
    for match in _USED.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        yield Problem(
            Finding.NEEDS_NETWORK,
            Place(name, "", 0, line),
            f"{match.group(1)!r} needs a network, and interviews have none here",
            f"the operator opens it by the setting `author network: [{package}]`",
        )
