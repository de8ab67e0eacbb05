"""Hold imported bug reports beside the casebook: not known incidents, but reports that read alike.

A file of a million reports is read once, as a stream, and becomes a directory that every process maps into memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, Self

from kb.errors import StoredIndexError
from kb.index import Document, Index, Reason
from kb.index.arrays import StringCollector, Strings, load_arrays, save_arrays
from kb.records import read_records

FIELDS: Final = {"title": 3.0, "text": 1.0}
"""The fields of a report, and what a word in each is worth: a title is the reporter's own summary."""


class FoundReport(NamedTuple):
    """An imported report that reads like a text; `score` and `because` are those of `kb.index.Hit`."""

    id: str
    title: str
    url: str
    score: float
    because: tuple[Reason, ...]


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
        arrays, facts = load_arrays(directory)
        try:
            return cls(
                Index.of_arrays(arrays, facts), Strings.of_arrays(arrays, "titles"), Strings.of_arrays(arrays, "urls")
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoredIndexError(f"{directory}: holds no reports ({error}); build them again") from error

    def search(self, text: str, limit: int = 5) -> list[FoundReport]:
        """Return at most `limit` reports that share a word with the text, the most alike first.

        Raises:
            StoredIndexError: The saved reports are damaged.
        """
        return [
            FoundReport(hit.id, self._titles[hit.number], self._urls[hit.number], hit.score, hit.because)
            for hit in self._index.search(text, limit)
        ]
