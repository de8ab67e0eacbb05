"""A mixed paste is taken apart by its own marks."""

from __future__ import annotations

import pytest

from bot.evidence.clock import Clock
from bot.evidence.pieces import Splitter, bare_command
from kb.model import Vantage


@pytest.mark.parametrize(
    ("text", "host", "command"),
    [
        ("node3# ip -s link show dev vnet1", "node3", "ip -s link show dev vnet1"),
        ("root@node3:~# bridge fdb show", "node3", "bridge fdb show"),
        ("[root@node3 ~]# ovs-vsctl show", "node3", "ovs-vsctl show"),
        ("$ sudo tcpdump -ni eth0", "", "tcpdump -ni eth0"),
        ("# ip netns exec qdhcp-1 ip addr", "", "ip addr"),
        ("==> compute node3: tcpdump -ni tap1 <==", "compute node3", "tcpdump -ni tap1"),
    ],
)
def test_prompts_and_titles_say_who_ran_what(text: str, host: str, command: str) -> None:
    splitter = Splitter("", Clock())
    line = splitter.take(text)
    assert line.mark
    assert (splitter.place.host, splitter.place.command) == (host, command)


@pytest.mark.parametrize(
    ("label", "vantage"),
    [
        ("guest", Vantage.GUEST),
        ("dhcp server", Vantage.DHCP_SERVER),
        ("compute 4", Vantage.HOST),
        ("switch", Vantage.SWITCH),
    ],
)
def test_label_before_a_line_says_where_it_is_from(label: str, vantage: Vantage) -> None:
    line = Splitter("", Clock()).take(f"[{label}] something was seen")
    assert line.place.vantage is vantage
    assert line.message == "something was seen"


@pytest.mark.parametrize(
    "text",
    [
        "--- 10.0.0.1 ping statistics ---",
        "[   12.345678] br0: port 1(vnet0) entered forwarding state",
        "Mar  4 01:02:03 node3 kernel: something # and more",
        "    inet 10.0.0.1/24 scope global eth0",
        "-A FORWARD -j DROP",
    ],
)
def test_output_is_no_mark(text: str) -> None:
    assert not Splitter("", Clock()).take(text).mark


@pytest.mark.parametrize(
    ("text", "host", "program", "message"),
    [
        ("Mar  4 01:02:03 node3 kernel: hello", "node3", "kernel", "hello"),
        ("Mar  4 01:02:03 node3 kernel: [ 12.345678] hello", "node3", "kernel", "hello"),
        ("2026-03-04T01:02:03.123456+01:00 node3 dnsmasq-dhcp[12]: hello", "node3", "dnsmasq-dhcp", "hello"),
        ("[  12.345678] hello", "", "kernel", "hello"),
        ("[Wed Mar  4 01:02:03 2026] HELLO WORLD: x", "", "kernel", "HELLO WORLD: x"),
        ("udhcpc: sending discover", "", "udhcpc", "sending discover"),
    ],
)
def test_log_lines_are_taken_apart(text: str, host: str, program: str, message: str) -> None:
    line = Splitter("", Clock()).take(text)
    assert (line.host, line.program, line.message) == (host, program, message)


def test_wrappers_are_taken_off() -> None:
    assert bare_command("sudo timeout 30 ip netns exec x tcpdump -n") == "tcpdump -n"


def test_missing_dates_are_taken_from_other_lines() -> None:
    clock = Clock()
    dated = clock.read("2026-03-04 01:02:03 x")
    syslog = clock.read("Mar  4 01:02:04 x")
    bare = clock.read("01:02:05.500000 x")
    assert dated is not None
    assert syslog is not None
    assert bare is not None
    times = [clock.place(stamp) for stamp, _ in (dated, syslog, bare)]
    assert [time - times[0] for time in times] == pytest.approx([0, 1, 2.5])
