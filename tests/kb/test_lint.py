"""Each review rule speaks up where it should, at the right place, and keeps quiet over a good entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.lint import RULES, lint, rule_name
from kb.load import load_directories
from tests.kb.casebook import FAMILY, Casebook

GOOD = """\
---
title: {title}
summary: A guest on a bridge stops receiving while it still sends, after hours of heavy traffic.
family: deaf-guests
status: confirmed
reviewed: 2026-01-31
symptoms:
  - sees: The guest stops answering
    from: network
    phrasings: [{words} gone, {words} deaf, no ping to {words}, only a reboot of {words} helps]
expect:
  reply-on-tap: {{{expect}}}
signals:
  - {{pattern: 'stall \\d+', means: It stalls, example: kernel stall 7}}
cause: {{text: A lost wake-up., certainty: likely}}
fixes:
  - {{kind: fix, does: Upgrade, command: 'qemu-system-x86_64 --version'}}
verify: Run the load again.
examples: {{must_match: [{words} is deaf, {words} hears nothing], must_not_match: [something else]}}
references:
  - {{tracker: launchpad, id: 997978, relation: root-cause, read: true}}
---
## What happens

Nobody wakes the queue, so that frames pile up on the tap until it is full. From then on each further frame is dropped,
and the guest, which knows nothing of it, goes on asking for addresses that nobody seems to answer. A reboot sets the
queue up anew, which is why it helps every time, and why it proves nothing about the theories that were tried before it.
"""


@pytest.fixture
def good(tmp_path: Path) -> Casebook:
    """A casebook of two incidents that no rule has anything to say of."""
    book = Casebook(tmp_path / "casebook")
    book.write(
        "incidents/deaf-guest.md",
        GOOD.format(title="Guest goes deaf", words="vm", expect="present: always, absent: never"),
    )
    book.write(
        "incidents/mute-guest.md",
        GOOD.format(title="Filter eats replies", words="box", expect="absent: always, present: never"),
    )
    book.write("families/deaf-guests.md", FAMILY)
    return book


def remarks(book: Casebook) -> list[str]:
    return [str(problem).removeprefix(f"{book.root}/") for problem in lint(load_directories([book.root]))]


def line_of(book: Casebook, remark: str) -> str:
    """Return the line that a remark stands at."""
    name, line, _ = remark.split(":", maxsplit=2)
    return (book.root / name).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_a_good_casebook_gets_no_remark(good: Casebook) -> None:
    assert remarks(good) == []


def test_every_rule_says_in_its_docstring_what_it_asks_for() -> None:
    assert all(rule.__doc__ for rule in RULES)


SPOKEN_UP = [
    ("enough-phrasings", "incident", "vm deaf, no ping to vm, ", "", "    phrasings: [vm gone, only"),
    ("enough-phrasings", "incident", "    phrasings: [vm gone, vm deaf,", "    # [", "  - sees: "),
    ("phrasings-of-its-own", "incident", "[vm gone, ", "[box gone, vm gone, ", "    phrasings: [box gone, box deaf"),
    ("examples-given", "incident", "must_not_match: [something else]", "must_not_match: []", "examples: "),
    ("examples-given", "incident", "vm is deaf, ", "", "examples: "),
    ("universal-checks-answered", "incident", "reply-on-tap: {present: always, absent: never}", "{}", "  {}"),
    ("expectations-possible", "incident", "absent: never", "absent: usually", "  reply-on-tap: "),
    ("expectations-possible", "incident", "always, absent: never", "usually, absent: usually", "  reply-on-tap: "),
    (
        "separable-pairs",
        "incident",
        "present: always, absent: never",
        "present: never, absent: always",
        "  reply-on-tap:",
    ),
    ("checks-used", "check", "  absent: {", "  odd: {label: Odd, means: Odd}\n  absent: {", "  odd: "),
    ("signals-match", "incident", "example: kernel stall 7", "example: kernel stalls", "  - {pattern: "),
    ("signals-match", "incident", "'stall \\d+'", "'(stall+)+ 7'", "  - {pattern: "),
    ("signals-match", "check", "says: [replies are", "patterns: ['(a+)+'], says: [replies are", "  present: "),
    ("placeholders-explained", "check", '-eni "$TAP"', '-eni "$TAP" "$FILE"', "  - command: "),
    ("placeholders-explained", "check", '"$TAP"', "tap0", "placeholders: "),
    ("commands-parse", "check", 'tcpdump -eni "$TAP" -c 5 arp', 'if tcpdump -eni "$TAP"', "  - command: "),
    ("commands-parse", "incident", "x86_64 --version'", "x86_64 --version |'", "  - {kind: fix"),
    ("sources-read", "incident", ", read: true", "", "status: "),
    ("references-lead-somewhere", "incident", "launchpad, id: 997978", "document, id: Some page", "  - {tracker: "),
    ("fixes-given", "incident", "verify: Run the load again.\n", "", "---"),
    (
        "titles-differ",
        "incident",
        "title: Guest goes deaf",
        "title: Filter eats replies too",
        "title: Filter eats replies",
    ),
    ("narrative-written", "incident", "## What happens", "# What happens", "---"),
    ("narrative-written", "incident", "## What happens", "What happens", "---"),
    ("nothing-left-to-do", "incident", "text: A lost wake-up.", "text: TODO", "---"),
    ("nothing-left-to-do", "check", "read: Look for the reply.", "read: TODO", "---"),
    ("nothing-left-to-do", "incident", "reviewed: 2026-01-31", "reviewed: 2999-01-31", "reviewed: "),
    ("risky-checks-warn", "check", "cost: {minutes: 2}", "cost: {minutes: 2, risk: risky}", "cost: "),
]


@pytest.mark.parametrize(("rule", "name", "old", "new", "place"), SPOKEN_UP)
def test_a_rule_speaks_up_at_the_line_it_is_about(
    good: Casebook, rule: str, name: str, old: str, new: str, place: str
) -> None:
    good.change(good.incident if name == "incident" else good.check, old, new)
    lines = [line_of(good, remark) for remark in remarks(good) if f"[{rule}]" in remark]
    assert any(line.startswith(place) for line in lines), lines


def test_a_cause_is_not_called_confirmed_without_a_source(good: Casebook) -> None:
    good.change(good.incident, "certainty: likely", "certainty: confirmed")
    good.change(good.incident, ", read: true", "")
    lines = [line_of(good, remark) for remark in remarks(good) if "[sources-read]" in remark]
    assert [line.split(":")[0] for line in lines] == ["status", "cause"]


def test_a_check_that_no_incident_expects_is_spoken_of(good: Casebook) -> None:
    good.write("checks/unheard-of.md", good.check.read_text(encoding="utf-8"))
    (remark,) = remarks(good)
    assert remark.startswith("checks/unheard-of.md:1:1: no incident states an expectation for this check")


def test_a_workaround_is_asked_for_where_there_is_no_fix(good: Casebook) -> None:
    good.change(good.incident, "fixes:\n  - {kind: fix, does: Upgrade, command: 'qemu-system-x86_64 --version'}\n", "")
    assert any("has no fixes" in remark for remark in remarks(good))


def test_every_rule_has_a_case_above() -> None:
    assert {rule_name(rule) for rule in RULES} == {rule for rule, *_ in SPOKEN_UP}


def test_a_remark_names_the_line_and_column_of_what_it_is_about(good: Casebook) -> None:
    good.change(good.incident, "example: kernel stall 7", "example: kernel stalls")
    (remark,) = remarks(good)
    assert remark.startswith("incidents/deaf-guest.md:14:55: signals[0].example: is not matched by its pattern")


def test_only_the_named_files_are_spoken_of(good: Casebook) -> None:
    good.change(good.incident, "must_not_match: [something else]", "must_not_match: []")
    knowledge = load_directories([good.root])
    assert lint(knowledge, [good.check]) == []
    assert lint(knowledge, [good.incident])
