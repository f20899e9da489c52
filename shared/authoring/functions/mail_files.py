"""What is attached to a mail: the numbers of files of the session, each document once.

Source: functions.md, send_email(): "attachments".
"""

from __future__ import annotations

import mimetypes

from shared.authoring import filing
from shared.authoring.context import current
from shared.authoring.functions.recipients import items
from shared.authoring.objects.file_groups import DAFileCollection
from shared.authoring.text.urls import static_reference

#: What the transport of mail makes of a file: base64, in lines.
_GROWTH = 1.37


def attached(attachments: object, *, largest: int, beside: int) -> tuple[int, ...]:
    """The numbers. Raises ValueError if together, with `beside` bytes of text, they are more than `largest` (0: any)."""
    numbers = tuple(dict.fromkeys(number for item in items(attachments) for number in file_numbers(item)))
    if largest and numbers:
        size = beside + sum(int(str(current().files.info(number).get("size") or 0)) for number in numbers) * _GROWTH
        if size > largest:
            raise ValueError(
                f"send_email(): with its attachments the mail has {size / 1024 / 1024:.1f} MB, and the mail server takes "
                f"{largest / 1024 / 1024:.0f} MB; send a link, or fewer files"
            )
    return numbers


def file_numbers(item: object, *, all_formats: bool = False) -> list[int]:
    """The numbers of a file object, of a list of them, of a document (in its first format, or in all), of a reference to a package's file."""
    number = getattr(item, "number", None)
    if isinstance(number, int) and not isinstance(number, bool):
        return [number]
    if isinstance(item, DAFileCollection):
        files = item._files() if all_formats else [item._first_file()]
        return [number for one in files for number in file_numbers(one)]
    elements = getattr(item, "elements", item if isinstance(item, list | tuple) else None)
    if isinstance(elements, list | tuple):
        return [number for one in elements for number in file_numbers(one, all_formats=all_formats)]
    return [_copy_of_static(item)]


def _copy_of_static(item: object) -> int:
    """A file of a package, copied into the session so that it can travel with the mail."""
    name = getattr(item, "filename", item)
    if not isinstance(name, str):
        raise TypeError(f"send_email() can attach files, lists and collections of files, not {item!r}")
    context = current()
    try:
        filename, content = context.files.find(static_reference(name))
    except (LookupError, OSError, ValueError):
        raise TypeError(
            f"send_email() can attach files, lists and collections of files, not the text {name[:60]!r} "
            "(there is no file of that name in the package)"
        ) from None
    mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return filing.write(context, filename=filename, mimetype=mimetype, content=content)
