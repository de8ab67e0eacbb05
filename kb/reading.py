"""A text as the matcher reads it: stems of its telling words, identifiers, neighbours, pieces, and concepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from kb.concepts import FOREIGN_SMALL_WORDS, SMALL_WORDS, concepts
from kb.text import expand, fold, words

CONCEPT: Final = "§"
"""The sign before a concept among tokens; no word contains it."""

PIECE: Final = " "
"""The sign before a piece of a word; like the blank in a pair, it tells it from a token."""
PIECE_LETTERS: Final = 4

MAX_CHARACTERS: Final = 60_000
"""Characters of a description that are read; what a paste holds beyond them repeats what came before."""

_SENTENCE_END: Final = re.compile(r"(?<=[.!?;])(?=\s)|(?<=[。！？；])|\n")
"""Full-width signs end a sentence without a blank after them."""


class Said(NamedTuple):
    """What a text says, in whatever order its sentences stand."""

    tokens: Mapping[str, str]
    """Each token, and each concept after its sign, with the words that it was written as."""
    pairs: tuple[str, ...]
    """Tokens that follow one another in a sentence, a blank between them."""
    pieces: tuple[str, ...]
    """Letters that follow one another in a word, each run after its sign: what inflections, compounds, slips and
    kindred languages leave of it (P. Bojanowski and others, "Enriching word vectors with subword information", 2017).
    """
    manner: tuple[str, ...]
    """Small words and the question mark: they name nothing, but "how do I …?" is no report of a fault."""


def read(text: str) -> Said:
    """Return what a text says."""
    return merged(map(read_sentence, sentences(text)))


def sentences(text: str) -> list[str]:
    """Return the sentences and the lines of a text."""
    return _SENTENCE_END.split(text[:MAX_CHARACTERS])


def read_sentence(sentence: str) -> Said:
    """Return what a single sentence says."""
    tokens: dict[str, str] = {}
    manner = dict.fromkeys("?" if "?" in sentence else "")
    pieces: dict[str, None] = {}
    telling = []
    for word in words(sentence):
        pieces.update(dict.fromkeys(_pieces(word)))
        for token in expand(word):
            if token in SMALL_WORDS:
                manner[token] = None
            elif token not in FOREIGN_SMALL_WORDS:
                tokens.setdefault(token, word)
                telling.append(token)
    pairs = dict.fromkeys(f"{one} {other}" for one, other in pairwise(telling))
    for concept, way in concepts(sentence).items():
        tokens[CONCEPT + concept] = way
    return Said(tokens, tuple(pairs), tuple(pieces), tuple(manner))


def _pieces(word: str) -> Iterator[str]:
    """Yield the runs of letters of a word, its bounds among them."""
    bounded = f"<{fold(word)}>"
    return (PIECE + bounded[at : at + PIECE_LETTERS] for at in range(len(bounded) - PIECE_LETTERS + 1))


def merged(parts: Iterable[Said]) -> Said:
    """Return what several sentences say together."""
    tokens: dict[str, str] = {}
    pairs: dict[str, None] = {}
    pieces: dict[str, None] = {}
    manner: dict[str, None] = {}
    for part in parts:
        for token, written in part.tokens.items():
            tokens.setdefault(token, written)
        pairs.update(dict.fromkeys(part.pairs))
        pieces.update(dict.fromkeys(part.pieces))
        manner.update(dict.fromkeys(part.manner))
    return Said(tokens, tuple(pairs), tuple(pieces), tuple(manner))
