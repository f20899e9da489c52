"""Change fragments are read as scriv reads them at a release, and say something; decisions are numbered and listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from scriv.scriv import Scriv

ROOT = Path(__file__).parents[2]
HELP = "see changelog.d/README.md: '### Fixed', an empty line, '- What a user notices.'"


def test_fragments_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    scriv = Scriv()
    fragments = scriv.fragments_to_combine()
    written = {path.name for path in (ROOT / "changelog.d").glob("*.md")} - {"README.md"}
    assert {fragment.path.name for fragment in fragments} == written
    for fragment in fragments:
        sections = scriv.sections_from_fragment(fragment)
        assert sections, f"{fragment.path}: says nothing; {HELP}"
        assert set(sections) <= set(scriv.config.categories), f"{fragment.path}: {HELP}"
        for paragraphs in sections.values():
            assert paragraphs, f"{fragment.path}: a heading without a line; {HELP}"
            assert all(paragraph.startswith("- ") for paragraph in paragraphs), f"{fragment.path}: {HELP}"


def test_every_decision_is_numbered_and_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    pages = sorted(path.name for path in folder.glob("*.md") if path.name not in ("README.md", "template.md"))
    assert [name[:5] for name in pages] == [f"{number:04}-" for number in range(1, len(pages) + 1)]
    rows = [f"| [{name[:4]}]({name}) | {(folder / name).read_text('utf-8').splitlines()[0][2:]} |" for name in pages]
    assert "\n".join(rows) in (folder / "README.md").read_text("utf-8"), "put into docs/adr/README.md:\n" + "\n".join(
        rows
    )
