"""The documentation as a site: `make docs`. Nothing is fetched, neither while it is made nor by who reads it."""

from __future__ import annotations

import tomllib
from pathlib import Path

_project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]

project = "Parley"
release = _project["version"]
copyright = "The Parley developers"

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["conf.py"]
#: Mako in YAML is no language that Pygments knows; a block that it cannot read is shown as it is.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"Parley {release}"
html_show_sourcelink = False
html_copy_source = False
