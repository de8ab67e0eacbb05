"""The words of the trade and what the casebook is not for, drawn from the files that matching reads."""

from __future__ import annotations

import re
from typing import Final

from docutils import nodes

from kb.concepts import VOCABULARY, vocabulary
from kb.match import ELSEWHERE, elsewhere

from .rendering import CasebookDirective, bullets, definitions, fold, paragraph

_HEADING: Final = re.compile(r"# (.+?) -{4,}")
_KEY: Final = re.compile(r"([\w-]+):")


def concepts_by_heading() -> dict[str, list[str]]:
    """Return the names of the concepts under the headings that the file's comments give them."""
    groups: dict[str, list[str]] = {}
    heading = "Other"
    for line in VOCABULARY.read_text(encoding="utf-8").splitlines():
        if match := _HEADING.fullmatch(line):
            heading = match[1]
        elif match := _KEY.match(line):
            groups.setdefault(heading, []).append(match[1])
    return groups


class WordsOfTheTrade(CasebookDirective):
    """List the concepts, each with the ways people say it."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each kind of concept."""
        self.env.note_dependency(str(VOCABULARY))
        ways = vocabulary()
        return [
            self.section(
                heading,
                definitions(((name, [" · ".join(ways[name])]) for name in names), "outcomes"),
            )
            for heading, names in concepts_by_heading().items()
        ]


class NotForTheCasebook(CasebookDirective):
    """List what people say to a bot that is not about the network of a virtual machine."""

    def run(self) -> list[nodes.Node]:
        """Return, folded by topic, the sentences that speak for none of the incidents."""
        self.env.note_dependency(str(ELSEWHERE))
        return [
            fold(
                f"{topic.replace('-', ' ').capitalize()}: {len(texts)} sentences",
                bullets([paragraph(text)] for text in texts),
            )
            for topic, texts in elsewhere().items()
        ]
