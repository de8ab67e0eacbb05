"""What a careful reviewer would say about entries that load: each rule is a function that yields remarks.

A rule's name is the function's name with hyphens, and its docstring is what the documentation shows of it.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from kb.diagnose import likelihoods
from kb.errors import Problem
from kb.load import KnowledgeBase
from kb.model import Certainty, Frequency, Incident, Risk, Status
from kb.source import Loc, read_source

FEWEST_PHRASINGS: Final = 4
MOST_PHRASINGS: Final = 12
CHEAP_MINUTES: Final = 5
WIDE_MARGIN: Final = 0.5
"""Half of all cases: the total variation distance between two incidents' answers to a check that tells them apart."""

_PLACEHOLDER = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\b")
_SHELL_OWN: Final = {"HOME", "PATH", "USER", "PWD"}
_TODO = re.compile(r"\bTODO\b")
_NESTED_REPEAT = re.compile(r"\([^()]*[+*][^()]*\)[+*]")


class Remark(NamedTuple):
    """Something a rule says of a place in an entry."""

    path: Path
    loc: Loc
    text: str


Rule = Callable[[KnowledgeBase], Iterator[Remark]]


def lint(knowledge: KnowledgeBase, only: Iterable[Path] | None = None) -> list[Problem]:
    """Return everything the rules say, each at its line and column, in the order of files.

    Args:
        knowledge: the entries, loaded.
        only: files to speak of; the others are still looked at, for some rules compare entries.
    """
    wanted = None if only is None else {path.resolve() for path in only}
    by_file: dict[Path, list[tuple[str, Remark]]] = defaultdict(list)
    for rule in RULES:
        for remark in rule(knowledge):
            if wanted is None or remark.path.resolve() in wanted:
                by_file[remark.path].append((rule_name(rule), remark))
    problems: list[Problem] = []
    for path, remarks in by_file.items():
        source = read_source(path)
        for name, remark in remarks:
            source.problem(remark.loc, f"{remark.text} [{name}]")
        problems += source.problems
    return sorted(problems)


def rule_name(rule: Rule) -> str:
    """Return the name that remarks of a rule carry."""
    return rule.__name__.replace("_", "-")


