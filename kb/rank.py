"""Rank any corpus for any queries, so that public collections and public scorers can judge the matcher.

Files have the layout of BEIR (N. Thakur et al., "BEIR: a heterogeneous benchmark for zero-shot evaluation of
information retrieval models", 2021); the result is a run as the TREC evaluation tools read it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kb.errors import InputError
from kb.index import Document, Index
from kb.records import read_records
from kb.reports import FIELDS

_TAG: Final = "blip"


def rank_corpus(corpus: Path, queries: Path, run: Path, depth: int = 100) -> int:
    """Write the best `depth` documents of a corpus for every query as a TREC run, and return the number of queries.

    A corpus line is `{"_id", "title", "text"}` (the title may be missing), a query line `{"_id", "text"}`. A document
    with the id of the query is the query itself, in collections of duplicates, and is left out. The run appears whole
    or not at all.

    Raises:
        InputError: A file cannot be read or written, or a line is malformed; the text begins with path:line.
    """
    if depth < 1:
        raise InputError(f"depth must be at least 1, not {depth}")
    index = Index.build(_documents(corpus), FIELDS)
    # Beside the run, so that the rename at the end stays on one file system.
    unfinished = run.with_name(f".{run.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            amount = 0
            for record in read_records(queries):
                out.writelines(_ranked(index, record.name("_id"), record.text("text"), depth))
                amount += 1
        unfinished.replace(run)
    except OSError as error:
        raise InputError(f"{run}: cannot be written ({error.strerror})") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return amount


def _documents(corpus: Path) -> Iterator[Document]:
    seen: set[str] = set()
    for record in read_records(corpus):
        name = record.name("_id")
        if name in seen:
            raise record.wrong(f'"_id" {name} is that of an earlier line')
        seen.add(name)
        yield Document(name, {"title": record.text("title", ""), "text": record.text("text")})


def _ranked(index: Index, query: str, text: str, depth: int) -> Iterator[str]:
    # One more than wanted, as the query itself may be among them.
    others = (hit for hit in index.search(text, depth + 1) if hit.id != query)
    for rank, hit in zip(range(1, depth + 1), others, strict=False):
        yield f"{query} Q0 {hit.id} {rank} {hit.score:.9f} {_TAG}\n"
