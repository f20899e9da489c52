"""Ending the step with something else than the next screen: messages, responses, commands, refusals.

Source: functions.md, "Functions for special responses", validation_error().
"""

from __future__ import annotations

import datetime
import json
import mimetypes
from decimal import Decimal

from shared.authoring.errors import CommandSignal, MessageSignal, ResponseSignal, ValidationError
from shared.authoring.functions.files import contents
from shared.authoring.functions.mail_files import file_numbers
from shared.authoring.functions.variables import all_variables
from shared.authoring.text.simplify import Json, simplified
from shared.authoring.text.sizes import TooMuch, check_size

COMMANDS = (
    "restart",
    "new_session",
    "exit",
    "logout",
    "exit_logout",
    "leave",
    "signin",
    "register",
    "refresh",
    "continue",
    "wait",
)
#: How long a browser waits after ``command('wait')`` before it asks again.
WAIT_SECONDS = 4
_TEXT = "text/plain; charset=utf-8"


def message(question: object = None, subquestion: object = None, **options: object) -> None:
    """Show a screen with this text. Options: show_restart, show_exit, show_leave, url, buttons … Never returns.

    A Leave button takes the place of the Exit button, unless both are asked for.
    """
    if options.get("show_leave") and "show_exit" not in options:
        options["show_exit"] = False
    raise MessageSignal(_text(question), _text(subquestion), **options)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def response(
    response: object = None,
    *,
    binaryresponse: bytes | str | None = None,
    file: object = None,
    url: object = None,
    content_type: str | None = None,
    response_code: int = 200,
    null: bool = False,
    sleep: float | None = None,
    all_variables: bool = False,
    include_internal: bool = False,
) -> None:
    """Answer the request with text, bytes, a file or a redirect instead of a screen. Never returns.

    `null`: answer with nothing, and in a scheduled task save nothing. `sleep`: seconds to pause after a scheduled task.
    """
    if all_variables:
        _variables(include_internal, response_code)
    given = {"response": response, "binaryresponse": binaryresponse, "file": file, "url": url}
    used = [name for name, part in given.items() if part is not None]
    if len(used) > 1:
        raise ValueError(
            f"response() takes one of response, binaryresponse, file and url; {' and '.join(used)} were given"
        )
    parts: dict[str, object] = {"content_type": content_type or _TEXT, "status": int(response_code)}
    if sleep is not None:
        parts["sleep"] = float(sleep)
    if null:
        parts["null"] = True
    elif binaryresponse is not None:
        parts["binary"] = binaryresponse.encode() if isinstance(binaryresponse, str) else bytes(binaryresponse)
    elif file is not None:
        parts.update(_file(file, content_type))
    elif url is not None:
        parts["url"] = str(url)
    else:
        parts["text"] = "" if response is None else str(response)
    raise ResponseSignal(**parts)


def _file(file: object, content_type: str | None) -> dict[str, object]:
    """A file of the session by its number, or the content of a package's file. Without `content_type`, the file's own."""
    if isinstance(file, str) or (
        not hasattr(file, "number") and hasattr(file, "filename") and not hasattr(file, "elements")
    ):
        name, content = contents(file)[0]
        kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"binary": content, "content_type": kind}
    numbers = file_numbers(file, all_formats=True)
    if not numbers:
        raise ValueError("response(file=…) got a list without files")
    return {"file": {"number": numbers[0]}, "content_type": content_type}


def json_response(data: object, response_code: int = 200) -> None:
    """Answer the request with `data` as JSON, dates and times as ISO text. Never returns. TypeError if it has no JSON form."""
    try:
        check_size(data)
        text = json.dumps(data, default=_as_json)
    except TooMuch as problem:
        raise ValueError(f"json_response() cannot answer with this: {problem}") from None
    except (TypeError, ValueError) as problem:
        raise TypeError(
            f"json_response() got data that has no JSON form ({problem}); pass numbers, text, lists and dictionaries"
        ) from None
    raise ResponseSignal(json=json.loads(text), content_type="application/json", status=int(response_code))


def _as_json(value: object) -> Json:
    """What JSON has no form of its own for, in the form that ``all_variables()`` gives it."""
    if isinstance(value, datetime.date | datetime.time | Decimal | set | frozenset) or hasattr(
        value, "as_serializable"
    ):
        return simplified(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def variables_as_json(include_internal: bool = False) -> None:
    """Answer the request with all answers as JSON. Never returns."""
    _variables(include_internal, 200)


def _variables(include_internal: bool, response_code: int) -> None:
    answers = all_variables(include_internal=include_internal)
    raise ResponseSignal(all_variables=answers, content_type="application/json", status=int(response_code))


def command(name: str, **options: object) -> None:
    """Leave, restart, sign in, or have the browser wait. Never returns.

    Options: `url` for what leaves; `sleep` (or `seconds`), `question_text`, `subquestion_text` for ``wait``.
    """
    if name not in COMMANDS:
        raise ValueError(f"there is no command {name!r}; the commands are {', '.join(COMMANDS)}")
    if name == "wait":
        seconds = options.pop("seconds", None)
        options.setdefault("sleep", WAIT_SECONDS if seconds is None else seconds)
    raise CommandSignal(name, **options)


def validation_error(message: object, field: str | None = None) -> None:
    """Refuse the answer with this message, beside `field` (a variable name on the screen) if given. Never returns."""
    raise ValidationError(str(message), field=field)
