"""A text as the matcher reads it: the stems of its telling words, its identifiers, and the concepts it speaks of."""

from __future__ import annotations

from typing import Final

from kb.concepts import SMALL_WORDS, concepts
from kb.text import expand, words

CONCEPT: Final = "§"
"""The sign before a concept among tokens; no word contains it."""

MAX_CHARACTERS: Final = 60_000
"""Characters of a description that are read; what a paste holds beyond them repeats what came before."""


def read(text: str) -> dict[str, str]:
    """Return the tokens of a text, small words left out, each with the words that it was written as.

    There is one token more for each concept that the text speaks of, with the way it was said.
    """
    text = text[:MAX_CHARACTERS]
    found: dict[str, str] = {}
    for word in words(text):
        for token in expand(word):
            if token not in SMALL_WORDS:
                found.setdefault(token, word)
    for concept, way in concepts(text).items():
        found[CONCEPT + concept] = way
    return found
