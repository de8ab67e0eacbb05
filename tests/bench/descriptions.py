"""Descriptions to measure matching with, each with the incidents that an expert would accept for it."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from kb.load import KnowledgeBase

_DATA: Final = Path(__file__).parent.parent / "data"
OPERATORS: Final = _DATA / "operators.jsonl"
RETOLD: Final = _DATA / "retold.jsonl"
UNSEEN: Final = _DATA / "unseen.jsonl"
"""Retold like the others, but nothing is fitted on them, and nobody looks at them to improve an entry."""
FOLDS: Final = 5


class Description(NamedTuple):
    """What somebody wrote, and the ids of the incidents that are right; none of them for what is no incident."""

    text: str
    accept: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether it is about an incident of the casebook."""
        return bool(self.accept)


def halves(path: Path) -> tuple[list[Description], list[Description]]:
    """Return the messages of a file in two halves: one to fit weights on, the other to report."""
    found = list(read(path))
    random.Random(1).shuffle(found)
    return found[::2], found[1::2]


def other_cases() -> list[Description]:
    """Return the cases in the file that BLIP_CASES names, if it names one."""
    path = os.environ.get("BLIP_CASES")
    return list(read(Path(path))) if path else []


def read(path: Path) -> Iterator[Description]:
    """Read `{"text", "accept"}` lines; `["none"]` accepts nothing."""
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield Description(case["text"], frozenset(case["accept"]) - {"none"})


def held_out(knowledge: KnowledgeBase, fold: int) -> tuple[KnowledgeBase, list[Description]]:
    """Return the casebook without every fifth phrasing of each incident, and those phrasings."""
    incidents = {}
    removed: list[Description] = []
    for incident in knowledge.incidents.values():
        numbered = enumerate(text for symptom in incident.symptoms for text in symptom.phrasings)
        out = {text for number, text in numbered if number % FOLDS == fold}
        removed += [Description(text, frozenset({incident.id})) for text in sorted(out)]
        symptoms = tuple(
            symptom.model_copy(update={"phrasings": tuple(text for text in symptom.phrasings if text not in out)})
            for symptom in incident.symptoms
        )
        incidents[incident.id] = incident.model_copy(update={"symptoms": symptoms})
    return replace(knowledge, incidents=incidents), removed


def misspelt(descriptions: Sequence[Description], seed: int = 5) -> list[Description]:
    """Return descriptions with one edit in every third word: a letter lost, doubled, changed or swapped."""
    chance = random.Random(seed)
    return [
        Description(" ".join(_edited(word, number, chance) for number, word in enumerate(text.split(" "))), accept)
        for text, accept in descriptions
    ]


def pasted(descriptions: Sequence[Description], seed: int = 6) -> list[Description]:
    """Return descriptions in the midst of a long paste: twenty operators' messages that are about no incident."""
    chance = random.Random(seed)
    others = [text for text, accept in halves(OPERATORS)[1] if not accept]
    found = []
    for text, accept in descriptions:
        around = chance.sample(others, 20)
        found.append(Description("\n".join([*around[:10], text, *around[10:]]), accept))
    return found


def _edited(word: str, number: int, chance: random.Random) -> str:
    if number % 3 or len(word) < 2:
        return word
    at = chance.randrange(len(word) - 1)
    letter = chance.choice("etaoinshrdlu")
    edits = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return chance.choice(edits)
