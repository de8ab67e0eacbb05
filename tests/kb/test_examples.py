"""Every entry's own sentences: what must find it, and what (often a look-alike's words) must not."""

from __future__ import annotations

import pytest

from kb.load import KnowledgeBase, load
from kb.match import Matcher

SURE = 0.97
"""The share of the sentences whose incident comes first; all of them have it among the first three."""


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return load()


@pytest.fixture(scope="module")
def matcher(knowledge: KnowledgeBase) -> Matcher:
    return Matcher(knowledge)


def test_the_sentences_that_must_find_an_incident_find_it(knowledge: KnowledgeBase, matcher: Matcher) -> None:
    sentences = [(incident.id, text) for incident in knowledge.active for text in incident.examples.must_match]
    best = {text: [match.id for match in matcher.match(text).matches[:3]] for _, text in sentences}
    missed = [f"{name}: {text!r} finds {best[text]}" for name, text in sentences if name not in best[text]]
    assert not missed, "\n".join(missed)
    second = [f"{name}: {text!r} finds {best[text][0]} first" for name, text in sentences if name != best[text][0]]
    assert len(second) <= (1 - SURE) * len(sentences), "\n".join(second)


def test_the_sentences_that_must_not_find_an_incident_do_not(knowledge: KnowledgeBase, matcher: Matcher) -> None:
    wrong = [
        f"{incident.id} is first for {text!r}"
        for incident in knowledge.active
        for text in incident.examples.must_not_match
        if matcher.match(text).matches[0].id == incident.id
    ]
    assert not wrong, "\n".join(wrong)
