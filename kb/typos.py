"""Words that nobody meant: corrected by the casebook's own words, within a small edit distance; identifiers never."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.text import expand, fold, is_identifier, tokens

SHORTEST: Final = 4
"""Letters of a word that can be corrected: a shorter one is one edit away from too many others."""
RECURRING: Final = 2
"""Times that a word must occur to be what was meant: one that occurs once may be a slip itself."""
LONG: Final = 9
"""Letters from which two edits are forgiven instead of one."""
_MOST_CORRECTED: Final = 200
# A word that stands alone: parts of identifiers, addresses and paths are never touched, nor is "doesn't". The shortest
# word that can be meant has a letter less than the shortest that can be corrected, as a letter may have been doubled.
_WORD: Final = re.compile(rf"(?<![\w./:@+~-])[^\W\d_]{{{SHORTEST - 1},24}}(?![\w/:@+~-]|[.'’]\w)")


class Speller:
    """Corrects words that a casebook does not have.

    Edits are insertions, deletions, replacements and swaps of neighbours (optimal string alignment). A correction
    shares its first or its last letter with what was written, which all but a few slips do, and which keeps the
    words to compare few.
    """

    def __init__(self, texts: Collection[str], shortest: int = SHORTEST) -> None:
        """Learn the words of a casebook.

        Args:
            texts: what the words stand in.
            shortest: letters of a word that can be corrected; few texts lack common short words, and want more.
        """
        self._shortest = shortest
        known = Counter(fold(word) for text in texts for word in _WORD.findall(text))
        # "can't" is no word to be meant, but makes "cant" a known one, which is not to become "can".
        self._tokens = frozenset(token for text in texts for token in tokens(text))
        self._beginning: dict[str, list[str]] = defaultdict(list)
        self._ending: dict[str, list[str]] = defaultdict(list)
        meant = [word for word, count in known.items() if count >= RECURRING]
        # The first of several that are equally near is taken, so that the commonest comes first.
        for word in sorted(meant, key=lambda word: (-known[word], word)):
            self._beginning[word[0]].append(word)
            self._ending[word[-1]].append(word)

    def correct(self, text: str) -> str:
        """Return a text with its misspelt words replaced by the nearest words of the casebook."""
        left = _MOST_CORRECTED

        def corrected(match: re.Match[str]) -> str:
            nonlocal left
            word = match[0]
            if left <= 0 or len(word) < self._shortest or self._known(word):
                return word
            left -= 1
            return self._nearest(fold(word)) or word

        return _WORD.sub(corrected, text)

    def _known(self, word: str) -> bool:
        return is_identifier(word) or any(token in self._tokens for token in expand(word))

    @lru_cache(maxsize=4096)  # noqa: B019 - one speller lives as long as its process
    def _nearest(self, word: str) -> str | None:
        most = 1 if len(word) < LONG else 2
        best: tuple[float, str] | None = None
        for words in (self._beginning[word[0]], self._ending[word[-1]]):
            found = process.extractOne(word, words, scorer=OSA.distance, score_cutoff=most)
            if found is not None and (best is None or found[1] < best[0]) and not _prefixed(word, found[0]):
                best = (found[1], found[0])
        return best[1] if best else None


def _prefixed(word: str, other: str) -> bool:
    """Tell whether one word is the other with a syllable before it: nobody types "un" by mistake."""
    return abs(len(word) - len(other)) > 1 and (word.endswith(other) or other.endswith(word))
