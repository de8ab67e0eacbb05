"""Find the documents of a collection that read like a text, and say which words earned it.

Two stages, apart so that the first can come from elsewhere: `candidates` reads the postings of the query's tokens and
keeps the best few hundred documents; `rank` looks at those alone and closely. A rank is the sum of three likenesses,
each from 0 to 1 and each blind where another sees:

- words: BM25 over weighted fields, as a share of what the query could earn at best (S. Robertson, H. Zaragoza, "The
  probabilistic relevance framework: BM25 and beyond", 2009);
- sense: the cosine of latent semantic analysis (`kb.index.latent`);
- spelling: the soft cosine of character n-grams (`kb.index.spelling`), at half weight because it repeats much of the
  words.

A plain sum of independent scores is hard to beat when nothing may be tuned (E. A. Fox, J. A. Shaw, "Combination of
multiple searches", TREC 1994). One set of constants serves every collection; none was fitted to one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from kb.errors import StoredIndexError
from kb.index.arrays import Array, Strings, load_arrays, save_arrays
from kb.index.collect import Document, collect
from kb.index.coverage import Coverage, cover
from kb.index.latent import Latent, fit_latent
from kb.index.postings import Postings, invert, top
from kb.index.query import Query, read_query
from kb.index.spelling import Spelling, learn_spelling
from kb.index.vocabulary import Vocabulary
from kb.index.weighing import Entries, Weighing

__all__ = ["Coverage", "Document", "Hit", "Index", "Likeness", "Query", "Reason"]

_Scores = npt.NDArray[np.float64]

_SHARES: Final = np.array((1, 1, 0.5)) / 2.5
_SHARING: Final = 1_000
_CANDIDATES: Final = 200
_CANDIDATES_A_HIT: Final = 2


class Reason(NamedTuple):
    """A word of the query that a document holds, in which field, and its part of the likeness in words."""

    word: str
    field: str
    score: float


class Likeness(NamedTuple):
    """How alike a document and the query are, seen in three ways, each from 0 to 1."""

    words: float
    sense: float
    spelling: float


class Hit(NamedTuple):
    """A document that reads like the query, by its id and by its number in the collection, counted from 0.

    `score` lies between 0 and 1 and is the weighted mean of its likenesses; it means the same from query to query.
    `because` lists what earned the likeness in words, most first.
    """

    id: str
    number: int
    score: float
    likeness: Likeness
    because: tuple[Reason, ...]


class Index:
    """A collection of documents that can be searched by a text; it does not change once it is built."""

    def __init__(
        self,
        fields: Sequence[str],
        ids: Strings,
        vocabulary: Vocabulary,
        weighing: Weighing,
        postings: Postings,
        sense: Latent,
        letters: Spelling,
    ) -> None:
        self.fields, self.ids = tuple(fields), ids
        self._vocabulary, self._weighing, self._postings = vocabulary, weighing, postings
        self._sense, self._letters = sense, letters

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def build(cls, documents: Iterable[Document], weights: Mapping[str, float]) -> Self:
        """Index documents, read once as a stream, whose fields weigh as much as `weights` says.

        Raises:
            ValueError: A document has a field without a weight.
        """
        counts = collect(documents, tuple(weights))
        vocabulary = Vocabulary.of(counts.tokens)
        letters = learn_spelling(counts.tokens)
        weighing = Weighing.of(counts, tuple(weights.values()))
        gains = weighing.gains()
        size = len(counts.tokens)
        postings = invert(weighing.start, weighing.token, gains, size)
        gains *= weighing.idf[weighing.token]
        sense = fit_latent(weighing.start, weighing.token, gains, size)
        return cls(tuple(weights), counts.ids, vocabulary, weighing, postings, sense, letters)

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """Return at most `limit` documents that share a word with the text, best first.

        Any text is a query: an empty one finds nothing, and a huge one is searched by its most telling tokens.

        Raises:
            StoredIndexError: The saved index that this one was loaded from is damaged.
        """
        query = self.read(text)
        return self.rank(query, self.candidates(query, max(_CANDIDATES, _CANDIDATES_A_HIT * limit)), limit)

    def read(self, text: str) -> Query:
        """Read a text as a query of this collection."""
        return read_query(text, self._vocabulary, self._weighing.idf)

    def candidates(self, query: Query, amount: int) -> npt.NDArray[np.int64]:
        """Return the numbers of the documents that are worth ranking, in rising order: the first stage.

        Of the documents that share the most telling words, those are kept that are also near in sense: both are known
        without looking into a document.
        """
        with _damage_told():
            sharing, words = self._postings.best(query.numbers, query.weights, len(self), max(amount, _SHARING))
            nearness = self._meaning(query, sharing)
            return sharing[top(words / max(query.weights.sum(), 1e-12) + nearness, amount)]

    def rank(self, query: Query, documents: npt.NDArray[np.int64], limit: int) -> list[Hit]:
        """Return the best of some documents, with their reasons: the second stage.

        Equal scores keep the order of the documents in the collection.
        """
        if not len(documents) or not len(query.numbers):
            return []
        with _damage_told():
            entries = self._weighing.entries(documents)
            likeness = np.stack(
                (
                    self._words(query, entries, len(documents)),
                    self._meaning(query, documents),
                    self._letters_shared(query, entries, len(documents)),
                )
            )
            scores = _SHARES @ likeness
            best = np.argsort(-scores, kind="stable")[:limit]
            return [
                Hit(
                    self.ids[int(documents[place])],
                    int(documents[place]),
                    float(scores[place]),
                    Likeness(*likeness[:, place].tolist()),
                    self._reasons(query, entries, place),
                )
                for place in best.tolist()
            ]

    def coverage(self, query: Query, document: int) -> Coverage:
        """Return how much of the query's information a document holds, by the document's number.

        Raises:
            StoredIndexError: The saved index that this one was loaded from is damaged.
        """
        with _damage_told():
            entries = self._weighing.entries(np.array([document]))
            return cover(query, set(entries.token.tolist()), float(self._weighing.idf.max()))

    def save(self, directory: Path) -> None:
        """Write the index as a directory that any number of processes can load and share.

        Raises:
            StoredIndexError: The directory exists and is no saved index.
        """
        save_arrays(directory, self.arrays(), self.facts())

    def arrays(self) -> dict[str, Array]:
        """Return all there is to save, for an index that is saved as part of something larger."""
        arrays = self.ids.arrays("ids")
        for part, held in self._parts().items():
            arrays |= {f"{part}.{name}": array for name, array in held._asdict().items()}
        return arrays

    def facts(self) -> dict[str, object]:
        """Return what belongs beside `arrays` when they are saved."""
        return {"fields": list(self.fields)}

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Map a saved index into memory, which reads almost nothing of it until it is searched.

        Raises:
            StoredIndexError: There is none, or it is damaged or of another version.
        """
        arrays, facts = load_arrays(directory)
        try:
            return cls.of_arrays(arrays, facts)
        except (KeyError, TypeError, ValueError) as error:
            raise StoredIndexError(f"{directory}: not an index of documents ({error}); build it again") from error

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> Self:
        """Make an index of its `arrays` and `facts`, among which may be others.

        Raises:
            KeyError: One of them is missing.
            TypeError: One of them is not of the index of this version.
            ValueError: They do not fit each other.
        """

        def part(name: str) -> dict[str, Array]:
            return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}

        index = cls(
            [str(field) for field in facts["fields"]],
            Strings.of_arrays(arrays, "ids"),
            Vocabulary(**part("vocabulary")),
            Weighing(**part("weighing")),
            Postings(**part("postings")),
            Latent(**part("sense")),
            Spelling(**part("letters")),
        )
        index._refuse_misfits()
        return index

    def _refuse_misfits(self) -> None:
        """Compare sizes, which costs nothing; numbers inside the arrays are told when a search meets them."""
        size, weighing, postings, letters = len(self._weighing.idf), self._weighing, self._postings, self._letters
        owners = (
            (weighing.start, weighing.token, len(self)),
            (postings.start, postings.document, size),
            (letters.start, letters.gram, size),
        )
        fitting = all(len(start) == amount + 1 and start[-1] == len(owned) for start, owned, amount in owners)
        if not fitting or len(self._sense.row) != size or len(self._sense.documents) != len(self):
            raise ValueError("its parts do not fit each other")

    def _parts(self) -> dict[str, Vocabulary | Weighing | Postings | Latent | Spelling]:
        return {
            "vocabulary": self._vocabulary,
            "weighing": self._weighing,
            "postings": self._postings,
            "sense": self._sense,
            "letters": self._letters,
        }

    def _words(self, query: Query, entries: Entries, amount: int) -> _Scores:
        weight = np.zeros(len(self._weighing.idf))
        weight[query.numbers] = query.weights / query.weights.sum()
        return np.asarray(np.bincount(entries.place, weight[entries.token] * entries.gain, amount), np.float64)

    def _meaning(self, query: Query, documents: npt.NDArray[np.int64]) -> _Scores:
        vector = self._sense.query(query.numbers, query.weights)
        return np.maximum(self._sense.nearness(vector, documents), 0)

    def _letters_shared(self, query: Query, entries: Entries, amount: int) -> _Scores:
        tokens, at = _distinct(entries.token, len(self._weighing.idf))
        # A token that no document has is as rare as can be.
        rarest = float(self._weighing.idf.max())
        wanted = [*zip(query.names, query.weights.tolist(), strict=True), *((name, rarest) for name in query.unknown)]
        weight = self._weighing.idf[entries.token] * entries.gain
        shared = np.bincount(entries.place, weight * self._letters.likeness(wanted, tokens)[at], amount)
        length = np.sqrt(np.bincount(entries.place, weight * weight, amount))
        return np.asarray(shared / np.maximum(length, 1e-12), np.float64)

    def _reasons(self, query: Query, entries: Entries, place: int) -> tuple[Reason, ...]:
        of_token = dict(zip(query.numbers.tolist(), range(len(query.numbers)), strict=True))
        whole = float(query.weights.sum())
        # The parts of an identifier are one word to the person who wrote it.
        earned: dict[tuple[str, str], float] = {}
        for entry in range(*np.searchsorted(entries.place, (place, place + 1)).tolist()):
            at = of_token.get(int(entries.token[entry]))
            if at is not None:
                shares = (entries.by_field[entry] * (query.weights[at] / whole)).tolist()
                for field, score in zip(self.fields, shares, strict=True):
                    key = (query.written[at], field)
                    earned[key] = earned.get(key, 0.0) + score
        reasons = (Reason(*key, score) for key, score in earned.items() if score)
        return tuple(sorted(reasons, key=lambda reason: -reason.score))


def _distinct(tokens: npt.NDArray[np.int32], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return the distinct numbers below `size` and where each given one stands among them, without sorting."""
    present = np.zeros(size, bool)
    present[tokens] = True
    distinct = np.flatnonzero(present)
    at = np.empty(size, np.int32)
    at[distinct] = np.arange(len(distinct), dtype=np.int32)
    return distinct, at[tokens]


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what NumPy says of numbers out of range, which only a damaged file holds, into the error for that."""
    try:
        yield
    except (IndexError, ValueError) as error:
        raise StoredIndexError(f"the index holds numbers that cannot be ({error}); build it again") from error
