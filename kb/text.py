"""Cut text into the tokens that the casebook and its indexes compare.

Operators paste prose, log lines, identifiers and versions in one message, so a token keeps what each of them means: a
word becomes its stem, an identifier stays whole *and* gives its parts, an address stays whole only, and scripts
without spaces give pairs of characters. The text is hostile until shown otherwise: every pattern here is linear, every
token has a bounded length, and the one cache has a bounded size.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Final, Literal

import Stemmer

MAX_WORD: Final = 64
"""Characters of one unbroken word; a longer one (base64, a hex dump) is cut into pieces of this length."""

_MAX_CACHED: Final = 400_000
_MAX_LINE: Final = 400

# Marks that change the letter before them and signs that show nothing, with the scripts whose vowels are such marks:
# `\w` alone would cut words in two at each of them.
_INVISIBLE: Final = "\u00ad\u200b-\u200d\u2060\ufeff"
_LETTER: Final = rf"[\w\u0300-\u036f\u0900-\u0963\u0966-\u109f\u1780-\u17ff{_INVISIBLE}]"
_WORD: Final = re.compile(rf"{_LETTER}{{1,{MAX_WORD}}}(?:[-._:/+@~'’]{_LETTER}{{1,{MAX_WORD}}}){{0,7}}")
_HIDDEN: Final = re.compile(rf"[{_INVISIBLE}]")

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul.
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")

_JOINT: Final = re.compile(r"[-._:/+@~'’]+")
_CAMEL: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_DIGITS: Final = re.compile(r"[0-9]+")
# MAC, IP and PCI addresses, UUIDs, dates and clock times: their pieces mean nothing alone.
_OPAQUE: Final = re.compile(r"[0-9a-f]{1,12}(?:[-:.][0-9a-f]{1,12}){2,7}(?:/[0-9]+)?|0x[0-9a-f]+|[0-9]+(?:[.:][0-9]+)*")
_DIGEST: Final = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6,}")

# Snowball leaves a plural without a vowel alone, and this one is the commonest noun of the trade.
_PLURALS: Final = {"vms": "vm"}

_STEMMER: Final = Stemmer.Stemmer("english", 0)
_STEMMING: Final = threading.Lock()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in its order.

    An identifier gives itself and then its parts (`nf_conntrack` -> `nf_conntrack`, `nf`, `conntrack`), so that both
    the exact name and a looser wording of it can match.
    """
    return list(chain.from_iterable(map(expand, words(text))))


def words(text: str) -> list[str]:
    """Return the words and identifiers of a text as they are written, punctuation between them removed."""
    return _WORD.findall(text)


def expand(word: str) -> tuple[str, ...]:
    """Return the tokens of one word of `words`, remembered for the next time it is seen."""
    return _KNOWN[word]


def stem(word: str) -> str:
    """Return the Snowball English stem of a word in lower case.

    The method is Porter's (M. F. Porter, "Snowball: a language for stemming algorithms", 2001). Only plain Latin
    letters are stemmed: identifiers and other scripts come back unchanged.
    """
    if not (word.isascii() and word.isalpha()):
        return word
    if word in _PLURALS:
        return _PLURALS[word]
    # One stemmer holds one buffer, so that two threads may not use it at once.
    with _STEMMING:
        stemmed: str = _STEMMER.stemWord(word)
    return stemmed


def stems(words: str) -> frozenset[str]:
    """Return the stems of words in lower case, given in one text with blanks between them."""
    return frozenset(map(stem, words.split()))


def fold(word: str) -> str:
    """Return a word without differences that people do not mean: width, case, accents, invisible signs.

    Accents fall because operators type without them as often as with them; in unspaced scripts the marks are letters
    and stay.
    """
    if word.isascii():
        return word.lower()
    # casefold can leave NFKC (and NFKC undo a fold), so it stands between two of them, as Unicode's own rule has it.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _HIDDEN.sub("", word)).casefold())
    return "".join(_without_accents(run) for run in _RUN.findall(folded))


