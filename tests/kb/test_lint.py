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


def test_a_good_casebook_gets_no_remark(good: Casebook) -> None:
    assert remarks(good) == []


def test_every_rule_says_in_its_docstring_what_it_asks_for() -> None:
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize(
    ("rule", "name", "old", "new"),
    [
        ("enough-phrasings", "incident", "vm deaf, no ping to vm, ", ""),
        ("phrasings-of-its-own", "incident", "[vm gone, ", "[box gone, vm gone, "),
        ("examples-given", "incident", "must_not_match: [something else]", "must_not_match: []"),
        ("universal-checks-answered", "incident", "reply-on-tap: {present: always, absent: never}", "{}"),
        ("expectations-possible", "incident", "present: always, absent: never", "present: always, absent: usually"),
        ("separable-pairs", "incident", "present: always, absent: never", "present: never, absent: always"),
        ("checks-used", "check", "  absent: {", "  unheard-of: {label: Odd, means: Odd}\n  absent: {"),
        ("signals-match", "incident", "example: kernel stall 7", "example: kernel stalls"),
        ("signals-match", "incident", "'stall \\d+'", "'(stall+)+ 7'"),
        ("placeholders-explained", "check", 'tcpdump -eni "$TAP"', 'tcpdump -eni "$TAP" "$FILE"'),
        ("placeholders-explained", "check", '"$TAP"', "tap0"),
        ("commands-parse", "check", 'tcpdump -eni "$TAP" -c 5 arp', 'if tcpdump -eni "$TAP"'),
        ("commands-parse", "incident", "'qemu-system-x86_64 --version'", "'qemu-system-x86_64 --version |'"),
        ("sources-read", "incident", ", read: true", ""),
        ("references-lead-somewhere", "incident", "tracker: launchpad, id: 997978", "tracker: document, id: Some page"),
        ("fixes-given", "incident", "verify: Run the load again.\n", ""),
        ("titles-differ", "incident", "title: Guest goes deaf", "title: Filter eats replies too"),
        ("narrative-written", "incident", "## What happens", "# What happens"),
        ("nothing-left-to-do", "incident", "text: A lost wake-up.", "text: TODO"),
        ("nothing-left-to-do", "incident", "reviewed: 2026-01-31", "reviewed: 2999-01-31"),
        ("risky-checks-warn", "check", "cost: {minutes: 2}", "cost: {minutes: 2, risk: risky}"),
    ],
)
def test_a_rule_speaks_up(good: Casebook, rule: str, name: str, old: str, new: str) -> None:
    good.change(good.incident if name == "incident" else good.check, old, new)
    assert any(f"[{rule}]" in remark for remark in remarks(good))


def test_every_rule_has_a_case_above() -> None:
    marks = test_a_rule_speaks_up.pytestmark  # type: ignore[attr-defined]
    assert {rule_name(rule) for rule in RULES} == {case[0] for case in marks[0].args[1]}


def test_a_remark_names_the_line_and_column_of_what_it_is_about(good: Casebook) -> None:
    good.change(good.incident, "example: kernel stall 7", "example: kernel stalls")
    (remark,) = remarks(good)
    assert remark.startswith("incidents/deaf-guest.md:14:55: signals[0].example: is not matched by its pattern")


def test_only_the_named_files_are_spoken_of(good: Casebook) -> None:
    good.change(good.incident, "must_not_match: [something else]", "must_not_match: []")
    knowledge = load_directories([good.root])
    assert lint(knowledge, [good.check]) == []
    assert lint(knowledge, [good.incident])
