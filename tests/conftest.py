"""Fixtures that several folders of tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site import ROOT, Build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built once a session from the checkout, in parallel and with warnings as errors."""
    build = Build(ROOT, tmp_path_factory.mktemp("site") / "html", "-j", "2", "-q")
    assert (build.code, build.errors) == (0, "")
    return build.out
