"""Sphinx configuration. The repository root is the source folder, so that the casebook's entries are pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext")]

project = "Blip"
author = "the Blip contributors"
html_title = "Blip"
copyright = author

extensions = ["myst_parser", "sphinx_copybutton", "sphinx_design", "casebook"]
root_doc = "docs/index"
include_patterns = ["docs/**/*.md", "docs/*.md", "kb/incidents/*.md", "kb/checks/*.md", "kb/families/*.md"]
# Named although nothing in them is included: a folder that is excluded is not walked.
exclude_patterns = [".venv", ".git", "build", "bot", "tests", "docs/_*", "**/__pycache__", "**/.*"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Off, because it would turn the hyphens of an option that stands in prose into a dash.
smartquotes = False
suppress_warnings = ["misc.highlighting_failure"]

repository = os.environ.get("BLIP_REPOSITORY", "https://github.com/blip-casebook/blip").rstrip("/")
html_context = {
    "repository": repository,
    "branch": os.environ.get("BLIP_BRANCH", "main"),
    "default_description": "Blip tells which known network incident of virtual machines you are looking at.",
}
html_theme = "furo"
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
html_static_path = ["docs/_static"]
templates_path = ["docs/_templates"]
html_css_files = ["blip.css"]
html_js_files = ["filter.js"]
html_favicon = html_logo = "docs/_static/blip.svg"
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_copy_source = False
html_permalinks_icon = "#"
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#0b5c66",
        "color-brand-content": "#0b5c66",
        "color-brand-visited": "#4a4f7d",
    },
    "dark_css_variables": {
        "color-brand-primary": "#6fd0d6",
        "color-brand-content": "#6fd0d6",
        "color-brand-visited": "#b3b1e6",
    },
}
copybutton_exclude = ".linenos, .gp, .go"
