from __future__ import annotations

from pathlib import Path

import pytest

from tests.kb.casebook import Casebook


@pytest.fixture
def casebook(tmp_path: Path) -> Casebook:
    return Casebook(tmp_path / "casebook")
