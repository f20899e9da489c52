"""``python -m services.cli.findings``: docs/findings.md, the page for authors, from the table of findings."""

from __future__ import annotations

from shared.language.findings import Finding

_HEAD = """\
# Findings

What `parley check FILE` and the page for authors can say about an interview. An error keeps it from running; after a warning it runs,
as the last column says. Codes are stable. This page is made from the table in `shared/language/findings.py` by `python -m services.cli.findings`.

| code | severity | found | why it is refused, or what is made of it |
|---|---|---|---|
"""


def page() -> str:
    """The page in Markdown."""
    rows = (f"| {one.code} | {one.severity} | {one.says} | {one.source} |\n" for one in Finding)
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    print(page(), end="")
