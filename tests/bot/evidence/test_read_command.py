"""`blip read`: its JSON contract, its words for people, and redaction."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

PASTE = (
    "Mar  1 02:03:04 hyper9 kernel: nf_conntrack: table full, dropping packet\n"
    "Mar  1 02:03:05 ctl7 dnsmasq-dhcp[5]: DHCPREQUEST(br5) 10.3.0.9 fa:16:3e:00:00:05\n"
    "Mar  1 02:03:05 ctl7 dnsmasq-dhcp[5]: DHCPACK(br5) 10.3.0.9 fa:16:3e:00:00:05 vm\n"
)


@pytest.fixture
def paste(tmp_path: Path) -> str:
    path = tmp_path / "paste.txt"
    path.write_text(PASTE)
    return str(path)


def run(*arguments: str, given: str | None = None) -> str:
    result = CliRunner().invoke(main, ["read", *arguments], input=given)
    assert result.exit_code == 0, result.output
    return result.output


def test_json_holds_timeline_findings_and_candidates(paste: str) -> None:
    data = json.loads(run("--json", paste))
    assert data["timeline"][0]["time"] == "Mar  1 02:03:04"
    assert data["findings"]["conntrack-count"]["outcome"] == "full"
    assert data["findings"]["conntrack-count"]["because"]
    assert data["candidates"][0]["id"] == "nf-conntrack-table-full"
    assert 0 < data["candidates"][0]["probability"] <= 1


def test_standard_input_is_read_like_a_file(paste: str) -> None:
    assert json.loads(run("--json", given=PASTE))["findings"] == json.loads(run("--json", paste))["findings"]


def test_people_get_the_conversation_as_a_table_and_the_suspects(paste: str) -> None:
    output = run(paste)
    assert "### DHCP conversation of fa:16:3e:00:00:05" in output
    assert "| Mar  1 02:03:05 | server | ack | 10.3.0.9 |" in output
    assert "(nf-conntrack-table-full)" in output


def test_healthy_evidence_names_nobody() -> None:
    output = run("--json", given="net.netfilter.nf_conntrack_count = 9\nnet.netfilter.nf_conntrack_max = 65536\n")
    data = json.loads(output)
    assert data["candidates"] == []
    assert data["verdict"] == "unknown"


def test_redaction_hides_addresses_macs_and_hosts(paste: str) -> None:
    output = run("--redact", "--json", paste)
    for secret in ("10.3.0.9", "fa:16:3e:00:00:05", "hyper9", "ctl7"):
        assert secret not in output
    assert json.loads(output)["findings"]["conntrack-count"]["outcome"] == "full"


def test_nothing_readable_is_said() -> None:
    assert "nothing in it that Blip can read" in run(given="")
