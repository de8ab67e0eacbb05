"""The nearest right word, for errors that help."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import distance, process


def nearest(word: str, known: Iterable[str], limit: int = 1) -> list[str]:
    """Return up to `limit` of the `known` words that `word` was probably meant to be, best first.

    Similarity is Jaro-Winkler's (0 to 1), which forgives slips late in a word more than early ones, as
    identifiers are mistyped. Below 0.75 two words are merely different, and a wrong hint is worse than none.
    """
    found = process.extract(word, list(known), scorer=distance.JaroWinkler.similarity, score_cutoff=0.75, limit=limit)
    return [name for name, _, _ in found]


def hint(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for a mistyped word, or an empty string."""
    names = nearest(word, known)
    return f"; did you mean {names[0]!r}?" if names else ""
