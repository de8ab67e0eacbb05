"""The scripts that Blip prints and never runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.kit import collecting_script, reproducing_script
from kb.load import BUILT_IN, KnowledgeBase, read_directories

SHELLCHECK = Path(sys.executable).parent / "shellcheck"


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    return read_directories([BUILT_IN])[0]


def lint(script: str) -> str:
    return subprocess.run([SHELLCHECK, "-"], input=script, capture_output=True, text=True, check=False).stdout


def test_general_kit_is_clean_shell() -> None:
    assert lint(collecting_script()) == ""


def test_kit_of_every_incident_is_clean_shell(knowledge: KnowledgeBase) -> None:
    scripts = {collecting_script([knowledge.checks[name] for name in incident.expect]) for incident in knowledge.active}
    for script in sorted(scripts, key=len)[-3:]:
        assert lint(script) == ""


def test_kit_holds_nothing_that_changes_a_machine(knowledge: KnowledgeBase) -> None:
    everything = collecting_script(knowledge.checks.values())
    for check in knowledge.checks.values():
        if check.cost.risk != "read-only":
            assert f"({check.id})" in everything
            for command in check.run:
                assert f"look '{command.command}'" not in everything


def test_kit_collects_what_can_be_read_back(tmp_path: Path) -> None:
    script = tmp_path / "collect.sh"
    script.write_text(collecting_script([]).replace("timeout 30", "timeout 1").replace("timeout 60", "timeout 1"))
    subprocess.run(["sh", script, "dhcp-server"], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    text = (tmp_path / "blip-evidence" / "dhcp-server.txt").read_text()
    assert text.startswith("dhcp-server# date\n")


def test_kit_asks_where_it_is(tmp_path: Path) -> None:
    done = subprocess.run(["sh", "-c", collecting_script()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "host|guest" in done.stderr


def test_every_reproduction_is_clean_shell(knowledge: KnowledgeBase) -> None:
    scripts = [script for incident in knowledge.active if (script := reproducing_script(incident))]
    assert scripts
    assert lint(scripts[0]) == ""
    for script in scripts:
        assert subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0


def test_loss_detector_writes_the_record_that_soak_reads(knowledge: KnowledgeBase, tmp_path: Path) -> None:
    script = reproducing_script(knowledge.incidents["qemu-bridged-network-loss"])
    assert script is not None
    # A ping that never answers, and no waiting, stand in for a guest that is dead from the start.
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, body in (("ping", "exit 1"), ("sleep", "exit 0")):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    path = f"{tools}:/usr/bin:/bin"
    subprocess.run(
        ["sh", "-c", script], env={"PATH": path, "VICTIM": "192.0.2.7"}, cwd=tmp_path, check=True, timeout=60
    )
    record = tmp_path / "qemu-bridged-network-loss.record"
    assert record.read_text().splitlines()[-1] == "1"
    result = CliRunner().invoke(main, ["soak", "--record", str(record)])
    assert result.exit_code == 0


def test_commands_print_and_refuse_in_words() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["collect", "--check", "tap-tx-drops"]).output.startswith("#!/bin/sh")
    assert runner.invoke(main, ["reproduce", "qemu-bridged-network-loss"]).output.startswith("#!/bin/sh")
    refused = runner.invoke(main, ["reproduce", "no-such-thing"])
    assert refused.exit_code == 1
    assert "no incident" in refused.output
