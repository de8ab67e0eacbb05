"""A text as the matcher reads it: the stems of its telling words, its identifiers, and the concepts that it speaks of."""

from __future__ import annotations

from collections import Counter
from typing import Final

from kb.concepts import SMALL_WORDS, concepts
from kb.text import tokens

CONCEPT: Final = "§"
"""The sign before a concept among tokens; no word contains it."""

MAX_CHARACTERS: Final = 60_000
"""Characters of a description that are read; what a paste holds beyond them repeats what came before."""


def read(text: str) -> Counter[str]:
    """Count the tokens of a text, small words left out, with one token for each concept it speaks of."""
    text = text[:MAX_CHARACTERS]
    counts = Counter(token for token in tokens(text) if token not in SMALL_WORDS)
    counts.update(CONCEPT + concept for concept in concepts(text))
    return counts