def enough_phrasings(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """A symptom's phrasings, where it has some, are 4 to 12, and at least two symptoms (or the only one) have some."""
    for incident in knowledge.active:
        worded = 0
        for index, symptom in enumerate(incident.symptoms):
            count = len(symptom.phrasings)
            worded += count > 0
            if count and not FEWEST_PHRASINGS <= count <= MOST_PHRASINGS:
                text = f"has {count} phrasings; expected {FEWEST_PHRASINGS} to {MOST_PHRASINGS}"
                yield Remark(incident.path, ("symptoms", index, "phrasings"), text)
        if worded < min(2, len(incident.symptoms)):
            yield Remark(incident.path, ("symptoms",), "at least two symptoms need phrasings in people's own words")


def phrasings_of_its_own(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """No two incidents are described by the same sentence."""
    owner: dict[str, Incident] = {}
    for incident in knowledge.active:
        for index, symptom in enumerate(incident.symptoms):
            for number, phrasing in enumerate(symptom.phrasings):
                first = owner.setdefault(phrasing.casefold(), incident)
                if first is not incident:
                    loc = ("symptoms", index, "phrasings", number)
                    yield Remark(incident.path, loc, f"{first.id} has the same phrasing")


def examples_given(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """An incident has at least two sentences that must find it and one that must not."""
    for incident in knowledge.active:
        if len(incident.examples.must_match) < 2 or not incident.examples.must_not_match:
            yield Remark(
                incident.path, ("examples",), "needs two sentences under must_match and one under must_not_match"
            )


def universal_checks_answered(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """An incident states its expectation for the universal checks and for those that split its family."""
    universal = [check.id for check in knowledge.checks.values() if check.universal]
    for incident in knowledge.active:
        wanted = [*universal, *knowledge.families[incident.family].split_by]
        missing = [check for check in dict.fromkeys(wanted) if check not in incident.expect]
        if missing:
            yield Remark(incident.path, ("expect",), f"states nothing for {', '.join(missing)}")


def expectations_possible(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """At most one outcome of a check is 'always', and with it the others are rarely or never shown."""
    for incident in knowledge.active:
        for check, outcomes in incident.expect.items():
            often = [value for value in outcomes.values() if value in (Frequency.ALWAYS, Frequency.USUALLY)]
            if Frequency.ALWAYS in often and (len(often) > 1 or Frequency.SOMETIMES in outcomes.values()):
                yield Remark(incident.path, ("expect", check), "says 'always' of one outcome and often of another")
            elif len(often) > 1:
                yield Remark(incident.path, ("expect", check), "says 'usually' of more than one outcome")


def separable_pairs(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """Any two incidents of a family differ widely in at least one cheap, read-only check."""
    cheap = [
        check
        for check in knowledge.checks.values()
        if check.cost.minutes <= CHEAP_MINUTES and check.cost.risk is Risk.READ_ONLY
    ]
    table = {
        incident.id: [likelihoods(check, incident) if check.id in incident.expect else None for check in cheap]
        for incident in knowledge.active
    }
    for family in knowledge.families:
        for one, other in itertools.combinations(knowledge.members(family), 2):
            if not any(
                np.abs(a - b).sum() / 2 >= WIDE_MARGIN
                for a, b in zip(table[one.id], table[other.id], strict=True)
                if a is not None and b is not None
            ):
                text = f"no cheap check that both state tells it from {other.id} (family {family})"
                yield Remark(one.path, ("expect",), text)


def checks_used(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """Every check is expected by some incident, and so is every outcome of it but the normal one."""
    shown: dict[str, set[str]] = defaultdict(set)
    for incident in knowledge.active:
        for check, outcomes in incident.expect.items():
            shown[check] |= {name for name, value in outcomes.items() if value is not Frequency.NEVER}
    for entry in knowledge.checks.values():
        if entry.id not in shown:
            yield Remark(entry.path, (), "no incident states an expectation for this check")
            continue
        for name in entry.outcomes:
            if name not in shown[entry.id] and name != entry.normal:
                yield Remark(entry.path, ("outcomes", name), "no incident shows this outcome")


def signals_match(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """A signal's pattern matches its example, and no pattern repeats a repetition, which can take for ever."""
    for incident in knowledge.active:
        for index, signal in enumerate(incident.signals):
            if not re.search(signal.pattern, signal.example, re.IGNORECASE):
                yield Remark(incident.path, ("signals", index, "example"), "is not matched by its pattern")
            if _NESTED_REPEAT.search(signal.pattern):
                yield Remark(incident.path, ("signals", index, "pattern"), "repeats a repetition; write it without")
    for check in knowledge.checks.values():
        for name, outcome in check.outcomes.items():
            for index, pattern in enumerate(outcome.patterns):
                if _NESTED_REPEAT.search(pattern):
                    loc = ("outcomes", name, "patterns", index)
                    yield Remark(check.path, loc, "repeats a repetition; write it without")


def placeholders_explained(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """Every $NAME in a check's commands is explained, and nothing is explained that is not there."""
    for check in knowledge.checks.values():
        used = {name for run in check.run for name in _PLACEHOLDER.findall(run.command)} - _SHELL_OWN
        for name in sorted(used - check.placeholders.keys()):
            yield Remark(check.path, ("run",), f"${name} is not explained under placeholders")
        for name in sorted(check.placeholders.keys() - used):
            yield Remark(check.path, ("placeholders", name), "stands in no command")


def commands_parse(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """Every command line is one that bash can read."""
    commands = [*_commands(knowledge)]
    if not commands:
        return
    shellcheck = Path(sys.executable).with_name("shellcheck")
    program = str(shellcheck) if shellcheck.exists() else shutil.which("shellcheck")
    if program is None:
        path, loc, _ = commands[0]
        yield Remark(path, loc, "cannot be checked: shellcheck is not installed")
        return
    for path, loc, command in commands:
        # Placeholders are set by the person who copies the command, hence no complaint of unset variables.
        result = subprocess.run(  # noqa: S603 - a fixed program; the command is its input and is never run
            [program, "--shell=bash", "--severity=error", "--format=gcc", "-"],
            input=command,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in result.stdout.splitlines():
            yield Remark(path, loc, f"is no command that bash can read: {line.split(': ', 2)[-1]}")


def _commands(knowledge: KnowledgeBase) -> Iterator[tuple[Path, Loc, str]]:
    for check in knowledge.checks.values():
        for index, run in enumerate(check.run):
            yield check.path, ("run", index, "command"), run.command
    for incident in knowledge.incidents.values():
        for index, fix in enumerate(incident.fixes):
            if fix.command:
                yield incident.path, ("fixes", index, "command"), fix.command
        if incident.reproduce and incident.reproduce.command:
            yield incident.path, ("reproduce", "command"), incident.reproduce.command


def sources_read(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """A confirmed entry has a reference that was read, and so has a cause that is called confirmed."""
    for incident in knowledge.active:
        if any(reference.read for reference in incident.references):
            continue
        if incident.status is Status.CONFIRMED:
            yield Remark(incident.path, ("status",), "is confirmed, but none of its references was read")
        if incident.cause.certainty is Certainty.CONFIRMED:
            yield Remark(incident.path, ("cause", "certainty"), "is confirmed, but none of the references was read")


def references_lead_somewhere(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """A reference has an address, or a note that says how it was read."""
    for incident in knowledge.incidents.values():
        for index, reference in enumerate(incident.references):
            if reference.address is None and reference.note is None:
                yield Remark(incident.path, ("references", index), "has neither a url nor a note on where it was read")


def fixes_given(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """An incident says what to do about it, and how to prove that it helped."""
    for incident in knowledge.active:
        if not incident.fixes:
            yield Remark(incident.path, (), "has no fixes; a workaround is better than nothing")
        if incident.verify is None and incident.reproduce is None:
            yield Remark(incident.path, (), "says neither how to reproduce it nor how to verify a fix")


def titles_differ(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """No two titles are nearly the same."""
    incidents = knowledge.active
    titles = [incident.title for incident in incidents]
    alike = process.cdist(titles, titles, scorer=fuzz.token_sort_ratio, score_cutoff=90)
    for one, other in np.argwhere(np.triu(alike, 1) > 0):
        yield Remark(incidents[int(other)].path, ("title",), f"is nearly the title of {incidents[int(one)].id}")


def narrative_written(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """The body of an incident is a narrative with headings of the second level; the title is the page's only h1."""
    for incident in knowledge.active:
        headings = [line for line in incident.body.splitlines() if line.startswith("#")]
        if any(line.startswith("# ") for line in headings):
            yield Remark(incident.path, (), "the body has a heading of the first level; use '##'")
        if not headings or len(incident.body) < 300:
            yield Remark(incident.path, (), "the body needs a narrative of a few paragraphs with '##' headings")


def nothing_left_to_do(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """No TODO of a scaffold is left, and no review lies in the future."""
    for entry in (*knowledge.incidents.values(), *knowledge.checks.values()):
        if _TODO.search(entry.model_dump_json()):
            yield Remark(entry.path, (), "still has a TODO")
        if isinstance(entry, Incident) and entry.reviewed > date.today():
            yield Remark(entry.path, ("reviewed",), "lies in the future")


def risky_checks_warn(knowledge: KnowledgeBase) -> Iterator[Remark]:
    """A check that is not read-only says what to capture first."""
    for check in knowledge.checks.values():
        if check.cost.risk is not Risk.READ_ONLY and check.cost.warning is None:
            yield Remark(check.path, ("cost",), f"is {check.cost.risk} and needs a warning: what to capture first")


RULES: Final[tuple[Rule, ...]] = (
    enough_phrasings,
    phrasings_of_its_own,
    examples_given,
    universal_checks_answered,
    expectations_possible,
    separable_pairs,
    checks_used,
    signals_match,
    placeholders_explained,
    commands_parse,
    sources_read,
    references_lead_somewhere,
    fixes_given,
    titles_differ,
    narrative_written,
    nothing_left_to_do,
    risky_checks_warn,
)
