"""The `blip` command as programs and people call it, in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from kb.load import load
from tests.imported import DEAF, HOSTILE, PRINTER_STORY, saved_reports, write_reports
from tests.kb.casebook import CHECK, FAMILY, INCIDENT, Casebook

BLIP = Path(sys.executable).with_name("blip")
OPENING = "one guest drops off the network a few hours after the nightly backup, dhclient is gone"


def blip(
    *arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BLIP, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=120, env=env
    )


def private(tmp_path: Path) -> Casebook:
    """A private casebook whose incident uses a family and a check of its own."""
    book = Casebook(tmp_path / "private")
    book.incident.unlink()
    book.write("incidents/our-own-fault.md", INCIDENT.replace("Guest goes deaf under load", "Our own zorbleflux fault"))
    return book


def test_help_names_every_command() -> None:
    result = blip("--help")
    assert result.returncode == 0
    assert all(command in result.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = blip(command, "--help")
    assert result.returncode == 0, result.stderr
    assert "Usage: blip" in result.stdout


def test_match_prints_json_and_nothing_else() -> None:
    result = blip("match", "--json", OPENING)
    answer = json.loads(result.stdout)
    assert result.stderr == ""
    assert answer.keys() == {"verdict", "matches", "next_check"}
    assert answer["verdict"] in ("identified", "unsure", "unknown")
    assert answer["matches"][0].keys() == {"id", "title", "probability", "because", "against"}
    assert answer["matches"][0]["id"] == "qemu-bridged-network-loss"
    assert answer["matches"][0]["because"]
    assert answer["next_check"]["outcomes"]


def test_match_reads_standard_input() -> None:
    assert json.loads(blip("match", "--json", stdin=OPENING).stdout) == json.loads(
        blip("match", "--json", OPENING).stdout
    )


def test_match_without_json_speaks_to_people() -> None:
    result = blip("match", "the disk is full, no space left on device")
    assert "Nothing in the casebook fits" in result.stdout


def test_batch_answers_each_line_under_its_id(tmp_path: Path) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "results.jsonl"
    cases.write_text(
        "".join(json.dumps({"id": f"c{n}", "text": text}) + "\n" for n, text in enumerate([OPENING, "", "🔥"]))
    )
    assert blip("match", "--batch", cases, "--out", out).returncode == 0
    results = [json.loads(line) for line in out.read_text().splitlines()]
    assert [result["id"] for result in results] == ["c0", "c1", "c2"]
    probabilities = [match["probability"] for match in results[0]["matches"]]
    assert len(probabilities) >= 5
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_bad_batch_line_is_told_with_its_number(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"id": "a", "text": "x"}\n{"id": "b"}\n')
    result = blip("match", "--batch", cases, "--out", tmp_path / "out")
    assert result.returncode == 1
    assert f"{cases}:2:1:" in result.stderr
    assert not (tmp_path / "out").exists()


def test_chat_answers_each_json_message_with_one_line_of_state() -> None:
    messages = [
        OPENING,
        {"text": "the replies are on the tap"},
        {"finding": {"tap-tx-drops": "keeps-growing"}},
        "undo",
        7,
    ]
    result = blip("chat", "--json", stdin="\n".join(map(json.dumps, messages)) + "\nno json\n")
    states = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(states) == 6
    first, second, third, fourth, *bad = states
    assert first.keys() == {"verdict", "candidates", "next_check", "findings", "reply"}
    assert second["findings"]["reply-seen-on-tap"] == "present"
    assert third["findings"] == second["findings"] | {"tap-tx-drops": "keeps-growing"}
    assert fourth["findings"] == second["findings"]
    assert all("error" in state for state in bad)
    assert sum(candidate["probability"] for candidate in first["candidates"]) <= 1.0001


def test_chat_on_a_pipe_speaks_without_colours() -> None:
    result = blip("chat", stdin=f"{OPENING}\nquit\n")
    assert result.returncode == 0
    assert "\033" not in result.stdout
    assert "Most likely now" in result.stdout


def test_a_private_casebook_is_matched_beside_the_built_in_one(tmp_path: Path) -> None:
    book = private(tmp_path)
    settings = {"BLIP_KB": str(book.root), "HOME": str(tmp_path)}
    for result in (
        blip("--kb", book.root, "match", "--json", "we have a zorbleflux again"),
        blip("match", "--json", "we have a zorbleflux again", env=settings),
    ):
        assert json.loads(result.stdout)["matches"][0]["id"] == "our-own-fault"


def test_a_broken_private_casebook_is_refused_whole(tmp_path: Path) -> None:
    book = private(tmp_path)
    book.change(book.check, "where: host", "where: hots")
    result = blip("--kb", book.root, "match", "anything")
    assert result.returncode == 1
    assert "reply-on-tap.md:4:8: where: 'hots' is not one of" in result.stderr
    assert "Traceback" not in result.stderr


def test_lint_is_clean_over_the_built_in_casebook() -> None:
    result = blip("lint")
    assert (result.returncode, result.stdout) == (0, "")


def test_lint_finds_what_a_reviewer_would_say(tmp_path: Path) -> None:
    book = private(tmp_path)
    result = blip("lint", book.root)
    assert result.returncode == 1
    assert "[examples-given]" in result.stdout
    assert all(line.startswith(str(book.root)) for line in result.stdout.splitlines())


def test_lint_reports_entries_that_do_not_load(tmp_path: Path) -> None:
    book = private(tmp_path)
    path = book.write("incidents/broken.md", "---\ntitle: x\n---\n")
    result = blip("lint", path)
    assert result.returncode == 1
    assert f"{path}:1:1: summary: is missing" in result.stdout


@pytest.mark.parametrize("arguments", [["/no/such/place"], ["--nonsense"]])
def test_lint_that_cannot_run_exits_with_two(arguments: list[str]) -> None:
    assert blip("lint", *arguments).returncode == 2


def test_lint_of_a_folder_that_is_no_casebook_cannot_run(tmp_path: Path) -> None:
    assert blip("lint", tmp_path).returncode == 2


def test_new_scaffolds_an_entry_that_loads_and_still_has_to_be_written(tmp_path: Path) -> None:
    book = private(tmp_path)
    result = blip(
        "--kb", book.root, "new", "--id", "fresh-one", "--title", 'A "fresh" one: yes', "--family", "no-dhcp-lease"
    )
    assert result.returncode == 0, result.stderr
    assert load([book.root]).incident("fresh-one").title == 'A "fresh" one: yes'
    assert "[nothing-left-to-do]" in blip("lint", book.root / "incidents/fresh-one.md").stdout
    again = blip("--kb", book.root, "new", "--id", "fresh-one", "--title", "x", "--family", "no-dhcp-lease")
    assert again.returncode == 1
    assert "is taken" in again.stderr


def test_new_helps_with_a_mistyped_family(tmp_path: Path) -> None:
    result = blip("--kb", private(tmp_path).root, "new", "--id", "x", "--title", "x", "--family", "no-dhcp-leese")
    assert result.returncode == 1
    assert "did you mean no-dhcp-lease" in result.stderr


def test_soak_says_how_long_and_its_inverse(tmp_path: Path) -> None:
    assert json.loads(blip("soak", "--mttf", "30m", "--confidence", "99%", "--json").stdout)[
        "soak_seconds"
    ] == pytest.approx(8289.3, 0.1)
    assert json.loads(blip("soak", "--mttf", "30m", "--ran", "48h", "--json").stdout)["confidence"] > 0.9999
    record = tmp_path / "record"
    record.write_text("# seconds\n1800\n900 # second run\n\n2400\n")
    answer = blip("soak", "--record", record)
    assert "Mean of 3 failures: 28.3 min" in answer.stdout
    record.write_text("1800\nsoon\n")
    assert f"{record}:2:1: 'soon' is no number of seconds" in blip("soak", "--record", record).stderr


def test_rank_writes_a_trec_run(tmp_path: Path) -> None:
    corpus, queries, run = (tmp_path / name for name in ("corpus.jsonl", "queries.jsonl", "out.trec"))
    corpus.write_text(
        '{"_id": "d1", "title": "bridge drops it", "text": ""}\n{"_id": "d2", "title": "printer", "text": "paper"}\n'
    )
    queries.write_text('{"_id": "q1", "text": "packets dropped on a bridge"}\n')
    assert blip("rank", "--corpus", corpus, "--queries", queries, "--run", run, "--depth", "100").returncode == 0
    assert run.read_text().split()[:4] == ["q1", "Q0", "d1", "1"]


def test_reports_are_indexed_and_found(tmp_path: Path) -> None:
    source = tmp_path / "reports.jsonl"
    source.write_text(
        '{"id": "7", "title": "guest loses arp", "text": "after suspend", "url": "https://example.org/7"}\n'
    )
    assert blip("reports", "build", source, tmp_path / "index").returncode == 0
    found = json.loads(blip("reports", "search", tmp_path / "index", "arp lost after suspend", "--json").stdout)
    assert (found[0]["id"], found[0]["url"]) == ("7", "https://example.org/7")


def test_imported_reports_stand_beside_the_casebook_when_they_are_named(tmp_path: Path) -> None:
    directory = saved_reports(tmp_path, DEAF)
    settings = {"BLIP_REPORTS": str(directory), "HOME": str(tmp_path)}
    plain = json.loads(blip("match", "--json", OPENING).stdout)
    for result in (
        blip("match", "--json", "--reports", directory, OPENING),
        blip("match", "--json", OPENING, env=settings),
    ):
        answer = json.loads(result.stdout)
        (report,) = answer.pop("reports")
        assert (report["id"], report["title"], report["url"]) == (DEAF["id"], DEAF["title"], DEAF["url"])
        assert "nightly" in report["because"]
        assert answer == plain, "the rest of the answer is as it was"
    assert json.loads(blip("match", "--json", "what a lovely day", env=settings).stdout)["reports"] == []


def test_imported_reports_are_shown_in_a_chat_and_are_no_part_of_its_state(tmp_path: Path) -> None:
    directory = saved_reports(tmp_path, DEAF)
    result = blip("chat", "--json", "--reports", directory, stdin=json.dumps(OPENING))
    state = json.loads(result.stdout)
    assert state.keys() == {"verdict", "candidates", "next_check", "findings", "reply"}
    assert "Not in the casebook, but these reports read alike:" in state["reply"]
    assert f"<{DEAF['url']}>" in state["reply"]


def test_a_batch_holds_no_reports(tmp_path: Path) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "results.jsonl"
    cases.write_text(json.dumps({"id": "a", "text": OPENING}))
    assert blip("match", "--batch", cases, "--out", out, "--reports", saved_reports(tmp_path, DEAF)).returncode == 0
    assert json.loads(out.read_text()).keys() == {"id", "verdict", "matches"}


@pytest.mark.parametrize("command", [["chat"], ["match", "x"], ["serve", "--port", "0"]])
@pytest.mark.parametrize("name", ["missing", ".", "reports.jsonl"])
def test_a_directory_without_reports_is_one_clear_line(tmp_path: Path, command: list[str], name: str) -> None:
    write_reports(tmp_path / "reports.jsonl")
    result = blip(*command, "--reports", tmp_path / name)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(str(tmp_path))
    assert result.stderr.endswith("expected a directory that `blip reports build` wrote\n")


def test_a_search_of_reports_prints_no_character_that_steers_the_terminal(tmp_path: Path) -> None:
    found = blip("reports", "search", saved_reports(tmp_path, HOSTILE), PRINTER_STORY).stdout
    assert "owned" in found
    assert "javascript" not in found
    assert all(line.isprintable() for line in found.splitlines())


def test_the_made_casebook_of_these_tests_is_a_real_one(tmp_path: Path) -> None:
    """Guards the helpers above: the texts that they change must stay loadable as they are."""
    assert all(text.startswith("---\n") for text in (INCIDENT, CHECK, FAMILY))
    assert "our-own-fault" in load([private(tmp_path).root]).incidents
