"""Entries load whole or not at all, and every mistake is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import KnowledgeBaseError, NotFoundError
from kb.load import KnowledgeBase, load, load_directories
from kb.model import Frequency, Status, Vantage
from tests.kb.casebook import CHECK, INCIDENT, Casebook


def refused(*roots: Path) -> list[str]:
    """Load casebooks that must be refused, and return the problems as they are printed."""
    with pytest.raises(KnowledgeBaseError) as caught:
        load_directories(roots)
    return str(caught.value).splitlines()


def only_problem(casebook: Casebook) -> str:
    problems = refused(casebook.root)
    assert len(problems) == 1, problems
    return problems[0].removeprefix(f"{casebook.root}/")


def test_a_whole_entry_loads_with_its_types(casebook: Casebook) -> None:
    incident = load_directories([casebook.root]).incident("deaf-guest")
    assert incident.status is Status.CONFIRMED
    assert incident.reviewed.isoformat() == "2026-01-31"
    assert incident.symptoms[0].from_ is Vantage.NETWORK
    assert incident.expect == {"reply-on-tap": {"present": Frequency.ALWAYS, "absent": Frequency.NEVER}}
    assert incident.references[0].address == "https://bugs.launchpad.net/bugs/997978"
    assert incident.body.startswith("## What happens")


def test_the_built_in_casebook_loads() -> None:
    knowledge = load()
    assert "qemu-bridged-network-loss" in knowledge.incidents


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("symptoms:", "symtoms:", "symtoms: is not a known field; did you mean 'symptoms'?"),
        ("status: confirmed", "status: confrimed", "status: 'confrimed' is not one of draft, confirmed, withdrawn"),
        ("present: always", "presnt: always", "has no outcome 'presnt'; did you mean 'present'?"),
        ("  reply-on-tap: {", "  reply-on-tab: {", "there is no check 'reply-on-tab'; did you mean 'reply-on-tap'?"),
        ("family: deaf-guests", "family: deaf-guest", "there is no family 'deaf-guest'; did you mean 'deaf-guests'?"),
        ("reviewed: 2026-01-31", "reviewed: 2026-02-31", "reviewed: "),
        ("id: 997978", "id: LP997978", "id 'LP997978' is not how launchpad writes one; expected the form '997978'"),
        ("tracker: launchpad", "tracker: lauchpad", "did you mean 'launchpad'?"),
        ("from: network", "from: netwrok", "'netwrok' is not one of network, guest, host"),
        ("present: always", "present: allways", "did you mean 'always'?"),
    ],
)
def test_a_mistyped_word_is_told_with_the_nearest_right_one(
    casebook: Casebook, old: str, new: str, expected: str
) -> None:
    casebook.change(casebook.incident, old, new)
    text = "\n".join(refused(casebook.root))
    assert expected in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2026-01-31", "yesterday", "reviewed: 'yesterday' is not a date in the form 2026-01-31"),
        ("read: true", "read: maybe", "references[0].read: 'maybe' is not true or false"),
        ("title: Guest goes deaf under load", "title: ''", "title: has 0 characters; expected at least 1"),
        ("family: deaf-guests", "family: Deaf Guests", "'Deaf Guests' is not of the expected form: small letters"),
        ("cause: {text: A lost wake-up., certainty: likely}", "cause: unknown", "is not 'name: value' lines"),
        ("kind: fix", "kind: fixx", "'fixx' is not one of fix, workaround, cover-up; did you mean 'fix'?"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(casebook: Casebook, old: str, new: str, expected: str) -> None:
    casebook.change(casebook.incident, old, new)
    assert expected in "\n".join(refused(casebook.root))


def test_a_problem_names_line_and_column(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "    from: network", "    form: network")
    first, second = refused(casebook.root)
    assert first.startswith(f"{casebook.incident}:8:5: symptoms[0].from: is missing")
    assert second.startswith(f"{casebook.incident}:9:5: symptoms[0].form: is not a known field; did you mean 'from'?")


def test_all_mistakes_of_all_files_are_told_at_once(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "title:", "titel:")
    casebook.change(casebook.incident, "certainty: likely", "certainty: surely")
    casebook.change(casebook.check, "where: host", "where: hots")
    text = "\n".join(refused(casebook.root))
    assert all(word in text for word in ("titel", "surely", "hots"))


def test_a_withdrawn_entry_says_why_and_is_not_named_in_triage(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "status: confirmed", "status: withdrawn")
    assert "withdrawn_because" in only_problem(casebook)
    casebook.change(casebook.incident, "status: withdrawn", "status: withdrawn\nwithdrawn_because: It was a typo")
    knowledge = load_directories([casebook.root])
    assert knowledge.active == []
    assert knowledge.incident("deaf-guest").withdrawn_because == "It was a typo"


def test_a_key_given_twice_is_an_error(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "reviewed:", "title: Another\nreviewed:")
    assert only_problem(casebook) == "incidents/deaf-guest.md:6:1: title: is given twice; it stands on line 2 already"


def test_a_tab_is_an_error(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "    from: network", "\tfrom: network")
    assert only_problem(casebook).endswith("a tab cannot indent YAML; use spaces")


def test_a_byte_order_mark_is_an_error(casebook: Casebook) -> None:
    casebook.incident.write_bytes(b"\xef\xbb\xbf" + INCIDENT.encode())
    assert "byte order mark" in only_problem(casebook)


def test_invalid_utf8_is_told_at_its_place(casebook: Casebook) -> None:
    casebook.incident.write_bytes(INCIDENT.encode().replace(b"deaf under", b"d\xe9af under"))
    assert only_problem(casebook).startswith("incidents/deaf-guest.md:2:")


@pytest.mark.parametrize("text", ["", "\n\n", "no front matter\n", "---\ntitle: x\n", "--- x\n"])
def test_a_file_without_front_matter_is_an_error(casebook: Casebook, text: str) -> None:
    casebook.incident.write_text(text, encoding="utf-8")
    assert "front matter" in only_problem(casebook)


@pytest.mark.parametrize(
    "matter",
    ["[a, b]", "title: *nowhere", "title: &a x\nsummary: *a", "title: !!python/object:os.system x", "? [a]\n: b"],
)
def test_exotic_yaml_is_refused(casebook: Casebook, matter: str) -> None:
    casebook.incident.write_text(f"---\n{matter}\n---\n", encoding="utf-8")
    assert refused(casebook.root)


def test_scalars_stay_what_was_written(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "fixes:", "affects:\n  - {component: qemu, versions: 1.10, on: no}\nfixes:")
    affected = load_directories([casebook.root]).incident("deaf-guest").affects[0]
    assert (affected.versions, affected.on) == ("1.10", "no")


def test_an_id_in_two_casebooks_names_both_files(casebook: Casebook, tmp_path: Path) -> None:
    private = Casebook(tmp_path / "private")
    private.check.unlink()
    private.family.unlink()
    (problem,) = refused(casebook.root, private.root)
    assert problem.startswith(str(private.incident))
    assert str(casebook.incident) in problem


def test_a_private_casebook_uses_the_checks_of_the_other(casebook: Casebook, tmp_path: Path) -> None:
    private = Casebook(tmp_path / "private")
    private.check.unlink()
    private.family.unlink()
    private.incident.rename(private.incident.with_name("our-own.md"))
    knowledge = load_directories([casebook.root, private.root])
    assert set(knowledge.incidents) == {"deaf-guest", "our-own"}


def test_a_folder_that_is_no_casebook_is_told(tmp_path: Path) -> None:
    assert "is no casebook" in refused(tmp_path)[0]


def test_a_former_name_leads_to_the_entry(casebook: Casebook) -> None:
    casebook.change(casebook.incident, "reviewed:", "formerly: [deaf-vm]\nreviewed:")
    assert load_directories([casebook.root]).incident("deaf-vm").id == "deaf-guest"


def test_a_former_name_that_is_taken_is_an_error(casebook: Casebook) -> None:
    casebook.write("incidents/deaf-vm.md", INCIDENT)
    casebook.change(casebook.incident, "reviewed:", "formerly: [deaf-vm]\nreviewed:")
    assert "formerly[0]" in only_problem(casebook)


def test_a_name_that_is_not_there_is_told_with_the_nearest(casebook: Casebook) -> None:
    knowledge: KnowledgeBase = load_directories([casebook.root])
    with pytest.raises(NotFoundError, match="did you mean deaf-guest"):
        knowledge.incident("deaf-gest")


def test_a_bad_file_name_is_an_error(casebook: Casebook) -> None:
    casebook.write("checks/Reply_On_Tap.md", CHECK)
    assert "must be small letters" in only_problem(casebook)


def test_a_broken_check_is_not_reported_again_by_the_entries_that_name_it(casebook: Casebook) -> None:
    casebook.change(casebook.check, "cost: {minutes: 2}", "cost: {minutes: none}")
    assert only_problem(casebook).startswith("checks/reply-on-tap.md:9:")
