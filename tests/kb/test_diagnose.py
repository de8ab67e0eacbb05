"""Belief follows Bayes' rule, and the next check is the one that separates the suspects best for its cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.diagnose import NONE, Differential, Verdict, with_implied
from kb.load import KnowledgeBase
from kb.model import Frequency, Outcome, Risk
from tests.kb.made import make_check, make_knowledge

ALWAYS, USUALLY, NEVER = Frequency.ALWAYS, Frequency.USUALLY, Frequency.NEVER

CHECKS = [
    make_check("tap", ["present", "absent"]),
    make_check("guest", ["intact", "bad", "absent"], minutes=3),
    make_check("reboot", ["cures", "no-change"], minutes=1, risk=Risk.DISRUPTIVE),
    make_check("weather", ["sun", "rain"]),
]
KNOWLEDGE = make_knowledge(
    CHECKS,
    {
        "stall": {"tap": {"present": ALWAYS}, "guest": {"absent": ALWAYS}, "reboot": {"cures": ALWAYS}},
        "checksum": {"tap": {"present": ALWAYS}, "guest": {"bad": ALWAYS}, "reboot": {"no-change": ALWAYS}},
        "filter": {"tap": {"absent": ALWAYS}, "guest": {"absent": ALWAYS}, "reboot": {"no-change": ALWAYS}},
    },
)
EVEN = {"stall": 0.3, "checksum": 0.3, "filter": 0.3, NONE: 0.1}

findings = st.dictionaries(
    st.sampled_from(["tap", "guest", "reboot", "weather", "nonsense"]),
    st.sampled_from(["present", "absent", "intact", "bad", "cures", "no-change", "sun", "rain", "nonsense"]),
)
priors = st.fixed_dictionaries({name: st.floats(0, 1) for name in EVEN})


def differential(knowledge: KnowledgeBase = KNOWLEDGE) -> Differential:
    return Differential(knowledge)


@given(priors, findings)
def test_probabilities_sum_to_one_whatever_was_found(prior: Mapping[str, float], found: Mapping[str, str]) -> None:
    belief = differential().weigh(prior, found)
    assert math.isclose(belief.probabilities.sum(), 1)
    assert (belief.probabilities >= 0).all()


@given(priors, findings, st.randoms())
def test_the_order_of_findings_does_not_matter(
    prior: Mapping[str, float], found: dict[str, str], chance: object
) -> None:
    shuffled = list(found.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = differential().weigh(prior, found), differential().weigh(prior, dict(shuffled))
    assert (one.probabilities == other.probabilities).all()


def test_belief_is_prior_times_likelihood() -> None:
    table = differential()
    belief = table.weigh(EVEN, {"guest": "bad"})
    weights = {name: share * table.likelihood(name, "guest", "bad") for name, share in EVEN.items()}
    for name, weight in weights.items():
        assert belief[name] == pytest.approx(weight / sum(weights.values()))


def test_a_check_that_an_incident_does_not_mention_says_nothing() -> None:
    belief = differential().weigh(EVEN, {"weather": "rain"})
    assert {name: belief[name] for name in EVEN} == pytest.approx(EVEN)


def test_findings_that_agree_identify() -> None:
    belief = differential().weigh(EVEN, {"tap": "present", "guest": "absent", "reboot": "cures"})
    assert belief.verdict is Verdict.IDENTIFIED
    assert belief.ranked(1)[0][0] == "stall"


def test_findings_that_fit_nothing_end_as_unknown() -> None:
    knowledge = make_knowledge(CHECKS, {name: dict(KNOWLEDGE.incidents[name].expect) for name in ("stall", "checksum")})
    belief = differential(knowledge).weigh(
        {"stall": 0.4, "checksum": 0.4, NONE: 0.2}, {"tap": "absent", "guest": "intact"}
    )
    assert belief.verdict is Verdict.UNKNOWN


def test_two_close_twins_are_never_identified() -> None:
    twin = {"tap": {"present": ALWAYS}}
    knowledge = make_knowledge(CHECKS, {"one": twin, "two": twin})
    belief = differential(knowledge).weigh({"one": 0.5, "two": 0.49, NONE: 0.01}, {"tap": "present"})
    assert belief.verdict is Verdict.UNSURE
    assert differential(knowledge).next_check(belief, {"tap"}) is None


def test_the_check_that_separates_the_suspects_is_asked() -> None:
    table = differential()
    between_stall_and_checksum = table.weigh({"stall": 0.5, "checksum": 0.49, "filter": 0.0, NONE: 0.01}, {})
    suggestion = table.next_check(between_stall_and_checksum, set())
    assert suggestion is not None
    assert suggestion.check.id == "guest"
    assert suggestion.points_at["bad"] == "checksum"
    between_stall_and_filter = table.weigh({"stall": 0.5, "filter": 0.49, "checksum": 0.0, NONE: 0.01}, {})
    suggestion = table.next_check(between_stall_and_filter, set())
    assert suggestion is not None
    assert suggestion.check.id == "tap"


def test_no_check_is_asked_twice_and_disruptive_ones_come_last() -> None:
    table = differential()
    belief = table.weigh({"stall": 0.5, "filter": 0.5}, {})
    gentle = table.next_check(belief, set())
    assert gentle is not None
    assert gentle.check.cost.risk is Risk.READ_ONLY
    last = table.next_check(table.weigh({"stall": 0.5, "checksum": 0.5}, {}), {"tap", "guest", "weather"})
    assert last is not None
    assert last.check.id == "reboot"
    assert table.next_check(belief, {"tap", "guest", "weather", "reboot"}) is None


def test_the_expected_gain_is_the_mutual_information() -> None:
    """Against the definition, summed by hand: H(incident) - sum over outcomes of P(outcome) H(incident | outcome)."""
    table = differential()
    belief = table.weigh(EVEN, {})

    def entropy(weights: list[float]) -> float:
        return -sum(w / sum(weights) * math.log2(w / sum(weights)) for w in weights)

    names = list(EVEN)
    gain = entropy([belief[name] for name in names])
    for outcome in ("intact", "bad", "absent"):
        joint = [belief[name] * table.likelihood(name, "guest", outcome) for name in names]
        gain -= sum(joint) * entropy(joint)
    assert table.gains(belief)["guest"] == pytest.approx(gain)


def test_what_follows_from_a_finding_is_found_too_but_never_overrules() -> None:
    follows = make_check(
        "guest", ["intact", "absent"], absent=Outcome(label="no", means="no", implies={"tap": "present"})
    )
    knowledge = make_knowledge([CHECKS[0], follows], {"stall": {"tap": {"present": ALWAYS}}})
    assert with_implied(knowledge, {"guest": "absent"}) == {"guest": "absent", "tap": "present"}
    assert with_implied(knowledge, {"guest": "absent", "tap": "absent"})["tap"] == "absent"


def test_a_normal_outcome_is_expected_of_incidents_that_say_nothing() -> None:
    log = make_check("log", ["clean", "full"], normal="clean")
    knowledge = make_knowledge([log], {"table": {"log": {"full": ALWAYS}}, "other": {}})
    belief = differential(knowledge).weigh({"table": 0.5, "other": 0.5}, {"log": "full"})
    assert belief["table"] > belief["other"]


@given(findings)
def test_an_empty_casebook_believes_in_none(found: Mapping[str, str]) -> None:
    belief = Differential(make_knowledge([], {})).weigh({}, found)
    assert belief.none == 1
    assert Differential(make_knowledge([], {})).next_check(belief, set()) is None
