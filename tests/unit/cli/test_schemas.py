"""docs/http.md says what the types say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from services.cli import schemas
from shared.contract import errors


def test_the_page_has_what_the_types_say() -> None:
    text = schemas.PAGE.read_text("utf-8")
    assert schemas.page(text) == text, "run python -m services.cli.schemas"


def test_the_schemas_are_json_and_name_each_other() -> None:
    made = json.loads(re.sub(r"^```.*$", "", schemas.schemas(), flags=re.M))["$defs"]
    wanted = set(re.findall(r"#/\$defs/(\w+)", json.dumps(made)))
    assert wanted <= made.keys()
    assert {
        "Reply",
        "Notice",
        "Screen",
        "ScreenField",
        "ScreenChoice",
        "Rejection",
        "CheckInReply",
        "Command",
        "Progress",
    } == made.keys()
    assert made["Screen"]["required"] == ["kind", "question", "subquestion", "fields", "language"]
    assert "token" in made["Screen"]["properties"]
    assert "shown" not in made["Screen"]["properties"], "it is signed, and nobody else's business"


def test_every_error_that_can_be_raised_is_listed() -> None:
    text = schemas.kinds()
    branches = {"Refused", "InterviewFailed", "Unavailable", "Died"}
    for kind in errors.KINDS:
        assert (f"`{kind}`" in text) == (kind not in branches)


def test_a_page_without_marks_stays_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Nothing made\n", "utf-8")
    assert schemas.main([str(page)]) == 0
    assert page.read_text("utf-8") == "# Nothing made\n"
