"""Pages that are drawn from the code and its data say what these say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.concepts import vocabulary
from kb.diagnose import IDENTIFIED_AT, IDENTIFIED_MARGIN, LIKELIHOOD
from kb.match import FIELD_WEIGHTS, elsewhere
from tests.site import Page


@pytest.fixture(scope="module")
def triage(site: Path) -> Page:
    return Page(site / "docs" / "triage.html")


@pytest.fixture(scope="module")
def words_page(site: Path) -> Page:
    return Page(site / "docs" / "vocabulary.html")


def test_the_thresholds_of_a_verdict_are_the_codes(triage: Page) -> None:
    wanted = f"at {IDENTIFIED_AT:.0%}".replace("%", " %")
    assert f"{wanted} or more, and at least {IDENTIFIED_MARGIN:g} times as probable" in triage.words


def test_every_word_of_expectation_stands_beside_its_probability(triage: Page) -> None:
    for often, probability in LIKELIHOOD.items():
        assert f"{often} {probability:g}" in triage.words


def test_the_weights_of_fields_stand_in_the_order_of_their_worth(triage: Page) -> None:
    table = triage.words.split("Where a word stands in the entry")[1].split("What counts as a word")[0]
    numbers = [float(word) for word in table.split() if word.replace(".", "").isdigit()]
    assert numbers == sorted(set(FIELD_WEIGHTS.values()), reverse=True)


def test_every_concept_is_shown_with_all_its_ways(words_page: Page) -> None:
    for concept, ways in vocabulary().items():
        assert f"{concept}{' · '.join(ways)}" in words_page.words


def test_every_sentence_that_is_not_for_the_casebook_is_shown(words_page: Page) -> None:
    assert {text for texts in elsewhere().values() for text in texts if text not in words_page.words} == set()
