"""Read a text as a query: its tokens that can be looked up, and which words of the text they came from."""

from collections import Counter
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kb.index.vocabulary import Vocabulary
from kb.text import expand, words

_MOST: Final = 128


class Query(NamedTuple):
    """The tokens of a text that a collection knows, with their weights, and some that it does not know.

    `written[i]` is the word that gave token `names[i]`, numbered `numbers[i]`. Unknown tokens still say something by
    their spelling.
    """

    names: list[str]
    written: list[str]
    numbers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    unknown: list[str]


def read_query(text: str, vocabulary: Vocabulary, idf: npt.NDArray[np.float32]) -> Query:
    """Read a text of any size as a query of bounded size.

    Repetition chooses the tokens of a text that has too many, and weighs nothing after that: a pasted log says the
    same thing a thousand times, and says it no louder for that.
    """
    seen: dict[str, str] = {}
    times: Counter[str] = Counter()
    for word, count in Counter(words(text)).items():
        for token in expand(word):
            seen.setdefault(token, word)
            times[token] += count
    names = list(seen)
    numbers = vocabulary.find(names)
    known = np.flatnonzero(numbers >= 0)
    worth = idf[numbers[known]] * (1 + np.log([times[names[at]] for at in known]))
    # In the order of the text again, so that equal tokens and texts give equal sums.
    kept = np.sort(known[np.argsort(-worth, kind="stable")[:_MOST]])
    unknown = [names[at] for at in np.flatnonzero(numbers < 0)[:_MOST]]
    weights = idf[numbers[kept]].astype(np.float64)
    return Query([names[at] for at in kept], [seen[names[at]] for at in kept], numbers[kept], weights, unknown)
