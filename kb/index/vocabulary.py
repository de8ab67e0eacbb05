"""Number the tokens of a collection in arrays that can be mapped into memory."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt


class Vocabulary(NamedTuple):
    """Tokens by a 64-bit hash: `number[i]` is the token whose hash is `digest[i]`, and the hashes are in order.

    The strings themselves are not needed to answer a question. Two of a million tokens share a hash once in forty
    million collections, and would then merely count as one word.
    """

    digest: npt.NDArray[np.uint64]
    number: npt.NDArray[np.int32]

    @classmethod
    def of(cls, tokens: Iterable[str]) -> Self:
        """Number tokens in their order, from 0."""
        digest = _digests(tokens)
        order = np.argsort(digest, kind="stable")
        return cls(digest[order], order.astype(np.int32))

    def find(self, tokens: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return the number of each token, -1 for one that the collection does not have."""
        wanted = _digests(tokens)
        if not len(self.digest):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self.digest, wanted), len(self.digest) - 1)
        return np.where(self.digest[at] == wanted, self.number[at], -1).astype(np.int64)


def _digests(tokens: Iterable[str]) -> npt.NDArray[np.uint64]:
    # Python's own hash differs from process to process, and the index is shared between them.
    packed = b"".join(blake2b(token.encode("utf-8", "replace"), digest_size=8).digest() for token in tokens)
    return np.frombuffer(packed, np.uint64)
