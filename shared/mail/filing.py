"""The parts of a message made into files, by whoever can write some."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from shared.contract.mail import AttachedFile, MailParts


class Write(Protocol):
    """Writes a file; its number."""

    def __call__(self, *, filename: str, mimetype: str, content: bytes) -> int: ...


def file_parts(found: Mapping[str, Any], write: Write) -> MailParts:
    """Write what `shared.mail.dissect.Dissected.plain` gave: first the bodies, then the attachments in their order."""
    bodies = {}
    for part, kind, filename in (("body_text", "plain", "body.txt"), ("body_html", "html", "body.html")):
        text = found.get(part)
        if isinstance(text, str):
            bodies[part] = write(filename=filename, mimetype=f"text/{kind}", content=text.encode("utf-8", "replace"))
    pairs: Sequence[Sequence[str]] = found.get("headers") or []
    listed = json.dumps([[str(name), str(value)] for name, value in pairs])
    headers = write(filename="headers.json", mimetype="application/json", content=listed.encode())
    attachments = []
    for one in found.get("attachments") or []:
        about = {"filename": str(one["filename"]), "mimetype": str(one["mimetype"])}
        number = write(content=bytes(one["content"]), **about)
        inner = one.get("email")
        email = file_parts(inner, write) if isinstance(inner, Mapping) else None
        attachments.append(AttachedFile(number=number, email=email, **about))
    problems = tuple(str(problem) for problem in found.get("problems") or [])
    return MailParts(headers=headers, attachments=tuple(attachments), problems=problems, **bodies)
