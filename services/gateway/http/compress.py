"""gzip for pages and JSON that are made on the spot. Assets are compressed once (assets.py); streams never are."""

from __future__ import annotations

import gzip

from flask import Request, Response

#: Below this a packet holds it anyway.
SMALLEST = 1000
_KINDS = frozenset(
    {"text/html", "application/json", "text/css", "text/javascript", "application/javascript", "image/svg+xml"}
)


def compress(request: Request, response: Response) -> Response:
    if (
        response.mimetype not in _KINDS
        or response.is_streamed
        or response.direct_passthrough
        or "Content-Encoding" in response.headers
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or (response.content_length or 0) < SMALLEST
    ):
        return response
    # Level 4: a page of 30 kB takes 0.3 ms, and is a tenth larger than at level 9.
    response.set_data(gzip.compress(response.get_data(), 4, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
