"""What texts of one screen may refer to: files of the session and of packages, images, terms."""

from __future__ import annotations

import html
import mimetypes
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from services.gateway.render.icons import icon as drawn_icon
from services.gateway.render.values import whole
from shared.contract.jsonvalue import JsonMap
from shared.markup import MarkupContext


class NamedFile(Protocol):
    @property
    def filename(self) -> str: ...
    @property
    def mimetype(self) -> str: ...


#: Given a number, the session's file of it, or None.
FileLookup = Callable[[int], NamedFile | None]


def package_of(interview: str) -> str:
    return interview.partition(":")[0]


def package_url(reference: str, package: str) -> str:
    """Address of a file named as authors do: ``package:path``, ``path`` of `package`, or an absolute URL."""
    if reference.startswith(("http://", "https://", "/")):
        return reference
    owner, colon, path = reference.partition(":")
    if not colon:
        owner, path = package, reference
    path = path.removeprefix("data/static/")
    return f"/packagestatic/{quote(owner)}/{quote(path)}"


def file_url(number: int, filename: str | None) -> str:
    return f"/uploadedfile/{number}" + (f"/{quote(filename)}" if filename else "")


def show_file(url: str, name: str, mimetype: str, width: str | None, alt: str | None) -> str:
    """HTML of a file by its kind: a picture, a player, or a link."""
    address, label = html.escape(url), html.escape(alt if alt is not None else name)
    major = mimetype.partition("/")[0]
    if major == "image":
        style = f' style="width:{html.escape(width)}"' if width else ""
        return f'<img src="{address}" alt="{html.escape(alt or "")}" class="img-fluid"{style}>'
    if major in {"audio", "video"}:
        return f'<{major} controls preload="metadata" src="{address}" class="w-100" aria-label="{label}"></{major}>'
    return f'<a href="{address}" target="_blank" rel="noopener">{label}</a>'


@lru_cache(maxsize=256)
def _icon_of(images: tuple[tuple[str, str], ...], package: str) -> Callable[[str], str | None]:
    known = dict(images)

    def find(name: str) -> str | None:
        reference = known.get(name)
        if reference is None:
            return drawn_icon(name)
        return f'<img src="{html.escape(package_url(reference, package))}" alt="" class="icon-image">'

    return find


@lru_cache(maxsize=256)
def _package_file_tag(
    images: tuple[tuple[str, str], ...], package: str
) -> Callable[[str, str | None, str | None], str | None]:
    known = dict(images)

    def tag(reference: str, width: str | None, alt: str | None) -> str | None:
        reference = known.get(reference, reference)
        name = reference.rpartition(":")[2].rpartition("/")[2]
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return show_file(package_url(reference, package), name, guessed, width, alt)

    return tag


def around(screen: JsonMap, interview: str, lookup: FileLookup | None, *, host: str) -> MarkupContext:
    """The `MarkupContext` of a screen. Equal for equal screens, so that converted texts are found again."""
    options = screen.get("options") or {}
    package = str(options.get("package") or package_of(interview))
    images = tuple(sorted((str(k), str(v)) for k, v in (options.get("images") or {}).items()))
    packaged = _package_file_tag(images, package)

    def tag(reference: str, width: str | None, alt: str | None) -> str | None:
        number = whole(reference)
        if number is None or lookup is None:
            return packaged(reference, width, alt)
        found = lookup(number)
        if found is None:
            return None
        name = found.filename or reference
        return show_file(file_url(number, name), name, found.mimetype, width, alt)

    # Only a text with a file of the session needs the closure; without it the cache of converted texts can serve.
    uses_files = "[FILE " in str(screen)
    table = str((screen.get("parts") or {}).get("table css class") or "table table-striped")
    return MarkupContext(
        file_tag=tag if uses_files else packaged,
        icon=_icon_of(images, package),
        terms=tuple(sorted(screen.get("terms") or ())),
        auto_terms=tuple(sorted(screen.get("auto_terms") or ())),
        table_class=table,
        host=host,
    )
