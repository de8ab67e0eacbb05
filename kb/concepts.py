"""Words of the trade: the concepts of `vocabulary.yaml`, and which of them a text speaks of.

Different people say "deaf", "gone", "fell off" or "nicht erreichbar" of the same thing. A concept gathers such ways, so
that descriptions that share no word can still share a meaning.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from kb.text import stems, tokens

VOCABULARY: Final = Path(__file__).with_name("vocabulary.yaml")
SLACK: Final = 2
"""How many other words may stand between the words of a way."""

SMALL_WORDS: Final = stems(
    "a an the it its is are was were be been am do does did to of on in at for from with and or that this these those "
    "i we you they he she my our your their there then so as by if has have had will would can could just very also "
    "too any some into up out which who when what how after before again since get gets got"
)
FOREIGN_SMALL_WORDS: Final = stems(
    "der das den dem des ein eine einem einen einer eines und oder aber ist sind war waren wird werden wurde wurden "
    "hat haben habe hatte ich wir sie ihr er es mich uns zu zum zur mit auf von vom fur uber unter nach vor bei "
    "beim aus durch auch noch nur schon mehr wenn dann als wie sich bis dass weil seit kann man sehr alle le la les "
    "un une du et est sont dans sur pour par avec que qui ce cette ces se son sa ses au aux il elle nous vous je "
    "mais ou si tout toute tous toutes comme fait faire meme deja depuis apres quand ai ont etait peut el los las "
    "una uno y en con por para su sus lo al del como pero mas ya cuando desde hay esta este esto entre sobre tras "
    "tiene muy os um uma em na nas com e ao ja depois quando pela pelo seu sua nao sao foi ele ela de da"
)
"""Without accents. They say only which language it is, and whose entry has most sentences in that language."""
NEGATORS: Final = stems(
    "no not never none nothing nobody neither nor without cant cannot dont doesnt didnt isnt arent wasnt werent wont "
    "hasnt havent hadnt couldnt kein keine keinen nicht nie ohne pas jamais sans nunca sin"
)
_ARTICLES: Final = frozenset({"a", "an", "the"})
_CLAUSE = re.compile(r"[.;!?\n]+(?:\s|$)|,\s|\s-\s|\bbut\b|\baber\b|\bmais\b|\bpero\b", re.IGNORECASE)
_MAX_CLAUSES: Final = 400


class Way(NamedTuple):
    """One way to say a concept: stems that must all stand close together."""

    concept: str
    stems: frozenset[str]
    text: str
    negated: bool
    phrase: str
    """The whole way, where without its small words it would say something else: "some guests" is not "guests"."""


@cache
def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Return the ways to say each concept, as the file has them."""
    data = yaml.load(VOCABULARY.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {concept: tuple(str(way) for way in ways) for concept, ways in data.items()}


@cache
def _ways() -> Mapping[str, tuple[Way, ...]]:
    """Return all ways, each under one of its stems."""
    by_stem: dict[str, list[Way]] = defaultdict(list)
    for concept, texts in vocabulary().items():
        for text in texts:
            written = tokens(text)
            found = [word for word in written if word not in SMALL_WORDS]
            if found:
                hollow = len(found) < len(written) and len(set(found) - NEGATORS) == 1
                way = Way(
                    concept, frozenset(found), text, bool(NEGATORS & set(found)), _joined(written) if hollow else ""
                )
                by_stem[min(found, key=lambda word: (word in NEGATORS, -len(word)))].append(way)
    return {stem: tuple(ways) for stem, ways in by_stem.items()}


def concepts(text: str) -> dict[str, str]:
    """Return the concepts that a text speaks of, each with the way it was said.

    A way does not count when the words before it deny it ("is not slow"), unless the denial is part of it.
    """
    found: dict[str, str] = {}
    ways = _ways()
    for clause in _CLAUSE.split(text)[:_MAX_CLAUSES]:
        written = tokens(clause)
        phrase = _joined(written)
        telling = [word for word in written if word not in SMALL_WORDS]
        present = set(telling)
        for position, word in enumerate(telling):
            for way in ways.get(word, ()):
                if (
                    way.concept not in found
                    and way.stems <= present
                    and way.phrase in phrase
                    and _close(way, telling, position)
                ):
                    found[way.concept] = way.text
    return found


def _joined(stems: Iterable[str]) -> str:
    """Return stems as one text, articles left out, in which a phrase is found whole."""
    return f" {' '.join(word for word in stems if word not in _ARTICLES)} "


def _close(way: Way, stems: list[str], position: int) -> bool:
    """Tell whether the words of a way stand together around a position, and are not denied."""
    reach = len(way.stems) + SLACK
    near = stems[max(0, position - reach) : position + reach + 1]
    if len(way.stems) > 1 and not way.stems <= set(near):
        return False
    return way.negated or not NEGATORS & set(stems[max(0, position - 2) : position])
