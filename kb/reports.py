"""Hold imported bug reports beside the casebook: not known incidents, but reports that read alike.

A file of a million reports is read once, as a stream, and becomes a directory that every process maps into memory.
"""

from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Final, NamedTuple, Self

from kb.errors import StoredIndexError
from kb.index import Document, Hit, Index, Reason
from kb.index.arrays import StringCollector, Strings, load_arrays, save_arrays
from kb.records import read_records

FIELDS: Final = {"title": 3.0, "text": 1.0}
"""The fields of a report, and what a word in each is worth: a title is the reporter's own summary."""

COVERED: Final = 0.4
"""The share of a text's information that a report covers before the two read alike.

Much lower, and more than one in twenty reports of one program would find a report of quite another: measured between
two public collections of bug reports with their duplicates.
"""
CHANCE: Final = 0.01
"""How many reports of the collection may be expected to share the same words by accident.

It keeps out what is covered only because it says so little: one word is covered by every report that holds it.
"""

_TELLING: Final = 0.25
"""The part of what the most telling word says that a word says at least before it is named."""
_EXPECTED: Final = "expected a directory that `blip reports build` wrote"


class FoundReport(NamedTuple):
    """An imported report that reads like a text; `score` and `because` are those of `kb.index.Hit`."""

    id: str
    title: str
    url: str
    score: float
    because: tuple[Reason, ...]

    @property
    def shared(self) -> tuple[str, ...]:
        """The words of the text that the report holds, those that say most first, without those that say little."""
        least = self.because[0].score * _TELLING if self.because else 0.0
        return tuple(dict.fromkeys(reason.word for reason in self.because if reason.score >= least))


class Reports:
    """Imported reports that can be searched by a text."""

    def __init__(self, index: Index, titles: Strings, urls: Strings) -> None:
        self._index, self._titles, self._urls = index, titles, urls

    def __len__(self) -> int:
        return len(self._index)

    @classmethod
    def read(cls, source: Path) -> Self:
        """Index a file of `{"id", "title", "text", "url"}` lines; all but the id may be missing.

        Raises:
            InputError: A line is not such an object; the text begins with path:line.
        """
        titles, urls = StringCollector(), StringCollector()

        def documents() -> Iterator[Document]:
            for record in read_records(source):
                title = record.text("title", "")
                titles.add(title)
                urls.add(record.text("url", ""))
                yield Document(record.name("id"), {"title": title, "text": record.text("text", "")})

        index = Index.build(documents(), FIELDS)
        return cls(index, titles.strings(), urls.strings())

    def save(self, directory: Path) -> None:
        """Write the reports as a directory that any number of processes can load and share.

        Raises:
            StoredIndexError: The directory exists and holds something else.
        """
        arrays = self._index.arrays() | self._titles.arrays("titles") | self._urls.arrays("urls")
        save_arrays(directory, arrays, self._index.facts())

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Map saved reports into memory, which reads almost nothing of them until they are searched.

        Raises:
            StoredIndexError: There are none, or they are damaged or of another version.
        """
        try:
            arrays, facts = load_arrays(directory)
        except StoredIndexError as error:
            raise StoredIndexError(f"{error}; {_EXPECTED}") from error
        try:
            index = Index.of_arrays(arrays, facts)
            titles, urls = Strings.of_arrays(arrays, "titles"), Strings.of_arrays(arrays, "urls")
            if not len(index) == len(titles) == len(urls):
                raise ValueError("its parts do not fit each other")
        except (KeyError, TypeError, ValueError) as error:
            raise StoredIndexError(f"{directory}: holds no reports ({error}); {_EXPECTED}") from error
        return cls(index, titles, urls)

    def search(self, text: str, limit: int = 5) -> list[FoundReport]:
        """Return at most `limit` reports that share a word with the text, the most alike first.

        Raises:
            StoredIndexError: The saved reports are damaged.
        """
        return [self._found(hit) for hit in self._index.search(text, limit)]

    def alike(self, text: str, limit: int) -> list[FoundReport]:
        """Return those of the `limit` most alike reports that are worth a look unasked; often there is none.

        A report is when it covers enough of what the text tells, in words that hardly meet by accident: words that come
        independently of each other stand together in exp(-nats) of all reports.

        Raises:
            StoredIndexError: The saved reports are damaged.
        """
        query = self._index.read(text)
        surprising = log(max(1, len(self)) / CHANCE)

        def reads_alike(hit: Hit) -> bool:
            covered = self._index.coverage(query, hit.number)
            return covered.share >= COVERED and covered.nats >= surprising

        return [self._found(hit) for hit in self._index.search(text, limit) if reads_alike(hit)]

    def _found(self, hit: Hit) -> FoundReport:
        return FoundReport(hit.id, self._titles[hit.number], self._urls[hit.number], hit.score, hit.because)
