"""A text as the matcher reads it: stems of its telling words, identifiers, neighbours, and concepts it speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from kb.concepts import FOREIGN_SMALL_WORDS, SMALL_WORDS, concepts
from kb.text import expand, words

CONCEPT: Final = "§"
"""The sign before a concept among tokens; no word contains it."""

MAX_CHARACTERS: Final = 60_000
"""Characters of a description that are read; what a paste holds beyond them repeats what came before."""

_SENTENCE_END: Final = re.compile(r"[.!?;](?=\s)|\n")


class Said(NamedTuple):
    """What a text says, in whatever order its sentences stand."""

    tokens: Mapping[str, str]
    """Each token, and each concept after its sign, with the words that it was written as."""
    pairs: tuple[str, ...]
    """Tokens that follow one another in a sentence, a blank between them."""
    manner: tuple[str, ...]
    """Small words and the question mark: they name nothing, but "how do I …?" is no report of a fault."""


def read(text: str) -> Said:
    """Return what a text says."""
    text = text[:MAX_CHARACTERS]
    tokens: dict[str, str] = {}
    pairs: dict[str, None] = {}
    manner = dict.fromkeys("?" if "?" in text else "")
    for sentence in _SENTENCE_END.split(text):
        telling = []
        for word in words(sentence):
            for token in expand(word):
                if token in SMALL_WORDS:
                    manner[token] = None
                elif token not in FOREIGN_SMALL_WORDS:
                    tokens.setdefault(token, word)
                    telling.append(token)
        pairs.update((f"{one} {other}", None) for one, other in pairwise(telling))
    for concept, way in concepts(text).items():
        tokens[CONCEPT + concept] = way
    return Said(tokens, tuple(pairs), tuple(manner))
