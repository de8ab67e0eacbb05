"""Long logs lose the lines that no reader uses, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evidence import Evidence, read_evidence
from bot.evidence import notebook as notebook_module
from bot.evidence.sieve import Sieve
from kb.load import KnowledgeBase
from tests.bot.evidence.test_readers import CLIENTS, FAULTS

DULL = "Mar  1 02:00:00 h9 sshd[7]: Accepted publickey for deploy from 192.0.2.9 port 40000 ssh2\n"


def read(path: Path, text: str, knowledge: KnowledgeBase) -> Evidence:
    path.write_text(text)
    return read_evidence([path], knowledge)


def test_only_dated_lines_without_a_word_are_left_out() -> None:
    block = (
        b"Mar  1 02:00:00 h a: first of the block\n"
        b"Mar  1 02:00:01 h a: nothing\n"
        b"2026-03-01T02:00:02.5+01:00 h a: A TELLING one\n"
        b"[   12.345678] nothing\n"
        b"output of a command\n"
        b"    and more of it\n"
        b"2026-03-01 02:00:03.100000 IP 10.0.0.1.53 > 10.0.0.2.1: 1 A? x. (9)\n"
        b"<30>Mar  1 02:00:04 h a: nothing\n"
    )
    lines = block.splitlines(keepends=True)
    pieces = Sieve(["telling"]).take(block)
    assert pieces == [(0, lines[0]), (2, lines[2]), (4, b"".join(lines[4:7]))]


@pytest.mark.parametrize("text", [text for *_, text in FAULTS.values()], ids=FAULTS)
def test_nothing_that_counts_is_left_out_of_a_long_log(text: str, knowledge: KnowledgeBase, tmp_path: Path) -> None:
    alone = read(tmp_path / "log", text, knowledge)
    amid = read(tmp_path / "log", DULL * 900 + text + "\n" + DULL * 900, knowledge)
    assert amid.findings.keys() == alone.findings.keys()
    assert [event.what for event in amid.timeline] == [event.what for event in alone.timeline]


def test_every_client_is_heard_in_a_long_log(knowledge: KnowledgeBase, tmp_path: Path) -> None:
    said = "".join(f"Mar  1 02:03:04 {n} {who}[9]: {what}\n" for n, (what, who, _) in enumerate(CLIENTS.values()))
    evidence = read(tmp_path / "log", DULL * 900 + said.replace("04 ", "04 vm"), knowledge)
    assert sum(len(talk.messages) for talk in evidence.conversations) == len(CLIENTS)


def test_lines_are_numbered_as_in_the_file(knowledge: KnowledgeBase, tmp_path: Path) -> None:
    full = "Mar  1 02:03:04 h9 kernel: nf_conntrack: table full, dropping packet\n"
    evidence = read(tmp_path / "log", DULL * 1999 + full + DULL, knowledge)
    assert [event.line for event in evidence.timeline] == [2000]


def test_dhcp_messages_are_bounded_and_a_short_log_is_kept_beside_a_long_one(
    knowledge: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook_module, "MAX_MESSAGES", 100)
    client = "Mar  1 02:00:00 vm dhclient[7]: DHCPREQUEST of 10.3.0.9 on eth0 to 10.3.0.1 port 67\n"
    server = "".join(
        f"Mar  1 02:{n // 60:02}:{n % 60:02} ctl dnsmasq-dhcp[5]: DHCPREQUEST(br5) 10.3.0.9 fa:16:3e:00:00:05\n"
        for n in range(300)
    )
    evidence = read(tmp_path / "log", client + server, knowledge)
    sides = [step.side for talk in evidence.conversations for step in talk.messages]
    assert len(sides) <= 100
    assert sides.count("client") == 1
    assert any("only the newer ones" in sentence for sentence in evidence.unread)