def is_identifier(word: str) -> bool:
    """Say whether a word is a name, version, number or address rather than a word of a language.

    Such words are never spelling mistakes of other words.
    """
    bare = word.strip("'’")
    return any(not (sign.isalpha() or sign in "'’" or unicodedata.combining(sign)) for sign in bare) or bool(
        _CAMEL.search(bare)
    )


def _without_accents(run: str) -> str:
    if run.isascii() or re.match(f"[{_UNSPACED}]", run):
        return run
    apart = unicodedata.normalize("NFKD", run)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


class _Expansions(dict[str, tuple[str, ...]]):
    """Tokens of the words seen so far; forgets all of them when full, which costs less than keeping order."""

    def __missing__(self, word: str) -> tuple[str, ...]:
        if len(self) >= _MAX_CACHED:
            self.clear()
        # Folding can turn one sign into several words ("㏂", "½"), hence words once more.
        if word.isascii():
            found = tuple(_expand(word))
        else:
            plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", word))
            found = tuple(chain.from_iterable(_expand(piece) for piece in _WORD.findall(plain)))
        self[word] = found
        return found


_KNOWN: Final = _Expansions()


def _expand(word: str) -> Iterator[str]:
    """Yield the tokens of one word that is in composed form."""
    whole = fold(word)
    if whole.isalpha() and whole.isascii() and not _CAMEL.search(word):
        yield stem(whole)
        return
    if _OPAQUE.fullmatch(whole):
        yield whole
        return
    runs = _RUN.findall(whole)
    if len(runs) > 1 or not runs or re.match(f"[{_UNSPACED}]", whole):
        for run in runs:
            yield from _pairs(run) if re.match(f"[{_UNSPACED}]", run) else _expand(run)
        return
    yield from _split(word, whole)


def _pairs(run: str) -> Iterator[str]:
    """Yield the overlapping pairs of characters of a run in a script without spaces, or its only character."""
    yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))


def _split(word: str, folded: str) -> Iterator[str]:
    """Yield an identifier and its parts, or the plain words that an apostrophe or a hyphen joins."""
    plain = _apostrophe(folded)
    whole = stem(plain.strip("_"))[: 2 * MAX_WORD]
    yield from dict.fromkeys(token for token in (whole, *_parts(word if plain == folded else plain)) if token)


def _apostrophe(word: str) -> str:
    """Return a folded word without its English apostrophe: the host's -> the host, doesn't -> doesnt."""
    straight = word.replace("’", "'")
    return straight.removesuffix("'s").replace("n't", "nt")


def _parts(word: str) -> Iterator[str]:
    """Yield the meaningful parts of an identifier: no single letters, no bare short numbers, no hex digests."""
    for piece in _JOINT.split(word.replace("_", "-")):
        for hump in _CAMEL.split(piece):
            part = fold(hump)
            if _DIGEST.fullmatch(part):
                continue
            letters = [run for run in _DIGITS.split(part) if len(run) > 1]
            if part not in letters and len(part) > 2:
                yield part
            yield from map(stem, letters)


Kind = Literal["prose", "log"]

_STAMP: Final = re.compile(
    r"\s*(?:\[ *[0-9]+\.[0-9]+\]"  # kernel ring buffer
    r"|<[0-9]{1,3}>"  # syslog priority
    r"|[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:"
    r"|[0-9]{1,2}:[0-9]{2}:[0-9]{2}[.,]?[0-9]* "
    r"|[A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9]{2}:[0-9]{2})"
)
_SETTING: Final = re.compile(r"[\w.-]{1,40}[=:][^\s,;]{1,80}")


def kind_of_line(line: str) -> Kind:
    """Say whether a line was written by a person or by a machine.

    A machine's line begins with a time stamp, or is mostly settings, numbers and signs. Only the first few hundred
    characters are looked at: the rest of a line is of the same kind.
    """
    line = line[:_MAX_LINE]
    if _STAMP.match(line):
        return "log"
    pieces = line.split()
    if not pieces:
        return "prose"
    settings = sum(1 for piece in pieces if _SETTING.fullmatch(piece))
    plain = sum(1 for piece in pieces if piece.strip(".,;:!?()\"'’").replace("'", "").isalpha())
    return "log" if settings * 3 >= len(pieces) > 1 or plain * 2 < len(pieces) > 3 else "prose"
