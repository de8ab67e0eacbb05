"""What an entry is made of. These types are the authority on the entry format.

Every entry is one MyST page: YAML front matter with the fields below, and a narrative for people. Three kinds of
entry exist: incidents, the checks that tell them apart, and the families of incidents that look alike. Types are
strict: an unknown field is an error, and nothing is loaded by halves.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from kb.duration import format_duration, parse_duration
from kb.nearest import hint
from kb.trackers import TRACKERS, address

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\n]*\S[^\n]*$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


def _read_duration(value: object) -> object:
    if isinstance(value, str):
        return None if value.strip().lower() == "unknown" else parse_duration(value)
    return value


def _write_duration(value: timedelta | None) -> str:
    return "unknown" if value is None else format_duration(value)


def _read_pattern(value: object) -> object:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
    return value


TimeToFailure = Annotated[
    timedelta | None,
    BeforeValidator(_read_duration),
    PlainSerializer(_write_duration),
    WithJsonSchema({"type": "string", "description": "a length of time such as '30 min', or 'at once', or 'unknown'"}),
]
Pattern = Annotated[str, Field(min_length=3, max_length=300), BeforeValidator(_read_pattern)]
Number = Annotated[str, WithJsonSchema({"type": ["string", "integer"]})]


class Vantage(StrEnum):
    """Where one stands to see a symptom or to run a check."""

    NETWORK = "network"  # any other machine that talks to the guest
    GUEST = "guest"  # inside the guest, over its console when the network is dead
    HOST = "host"  # the hypervisor or compute node that runs the guest
    DHCP_SERVER = "dhcp-server"
    NETWORK_NODE = "network-node"  # where routers, DHCP and metadata of a cloud network run
    SWITCH = "switch"
    API = "api"  # the cloud's command line or dashboard
    OPERATOR = "operator"  # answered from memory, a change log or a graph, with nothing to run


class Frequency(StrEnum):
    """How often an incident shows an outcome."""

    ALWAYS = "always"
    USUALLY = "usually"
    SOMETIMES = "sometimes"
    RARELY = "rarely"
    NEVER = "never"


class Commonness(StrEnum):
    """How often operators meet an incident today, as far as reports tell."""

    COMMONEST = "commonest"
    """What operators bring more often than anything else; few entries deserve it."""
    COMMON = "common"
    OCCASIONAL = "occasional"
    RARE = "rare"


class Status(StrEnum):
    """The life of an entry: it is drafted, confirmed, perhaps withdrawn, and never deleted."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Certainty(StrEnum):
    """How well the sources support a stated cause."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    SUSPECTED = "suspected"
    UNKNOWN = "unknown"


class Risk(StrEnum):
    """What running a check can do to the patient."""

    READ_ONLY = "read-only"
    RISKY = "risky"  # changes something that can be changed back
    DISRUPTIVE = "disruptive"  # interrupts traffic or destroys evidence


class Part(BaseModel):
    """The common strictness: no unknown fields, no change after loading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
        # A casebook that is ready needs no validators, and the command that answers from it should not wait for them.
        defer_build=True,
    )


class Affects(Part):
    """A component and the versions of it that have the fault. Bounds follow the OSV words."""

    component: Line
    """The package or program, as its distribution names it."""
    versions: Line | None = None
    """The affected versions in words, for people."""
    on: Line | None = None
    """Where it was seen: distribution, release, role of the machine."""
    scheme: Literal["deb", "rpm", "upstream"] = "upstream"
    """Whose version order the bounds below follow."""
    introduced: Line | None = None
    """The first version that has the fault."""
    fixed: Line | None = None
    """The first version that no longer has it."""
    last_affected: Line | None = None
    """The last version known to have it, where no fixed one is known."""


class Symptom(Part):
    """Something an operator can observe, with the phrasings real people use for it."""

    sees: Line
    from_: Vantage = Field(alias="from")
    """Where one stands to see it."""
    phrasings: tuple[Line, ...] = ()
    """The symptom in people's own words."""


class RedHerring(Part):
    """A theory that fits the symptoms and is wrong here, with what disproves it."""

    theory: Line
    disproved_by: Slug
    """The check that disproves it."""
    because: Line | None = None
    """Why the theory tempts, and what the check shows instead."""


class Cause(Part):
    """Why it happens, and how sure that is."""

    text: Text
    certainty: Certainty


class Fix(Part):
    """A remedy and its price."""

    kind: Literal["fix", "workaround", "cover-up"]
    """A fix removes the cause, a workaround avoids it, a cover-up only hides it."""
    does: Line
    command: Text | None = None
    since: Line | None = None
    """The first version that has it."""
    risk: Line | None = None
    side_effect: Line | None = None


class Reproduction(Part):
    """How to make the fault happen on purpose."""

    needs: Line | None = None
    """The machines and versions it takes."""
    command: Text | None = None
    steps: tuple[Line, ...] = ()
    mean_time_to_failure: TimeToFailure = None
    """How long an affected system lasts on average under the reproduction: `30 min`, `at once`, `unknown`."""


class Signal(Part):
    """A log line or command output that is near-proof of the incident."""

    pattern: Pattern
    """A regular expression, matched line by line without regard to case."""
    means: Line
    example: Line
    """A made-up line of the real form that the pattern matches."""


class Examples(Part):
    """Sentences that must find the incident, and sentences (often a look-alike's) that must not."""

    must_match: tuple[Line, ...] = ()
    must_not_match: tuple[Line, ...] = ()


