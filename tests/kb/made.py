"""Knowledge bases made of nothing but expectations, for tests of the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from kb.load import KnowledgeBase
from kb.model import (
    Affects,
    Cause,
    Certainty,
    Check,
    Cost,
    Family,
    Frequency,
    Incident,
    Outcome,
    Reference,
    Risk,
    Symptom,
    Vantage,
)

Expectations = Mapping[str, Mapping[str, Mapping[str, Frequency]]]


def make_check(name: str, outcomes: list[str], **more: object) -> Check:
    """Return a check with these outcomes; cost is `minutes` (1) and `risk` (read-only)."""
    cost = Cost(minutes=more.pop("minutes", 1), risk=more.pop("risk", Risk.READ_ONLY), warning="Capture first.")  # type: ignore[arg-type]
    return Check(
        id=name,
        path=Path(f"checks/{name}.md"),
        body="",
        title=name,
        question=f"What about {name}?",
        where=Vantage.HOST,
        read="Look.",
        cost=cost,
        outcomes={outcome: more.pop(outcome, Outcome(label=outcome, means=outcome)) for outcome in outcomes},  # type: ignore[misc]
        **more,  # type: ignore[arg-type]
    )


def make_incident(
    name: str, expect: Mapping[str, Mapping[str, Frequency]], affects: tuple[Affects, ...] = ()
) -> Incident:
    """Return an incident that is nothing but its expectations."""
    return Incident(
        id=name,
        path=Path(f"incidents/{name}.md"),
        body="",
        title=f"Incident {name}",
        summary=f"The made incident {name}, which exists for tests of the diagnosis only.",
        family="made",
        reviewed=date(2026, 1, 1),
        symptoms=(Symptom(sees=f"symptom of {name}", from_=Vantage.NETWORK),),  # type: ignore[call-arg]
        expect={check: dict(outcomes) for check, outcomes in expect.items()},
        affects=affects,
        cause=Cause(text="made", certainty=Certainty.UNKNOWN),
        references=(Reference(tracker="document", id="made", relation="documentation", note="made"),),
    )


def make_knowledge(checks: list[Check], expectations: Expectations) -> KnowledgeBase:
    """Return a knowledge base of these checks and of incidents with these expectations."""
    family = Family(
        id="made",
        path=Path("families/made.md"),
        body="",
        title="Made",
        summary="Incidents that tests make up, to be told apart by the diagnosis.",
    )
    incidents = {name: make_incident(name, expect) for name, expect in expectations.items()}
    return KnowledgeBase(incidents, {check.id: check for check in checks}, {"made": family}, {})
