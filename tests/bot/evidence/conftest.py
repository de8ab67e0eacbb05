"""What the tests of evidence share: the casebook, and a way to read a paste."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.evidence import Evidence, read_text
from kb.load import BUILT_IN, KnowledgeBase, read_directories

Outcomes = Callable[[str], dict[str, str]]


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    """Give the built-in casebook as far as it can be read."""
    return read_directories([BUILT_IN])[0]


@pytest.fixture
def read(knowledge: KnowledgeBase) -> Callable[[str], Evidence]:
    """Give a function that reads a paste."""
    return lambda text: read_text(text, knowledge)


@pytest.fixture
def outcomes(knowledge: KnowledgeBase) -> Outcomes:
    """Give a function that reads a paste and returns the outcome of each check."""
    return lambda text: {check: finding.outcome for check, finding in read_text(text, knowledge).findings.items()}