class Reference(Part):
    """A linked bug report, commit, mailing-list thread or document."""

    tracker: str
    id: Number
    package: str | None = None
    """The source package of a bug, or the owner/name of a commit's repository."""
    relation: Literal["root-cause", "duplicate", "same-symptom", "fix", "documentation", "discussion"]
    read: bool = False
    """True when the page itself was read by the author of the entry; otherwise it was cited by a source that was."""
    title: Line | None = None
    note: Line | None = None
    url: Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+$", max_length=500)] | None = None

    @model_validator(mode="after")
    def _fits_its_tracker(self) -> Self:
        tracker = TRACKERS.get(self.tracker)
        if tracker is None:
            raise ValueError(
                f"tracker {self.tracker!r} is not one of {', '.join(TRACKERS)}{hint(self.tracker, TRACKERS)}"
            )
        if not tracker.accepts(self.id):
            raise ValueError(
                f"id {self.id!r} is not how {self.tracker} writes one; expected the form {tracker.id_example!r}"
            )
        if tracker.needs_package and not (self.package and re.fullmatch(r"[\w.-]+/[\w.-]+", self.package)):
            raise ValueError(f"a {self.tracker} needs its repository as 'package', in the form 'owner/name'")
        return self

    @property
    def address(self) -> str | None:
        """The page this reference leads to, where it has one."""
        return self.url or address(self.tracker, self.id, self.package)


class Entry(Part):
    """What every kind of entry has. The id is the file's name; path and body are the file itself."""

    id: Slug
    path: Path
    body: str


class Incident(Entry):
    """A known fault."""

    title: Line
    summary: Annotated[str, Field(min_length=40, max_length=300)]
    """One or two sentences: what one sees and why. Lists, search engines and chat show it."""
    family: Slug
    """The family of look-alikes it belongs to first."""
    also_in: tuple[Slug, ...] = ()
    """Further families it is confused with."""
    status: Status = Status.DRAFT
    reviewed: date
    """When a person last read the entry against its sources."""
    how_common: Commonness = Commonness.OCCASIONAL
    """How often operators meet it, judged by how many reports there are and how widely the versions are in use."""
    formerly: tuple[Slug, ...] = ()
    """Former ids, which go on working."""
    withdrawn_because: Line | None = None
    affects: tuple[Affects, ...] = ()
    symptoms: tuple[Symptom, ...] = Field(min_length=1)
    red_herrings: tuple[RedHerring, ...] = ()
    expect: dict[Slug, dict[Slug, Frequency]] = Field(default_factory=dict)
    """For each check that matters, how often this incident shows which outcome."""
    signals: tuple[Signal, ...] = ()
    cause: Cause
    fixes: tuple[Fix, ...] = ()
    reproduce: Reproduction | None = None
    verify: Text | None = None
    """How to prove the fix, beyond the soak that the time to failure asks for."""
    examples: Examples = Examples()
    references: tuple[Reference, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _withdrawn_with_a_reason(self) -> Self:
        if (self.status is Status.WITHDRAWN) != (self.withdrawn_because is not None):
            raise ValueError("'withdrawn_because' goes with status 'withdrawn', and only with it")
        return self

    @property
    def families(self) -> tuple[str, ...]:
        """Every family it belongs to, the first one first."""
        return (self.family, *self.also_in)


class Outcome(Part):
    """One of the named results of a check."""

    label: Annotated[str, Field(min_length=1, max_length=70)]
    """The words on its button."""
    means: Line
    """What it tells."""
    says: tuple[Line, ...] = ()
    """How people word this answer."""
    patterns: tuple[Pattern, ...] = ()
    """Regular expressions that recognise it in pasted output, line by line without regard to case."""
    implies: dict[Slug, Slug] = Field(default_factory=dict)
    """Outcomes of other checks that follow from this one."""


class Cost(Part):
    """What a check costs the operator."""

    minutes: float = Field(gt=0, le=600)
    risk: Risk = Risk.READ_ONLY
    warning: Line | None = None
    """What to say, and what to capture first, before a check that is not read-only."""


class Command(Part):
    """A command line to copy. Names in capitals such as $TAP are placeholders."""

    command: Text
    on: Line | None = None
    """Which machine, where it is not the check's own vantage."""
    instead: Line | None = None
    """The name of the same command on older hosts."""


class Check(Entry):
    """A diagnostic step: where to run it, the command, its possible outcomes."""

    title: Line
    question: Line
    """What it asks, in plain words."""
    where: Vantage
    run: tuple[Command, ...] = ()
    placeholders: dict[str, Line] = Field(default_factory=dict)
    """What each $NAME in the commands stands for and how to find it."""
    read: Text
    """How to read the output."""
    cost: Cost
    outcomes: dict[Slug, Outcome] = Field(min_length=2)
    normal: Slug | None = None
    """The outcome where nothing of this kind is wrong: what an incident shows that says nothing of this check."""
    universal: bool = False
    """True for a question that every incident must state its expectation for."""
    formerly: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _normal_is_an_outcome(self) -> Self:
        if self.normal is not None and self.normal not in self.outcomes:
            raise ValueError(
                f"'normal' names no outcome of this check: {self.normal!r}{hint(self.normal, self.outcomes)}"
            )
        return self


class Family(Entry):
    """A group of incidents that look alike to the operator."""

    title: Line
    summary: Annotated[str, Field(min_length=40, max_length=300)]
    split_by: tuple[Slug, ...] = ()
    """The checks that split it best, first of all."""


def schema_of(kind: type[Entry]) -> dict[str, Any]:
    """Return the JSON Schema of a kind's front matter, for editors; id, path and body come from the file itself."""
    schema = kind.model_json_schema(by_alias=True)
    for name in Entry.model_fields:
        del schema["properties"][name]
    schema["required"] = [name for name in schema["required"] if name not in Entry.model_fields]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
