"""How answers to checks are understood: rightly, not at all (and so asked back), or wrongly.

Every answer was written by itself for one check, as an operator might type it right after the question; what is no
answer must not be taken for one. Beside them stand the facts that messages tell in passing, and what becomes of such a
message when it comes right after a question. Run it with `python -m tests.bench.answers`; `--show` lists what goes
wrong in every second line, so that the other half stays unseen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bot.evidence import read_text
from bot.understand import Understanding
from kb.load import KnowledgeBase, load
from kb.records import read_records
from tests.bench.descriptions import RETOLD, Description, misspelt
from tests.bench.table import Table, share

ANSWERS: Final = Path(__file__).parent.parent / "data" / "answers.jsonl"
TOLD: Final = ANSWERS.with_name("told.jsonl")
"""What the messages of `retold.jsonl` say about some checks that nobody asked."""


class Answer(NamedTuple):
    """What somebody wrote after a question, and the outcome that it means; None for what is no answer."""

    id: str
    check: str
    text: str
    outcome: str | None


Reader = Callable[[Answer], str | None]


def run() -> list[Table]:
    """Return the table of answers."""
    knowledge = load()
    given = answers()
    understanding = Understanding(knowledge)
    words, unasked = _words(understanding), _unasked(understanding)
    rows = [
        ["right after the question, its words", *_measured(words, given)],
        ["… of the first and every second line", *_measured(words, given[::2])],
        ["… of the other lines, which `--show` leaves unseen", *_measured(words, given[1::2])],
        ["… and what pasted output shows", *_measured(_words_and_output(words, knowledge), given)],
        ["… its words, an edit in every third", *_measured(words, list(_misspelt(given)))],
        ["with no question before it", *_measured(unasked, given)],
    ]
    meant = sum(answer.outcome is not None for answer in given)
    title = f"Answers to checks ({meant} answers, {len(given) - meant} that are none)"
    return [Table(title, ["how it is read", *_MEASURES], rows), _told_table(understanding)]


_MEASURES: Final = ("right", "asked back", "wrong", "no answer, taken for one")


def answers() -> list[Answer]:
    """Return the answers that were kept apart from the checks' own wordings."""
    lines = ANSWERS.read_text(encoding="utf-8").splitlines()
    return [Answer(**json.loads(line)) for line in lines]


def _words(understanding: Understanding) -> Reader:
    return lambda answer: understanding.read(answer.text, answer.check).findings.get(answer.check)


def _unasked(understanding: Understanding) -> Reader:
    return lambda answer: understanding.read(answer.text, None).findings.get(answer.check)


def _words_and_output(words: Reader, knowledge: KnowledgeBase) -> Reader:
    """Read as a conversation does, where output that shows an outcome outweighs words that say one."""

    def reader(answer: Answer) -> str | None:
        shown = read_text(answer.text, knowledge).findings.get(answer.check)
        return shown.outcome if shown is not None else words(answer)

    return reader


def _misspelt(given: Sequence[Answer]) -> Iterator[Answer]:
    texts = misspelt([Description(answer.text, frozenset()) for answer in given])
    return (answer._replace(text=edited.text) for answer, edited in zip(given, texts, strict=True))


def _measured(reader: Reader, given: Sequence[Answer]) -> list[str]:
    meant = [(answer.outcome, reader(answer)) for answer in given if answer.outcome is not None]
    none = [reader(answer) for answer in given if answer.outcome is None]
    return [
        share([found == outcome for outcome, found in meant]),
        share([found is None for _, found in meant]),
        share([found not in (None, outcome) for outcome, found in meant]),
        share([found is not None for found in none]),
    ]


def _told_table(understanding: Understanding) -> Table:
    """Return how facts that a message tells in passing are found, with and without a question before it."""
    told: dict[str, dict[str, str]] = {}
    for fact in read_records(TOLD):
        told.setdefault(fact.text("message"), {})[fact.text("check")] = fact.text("outcome")
    texts = {record.text("id"): record.text("text") for record in read_records(RETOLD)}
    checks = sorted({check for facts in told.values() for check in facts})
    unasked, asked = [], []
    for name, facts in told.items():
        passing = understanding.read(texts[name], None).findings
        unasked += [(passing.get(check), facts.get(check)) for check in checks]
        asked += [(understanding.read(texts[name], check).findings.get(check), facts.get(check)) for check in checks]
    title = f"Facts told in passing ({sum(map(len, told.values()))} in {len(told)} messages)"
    columns = ["how the message is read", "found", "right of what is found", "nothing said, taken for a fact"]
    rows = [["with no question before it", *_found(unasked)], ["right after the check was asked", *_found(asked)]]
    return Table(title, columns, rows)


def _found(pairs: Sequence[tuple[str | None, str | None]]) -> list[str]:
    taken = [found == fact for found, fact in pairs if found is not None]
    return [
        share([found == fact for found, fact in pairs if fact is not None]),
        share(taken),
        share([found is not None for found, fact in pairs if fact is None]),
    ]


def _show() -> Iterator[str]:
    """Yield what is not understood as it was meant, of every second answer."""
    knowledge = load()
    reader = _words_and_output(_words(Understanding(knowledge)), knowledge)
    for answer in answers()[::2]:
        found = reader(answer)
        if found != answer.outcome:
            yield f"{answer.id}: {answer.text!r} is {answer.outcome}, read as {found}"


if __name__ == "__main__":
    print("\n".join(_show() if "--show" in sys.argv else map(str, run())))
