"""Markup and HTML that authors insert into texts.

Source: functions.md, action_button_html(), qr_code(), interview_url_as_qr(), interview_url_action_as_qr(), static_image().
"""

from __future__ import annotations

import html
import re

from shared.authoring.text.urls import interview_url, interview_url_action, static_reference
from shared.authoring.text.words import word

#: What may stay in a label, once that is escaped: words in a span with a class, and nothing else.
_SPAN = re.compile(r"&lt;span class=([\"'])([\w -]*)\1&gt;((?:(?!&lt;).)*)&lt;/span&gt;", re.DOTALL)
_COLLECTIONS = ("fas", "far", "fab", "fal", "fad")


def action_button_html(
    url: str,
    icon: str | None = None,
    color: str = "dark",
    size: str | None = "sm",
    block: bool = False,
    label: str = "Edit",
    classname: str | None = None,
    new_window: bool | str | None = None,
    id_tag: str | None = None,
) -> str:
    """A link that looks like a button."""
    classes = ["btn"]
    if size in ("sm", "lg"):
        classes.append(f"btn-{size}")
    if block:
        classes.append("btn-block")
    classes += [f"btn-{color}", "btn-darevisit"]
    if classname:
        classes.append(classname)
    target = ""
    if new_window is not None:
        window = {True: "_blank", False: "_self"}[new_window] if isinstance(new_window, bool) else str(new_window)
        target = f' target="{html.escape(window)}"'
    identity = f' id="{html.escape(id_tag)}"' if id_tag else ""
    return (
        f'<a{identity}{target} href="{html.escape(str(url))}" class="{html.escape(" ".join(classes))}">'
        f"{_icon(icon)}{_inline(word(label))}</a> "
    )


def _inline(label: str) -> str:
    """The label, in which only spans stay: frameworks hide a part of it from the eye, for screen readers."""
    return _SPAN.sub(r'<span class="\2">\3</span>', html.escape(label, quote=False))


def _icon(icon: str | None) -> str:
    if not icon:
        return ""
    collection, dash, name = icon.partition("-fa-")
    if not dash or collection not in _COLLECTIONS:
        collection, name = "fas", icon
    return f'<i class="{collection} fa-{html.escape(name)}"></i> '


def qr_code(text: object, width: str | None = None, alt_text: str | None = None) -> str:
    """Markup of a QR code of `text`."""
    parts = [str(text)]
    if width is not None or alt_text is not None:
        parts.append(str(width) if width is not None else "None")
    if alt_text is not None:
        parts.append(str(alt_text))
    return f"[QR {', '.join(parts)}]"


def interview_url_as_qr(*, width: str | None = None, alt_text: str | None = None, **arguments: object) -> str:
    """Markup of a QR code of `interview_url`; ``alt_text`` and ``width`` as in ``qr_code()``."""
    return qr_code(interview_url(**arguments), width, alt_text)


def interview_url_action_as_qr(
    action: str, /, *, width: str | None = None, alt_text: str | None = None, **arguments: object
) -> str:
    """Markup of a QR code of `interview_url_action`; ``alt_text`` and ``width`` as in ``qr_code()``."""
    return qr_code(interview_url_action(action, **arguments), width, alt_text)


def static_image(reference: str, width: str | None = None) -> str:
    """Markup of an image in the ``data/static`` folder of a package."""
    ending = f", {width}" if width else ""
    return f"[FILE {static_reference(str(reference))}{ending}]"
