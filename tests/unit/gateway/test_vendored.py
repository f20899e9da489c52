"""The libraries that pages load: what package-lock.json names, byte for byte what was copied, with their licences."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from services.gateway.web.assets import Assets

ROOT = Path(__file__).parents[3]
VENDOR = ROOT / "services" / "gateway" / "static" / "vendor"
KEPT: list[dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text())
LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text())["packages"]


def digest(content: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


@pytest.mark.parametrize("library", KEPT, ids=lambda one: str(one["name"]))
def test_a_library_is_the_locked_one_with_its_licence(library: dict[str, Any]) -> None:
    locked = LOCK[f"node_modules/{library['name']}"]
    assert library["version"] == locked["version"], "run `make vendor`"
    assert library["license"] == locked["license"] == "MIT"
    assert any(name.endswith("LICENSE.txt") for name in library["files"])


def test_nothing_was_changed_added_or_lost_since_it_was_copied() -> None:
    listed = {name: file["hash"] for library in KEPT for name, file in library["files"].items()}
    there = {
        path.relative_to(VENDOR).as_posix(): digest(path.read_bytes())
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }
    assert there == listed


def test_the_lock_names_no_registry() -> None:
    assert [name for name, package in LOCK.items() if "resolved" in package] == []


def test_libraries_are_served_and_what_is_for_developers_is_not() -> None:
    served = Assets()
    for address in ("vendor/signature_pad/signature_pad.js", "vendor/combobox_nav/LICENSE.txt", "js/main.js"):
        assert served.url(address)
    for address in ("vendor/vendor.json", "vendor/combobox_nav/index.d.ts"):
        with pytest.raises(KeyError):
            served.url(address)


def test_all_modules_are_fetched_at_once_and_only_modules() -> None:
    fetched = Assets().modules()
    assert any(address.endswith("/js/widgets/combobox.js") for address in fetched)
    assert any(address.endswith("/vendor/combobox_nav/index.js") for address in fetched)
    assert not any(address.endswith(("theme.js", ".css", "jquery.min.js")) for address in fetched)
