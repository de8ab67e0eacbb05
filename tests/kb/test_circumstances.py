"""Signals and versions move a prior the way they should, and words alone never outvote the checks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.circumstances import SIGNAL, VERSION_EXCLUDED, VERSION_FITS, fits_versions, informed, tempered
from kb.diagnose import NONE
from kb.load import KnowledgeBase
from kb.model import Affects
from tests.kb.made import make_incident, make_knowledge

EVEN = {"old-qemu": 0.3, "any-version": 0.3, "twin": 0.3, NONE: 0.1}
AFFECTED = Affects(component="qemu", introduced="1.0", fixed="2.0")


def knowledge() -> KnowledgeBase:
    """Three incidents, one of which names the versions that have it."""
    made = make_knowledge([], {"any-version": {}, "twin": {}})
    incidents = dict(made.incidents) | {"old-qemu": make_incident("old-qemu", {}, (AFFECTED,))}
    return KnowledgeBase(incidents, made.checks, made.families, {})


KNOWLEDGE = knowledge()
priors = st.dictionaries(st.sampled_from([*EVEN]), st.floats(0, 1), min_size=1)
signals = st.sets(st.sampled_from(["old-qemu", "any-version", "nonsense"]))
versions = st.lists(st.tuples(st.sampled_from(["qemu", "dnsmasq", ""]), st.text(max_size=12)), max_size=3)


def odds(belief: Mapping[str, float], one: str, other: str) -> float:
    return belief[one] / belief[other]


@given(priors, signals, versions)
def test_probabilities_sum_to_one_whatever_is_known(
    prior: dict[str, float], seen: set[str], stated: list[tuple[str, str]]
) -> None:
    for belief in (informed(prior, KNOWLEDGE, seen, stated), tempered(prior)):
        assert math.isclose(sum(belief.values()), 1)
        assert all(0 <= chance <= 1 for chance in belief.values())


def test_without_signals_and_versions_a_prior_stays_what_it_is() -> None:
    assert informed(EVEN, KNOWLEDGE, (), ()) == pytest.approx(EVEN)


def test_a_signal_makes_its_incident_many_times_as_probable() -> None:
    belief = informed(EVEN, KNOWLEDGE, {"twin"}, ())
    assert odds(belief, "twin", "any-version") == pytest.approx(SIGNAL)
    assert odds(belief, "any-version", "old-qemu") == pytest.approx(1)


def test_a_signal_lifts_an_incident_that_the_words_did_not_name() -> None:
    belief = informed({"any-version": 0.2, NONE: 0.8}, KNOWLEDGE, {"twin"}, ())
    assert max(belief, key=lambda name: belief[name]) == "twin"


@pytest.mark.parametrize(
    ("stated", "factor"),
    [
        ([("qemu", "1.5")], VERSION_FITS),
        ([("qemu", "2.0")], VERSION_EXCLUDED),
        ([("qemu", "0.9")], VERSION_EXCLUDED),
        ([("dnsmasq", "2.59")], 1),
        ([("qemu", "2.5"), ("qemu", "1.5")], VERSION_FITS),
    ],
)
def test_a_stated_version_speaks_for_or_against_the_incidents_that_name_versions(
    stated: list[tuple[str, str]], factor: float
) -> None:
    belief = informed(EVEN, KNOWLEDGE, (), stated)
    assert odds(belief, "old-qemu", "any-version") == pytest.approx(factor)


def test_an_incident_that_names_no_versions_has_nothing_to_say_of_them() -> None:
    assert fits_versions(KNOWLEDGE.incidents["twin"], [("qemu", "1.5")]) is None


def test_an_excluded_version_never_rules_an_incident_out_altogether() -> None:
    """Packages are patched without a new number, and the version may be that of another machine."""
    assert informed({"old-qemu": 1.0}, KNOWLEDGE, (), [("qemu", "9.0")])["old-qemu"] > 0


def test_tempering_keeps_the_order_and_brings_the_suspects_closer_together() -> None:
    sharp = {"old-qemu": 0.9, "any-version": 0.07, "twin": 0.02, NONE: 0.01}
    mild = tempered(sharp)
    suspects = [name for name in sharp if name != NONE]
    assert sorted(suspects, key=lambda name: -mild[name]) == suspects
    assert odds(mild, "old-qemu", "twin") < odds(sharp, "old-qemu", "twin") / 2


def test_words_that_exclude_an_incident_leave_it_a_chance_for_the_checks() -> None:
    assert tempered({"old-qemu": 1.0, "twin": 0.0, NONE: 0.0})["twin"] > 0.01


def test_nothing_believed_is_none_of_these() -> None:
    assert tempered({}) == {NONE: 1.0}
    assert informed({}, make_knowledge([], {}), (), ()) == {NONE: 1.0}
