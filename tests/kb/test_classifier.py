"""The classifier: which words tell classes apart, learned from a few sentences."""

from __future__ import annotations

import numpy as np
import pytest

from kb.classifier import Classifier

DEAF, ABSENT = 0, 1
TEXTS = [
    ("guest", "bridge", "deaf", "reboot", "bridge deaf"),
    ("guest", "bridge", "deaf", "backup"),
    ("guest", "bridge", "tap", "absent", "bridge absent"),
    ("guest", "bridge", "tap", "restart"),
]
CLASSES = [DEAF, DEAF, ABSENT, ABSENT]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(TEXTS, CLASSES)


def test_a_word_of_one_class_speaks_for_it_and_a_word_of_both_for_neither(classifier: Classifier) -> None:
    assert np.argmax(classifier.log_probabilities(("deaf",))) == DEAF
    assert np.argmax(classifier.log_probabilities(("tap",))) == ABSENT
    undecided = classifier.log_probabilities(("guest", "bridge"))
    assert undecided[DEAF] == pytest.approx(undecided[ABSENT], abs=0.1)


def test_probabilities_sum_to_one_whatever_the_text(classifier: Classifier) -> None:
    for features in (("deaf", "tap"), (), ("never", "heard")):
        assert np.exp(classifier.log_probabilities(features)).sum() == pytest.approx(1, abs=1e-5)


def test_a_pair_that_stands_in_one_text_only_is_not_learned(classifier: Classifier) -> None:
    """A phrase of a single sentence says more of its author than of the fault."""
    assert "bridge deaf" not in classifier.contributions(("bridge deaf", "deaf"), np.array([DEAF]))


def test_a_contribution_is_positive_for_the_class_that_a_word_speaks_for(classifier: Classifier) -> None:
    for_it, against_the_other = classifier.contributions(("deaf",), np.array([DEAF, ABSENT]))["deaf"]
    assert for_it > 0 > against_the_other


def test_learning_twice_gives_the_same(classifier: Classifier) -> None:
    again = Classifier(TEXTS, CLASSES).log_probabilities(("deaf", "guest"))
    assert (again == classifier.log_probabilities(("deaf", "guest"))).all()


def test_many_texts_that_contradict_each_other_are_learned_as_their_shares() -> None:
    """A step that suits a few sentences leads away from the goal with thousands, and is shortened."""
    classes = [DEAF, DEAF, DEAF, ABSENT, ABSENT] * 2000
    found = np.exp(Classifier([("guest", "bridge")] * len(classes), classes).log_probabilities(("guest", "bridge")))
    assert found[DEAF] == pytest.approx(0.6, abs=0.02)
