from __future__ import annotations

import pytest

from bot.conversation import Conversation
from kb.load import KnowledgeBase, load


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    """The built-in casebook."""
    return load()


@pytest.fixture(scope="session")
def conversation(knowledge: KnowledgeBase) -> Conversation:
    """The conversation on the built-in casebook."""
    return Conversation(knowledge)
