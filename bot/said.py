"""How a message is cut into what it says: clauses with their words and polarity, a yes or no, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from kb.concepts import NEGATORS, SMALL_WORDS
from kb.text import expand, stems, tokens, words

_CLAUSE = re.compile(
    r"[.,;!]+(?=\s|$)|[\n()]|\b(?:but|however|although|though|because|except|aber|obwohl|mais|pero)\b", re.IGNORECASE
)
_ASKED = re.compile(r"[^?.!\n]*\?(?=\s|$)")

_YES = re.compile(
    r"\s*(?:(?:yes|yep|yeah|yup|indeed|exactly|ja|jawohl|oui|s[ií])\b|是|(?:true|correct|right)(?=\s*(?:$|[,.;!])))"
    r"[\s,.:;!-]*",
    re.IGNORECASE,
)
# "no, …" and "no it does not" are a no; "no drops" is a clause of its own.
_NO = re.compile(
    r"\s*(?:(?:nope|nah|not at all|nein|non)\b|不|没有|(?:no|false)(?=\s*(?:$|[,.:;!-]))"
    r"|no(?=\s+(?:it|they|we|i|he|the|that|this|there|both|only|just|still|not)\b))[\s,.:;!-]*",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\s*(?:none|nothing|nobody|no ?one|neither|never|nowhere|nichts|niemand|nie|rien|aucune?|jamais|nada|nadie)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\b(?:0 (?:packets (?:captured|received)|flow entries)|no (?:output|results?))\b"
    r"|\b(?:print|show|give|return|find)s? nothing\b",
    re.IGNORECASE,
)
_FINE = re.compile(r"\b(?:without|no) (?:any |a )?(?:problems?|issues?|trouble)\b", re.IGNORECASE)

SKIP: Final = re.compile(
    r"\b(?:skip|n/a|(?:can'?t|can ?not|could ?n[o']?t|(?:un|not )able to) "
    r"(?:run|do|say|tell|check|access|see|log|test|change|try)"
    r"|(?:don'?t|do not) (?:know|have|understand|own)|dunno|unsure|not (?:sure|possible|allowed|permitted)"
    r"|no (?:idea|clue|access|permission|rights|credentials|shell|root)|permission denied|belongs? to"
    r"|command not found|isn'?t installed|keine ahnung|wei(?:ß|ss) (?:ich )?nicht|pas (?:le droit|acc[eè]s)|sais pas"
    r"|no s[eé])\b",
    re.IGNORECASE,
)
"""Words with which people wave a question aside."""
_LATER = re.compile(
    r"\b(?:let me|hold on|give me|(?:one|just a) (?:moment|minute|sec(?:ond)?)|tomorrow|maybe|perhaps|takes a while"
    r"|(?:i'?ll|will) (?:\w+ )?(?:check|look|try|ask|report|get|test|do|see|find)|asking|waiting for|trying (?:it|that)"
    r"|(?:would |have |need )to (?:have|ask|check|look|find)|ask (?:me|my|our|the))\b",
    re.IGNORECASE,
)

# Small elsewhere, but "it goes up", "some of them" and "it is on" are answers.
_ANSWERING: Final = stems("up out on some before after again just too also and")
_NEGATORS: Final = NEGATORS | stems(
    "zero nichts niemand rien aucun aucune nada nadie ningun shouldnt wouldnt aint nope"
)

_ROLES: Final = {
    "tap": re.compile(r"(?:vnet|tap)[\w.-]*\d[\w.-]*|vnet"),
    "bridg": re.compile(r"(?:vm|vir)?br\d+"),
    "uplink": re.compile(r"(?:eth|eno|ens|enp|em|bond)\d[\w.]*"),
    "guest": re.compile(r"vm|instanc"),
    "host": re.compile(r"hypervisor|(?:kvm|host)-?\d+|(?:hv|pve|cmp|node|compute?)(?:-?\d+)?"),
}
"""What the names of devices and machines are, whatever their numbers: operators answer with names."""

Lean = Literal["yes", "no"]
PLAIN: Final[frozenset[str]] = frozenset({"yes", "no"})
"""Wordings of an outcome that a yes or no alone means."""


@dataclass(frozen=True)
class Clause:
    """A part of a message that says one thing."""

    words: frozenset[str]
    """Its words, names of devices and machines as what they are."""
    order: tuple[str, ...]
    """Its words as they are written."""
    negated: bool
    text: str


def clauses(text: str) -> Iterator[Clause]:
    """Yield the clauses of a text that have words which mean something."""
    for piece in _CLAUSE.split(text)[:400]:
        found, negated = content(piece)
        if found:
            yield Clause(in_roles(found), found, negated, piece.strip()[:160])


def content(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the words of a piece of text that mean something, in order, and whether it is negated."""
    found = tokens(text)
    meaning = tuple(word for word in found if word not in _NEGATORS and (word not in SMALL_WORDS or word in _ANSWERING))
    return meaning, any(word in _NEGATORS for word in found)


def unmistakable(found: Iterable[str]) -> frozenset[str]:
    """Return the words that mean something without a question before them."""
    return frozenset(found) - _ANSWERING


def telling(text: str) -> int:
    """Return how many words of a text mean something by themselves; an identifier is one, whatever its parts."""
    return sum(
        any(token not in SMALL_WORDS and token not in _NEGATORS for token in expand(word)) for word in words(text)
    )


def in_roles(found: Iterable[str]) -> frozenset[str]:
    """Return words with the names of devices and machines replaced by what they are."""
    return frozenset(map(_role, found))


@cache
def _role(word: str) -> str:
    return next((role for role, names in _ROLES.items() if names.fullmatch(word)), word)


def opening(text: str) -> tuple[Lean | None, str]:
    """Return the yes or no that a text begins with, if it does, and what else it says."""
    for lean, pattern in (("yes", _YES), ("no", _NO)):
        found = pattern.match(text)
        if found:
            return lean, text[found.end() :]  # type: ignore[return-value]
    return None, text


def denies(text: str) -> bool:
    """Tell whether a text amounts to a no: "none of them", "nothing so far", an output without a line."""
    found, negated = content(text)
    return bool(_NONE.match(text) or _EMPTY.search(text)) or (negated and not found)


def said(text: str) -> str:
    """Return a text without what its writer asks, puts off or does not know."""
    told = _FINE.sub("fine", _ASKED.sub("\n", text))
    pieces = re.split(r"([.,;!]+(?=\s|$)|\n|\bbut\b)", told)
    return "".join(piece for piece in pieces if not (SKIP.search(piece) or _LATER.search(piece)))
