"""How much of what a text says a document says too, as information.

A word tells as much as it surprises: minus the logarithm of the share of documents that hold it, in nats, which is what
its inverse document frequency is (S. Robertson, "Understanding inverse document frequency: on theoretical arguments for
IDF", Journal of Documentation 2004).
"""

from collections.abc import Collection
from typing import NamedTuple

from kb.index.query import Query
from kb.text import is_identifier


class Coverage(NamedTuple):
    """What a document covers of a query: the information of the words they share, and its share of the query's."""

    nats: float
    share: float


def cover(query: Query, held: Collection[int], rarest: float) -> Coverage:
    """Compare a query with the tokens that a document holds.

    A word that no document has was told as well, and is as rare as can be; an address or a name that no document has is
    the writer's own, and nobody else's report could have had it.

    Args:
        query: the text that was asked.
        held: the numbers of the document's tokens.
        rarest: the information of a token that no document has, in nats.
    """
    told: dict[str, float] = {}
    shared: dict[str, float] = {}
    for word, number, nats in zip(query.written, query.numbers.tolist(), query.weights.tolist(), strict=True):
        # An identifier and its parts hang together: the most telling of them stands for the word.
        told[word] = max(told.get(word, 0.0), nats)
        if number in held:
            shared[word] = max(shared.get(word, 0.0), nats)
    unheard = sum(not is_identifier(name) for name in query.unknown)
    whole = sum(told.values()) + unheard * rarest
    nats = sum(shared.values())
    return Coverage(nats, nats / whole if whole else 0.0)
