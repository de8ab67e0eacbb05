"""DHCP conversations: merged from both sides, on one clock, with each exchange labelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.evidence import DhcpMessage, Evidence
from bot.evidence.conversation import converse, offset, seven_steps

MAC = "fa:16:3e:00:00:01"


def message(time: float, side: str, what: str, server: str = "") -> DhcpMessage:
    return DhcpMessage(time, str(time), side, what, "", int(time), mac=MAC, address="10.1.0.5", server=server)


def the_issue(ahead: float = 0.0) -> list[DhcpMessage]:
    ours = [message(0, "client", "bound")]
    theirs = []
    for time, where in ((60, "10.1.0.1"), (65, "10.1.0.1"), (73, "10.1.0.1"), (105, "255.255.255.255")):
        ours.append(message(time, "client", "request", where))
        theirs.append(message(time + ahead, "server", "request"))
        theirs.append(message(time + ahead, "server", "ack"))
    return [*ours, message(121, "client", "gave-up"), *theirs]


@pytest.mark.parametrize("ahead", [0.0, 0.4, -3.5, 7200.0])
def test_clock_difference_is_estimated_from_what_both_saw(ahead: float) -> None:
    messages = the_issue(ahead)
    estimate = offset([m for m in messages if m.side == "client"], [m for m in messages if m.side == "server"])
    assert estimate is not None
    assert estimate[0] == pytest.approx(ahead)


def test_clock_difference_is_stated() -> None:
    assert "3.5 s behind the client's" in converse(the_issue(-3.5))[0].clock
    assert "agree" in converse(the_issue())[0].clock


@pytest.mark.parametrize("ahead", [0.0, -3.5, 7200.0])
def test_seven_steps_of_the_issue_are_recognised(ahead: float) -> None:
    (conversation,) = converse(the_issue(ahead))
    assert conversation.signature
    assert [exchange.label for exchange in conversation.exchanges] == ["answered-but-ignored"]
    assert conversation.exchanges[0].rebinding


def test_acknowledgement_that_the_client_hears_is_no_signature() -> None:
    heard = [m for m in the_issue() if m.what != "gave-up"] + [
        message(105.1, "client", "ack"),
        message(106, "client", "bound"),
    ]
    (conversation,) = converse(heard)
    assert not conversation.signature


def test_log_without_hosts_or_times_is_one_client_in_the_order_of_its_lines(read: Callable[[str], Evidence]) -> None:
    (conversation,) = read(
        "DHCPDISCOVER on eth7 to 255.255.255.255 port 67 interval 6\nDHCPOFFER of 10.9.0.79 from 10.9.0.1\n"
        "DHCPREQUEST for 10.9.0.79 on eth7 to 255.255.255.255 port 67\nDHCPACK of 10.9.0.79 from 10.9.0.1\n"
        "bound to 10.9.0.79 -- renewal in 48 seconds.\n"
    ).conversations
    assert [step.what for step in conversation.messages] == ["discover", "offer", "request", "ack", "bound"]


def test_messages_of_one_second_stay_in_the_order_of_their_log(read: Callable[[str], Evidence]) -> None:
    head, tail = "Mar  1 02:00:01 d dhcpd[9]:", f"{MAC} via eth1\n"
    (conversation,) = read(
        f"{head} DHCPDISCOVER from {tail}{head} DHCPOFFER on 10.1.0.5 to {tail}"
        f"{head} DHCPREQUEST for 10.1.0.5 from {tail}{head} DHCPACK on 10.1.0.5 to {tail}"
    ).conversations
    assert [step.what for step in conversation.messages] == ["discover", "offer", "request", "ack"]


def test_client_that_begins_again_opens_an_exchange() -> None:
    lease = [message(0, "wire", "discover"), message(1, "wire", "ack")]
    (conversation,) = converse([*lease, message(20, "wire", "discover"), message(23, "wire", "discover")])
    assert [exchange.label for exchange in conversation.exchanges] == ["answered", "unanswered"]


def test_lost_lease_is_said_without_any_request(read: Callable[[str], Evidence]) -> None:
    evidence = read("Mar  1 14:00:03 vm systemd-networkd[5]: ens3: DHCP lease lost\n")
    assert evidence.shows == ("DHCP of vm: the client lost its lease at Mar  1 14:00:03.",)


def test_silent_server_is_no_signature() -> None:
    assert not seven_steps([m for m in the_issue() if m.side == "client"])


def test_renewal_without_any_answer_is_called_so() -> None:
    (conversation,) = converse([m for m in the_issue() if m.side == "client" and m.what != "gave-up"])
    assert [exchange.label for exchange in conversation.exchanges] == ["renewal-unanswered"]


def test_each_client_has_its_own_conversation() -> None:
    other = DhcpMessage(1, "1", "server", "discover", "", 1, mac="fa:16:3e:00:00:02")
    assert {conversation.client for conversation in converse([*the_issue(), other])} == {MAC, "fa:16:3e:00:00:02"}


CLIENT = """\
Apr  3 04:00:00 db4 dhclient[77]: DHCPREQUEST of 10.1.0.5 on ens3 to 10.1.0.1 port 67
Apr  3 04:00:00 db4 dhclient[77]: DHCPACK of 10.1.0.5 from 10.1.0.1
Apr  3 04:00:00 db4 dhclient[77]: bound to 10.1.0.5 -- renewal in 55 seconds.
Apr  3 04:00:55 db4 dhclient[77]: DHCPREQUEST of 10.1.0.5 on ens3 to 10.1.0.1 port 67
Apr  3 04:01:03 db4 dhclient[77]: DHCPREQUEST of 10.1.0.5 on ens3 to 10.1.0.1 port 67
Apr  3 04:01:40 db4 dhclient[77]: DHCPREQUEST of 10.1.0.5 on ens3 to 255.255.255.255 port 67
Apr  3 04:02:00 db4 dhclient[77]: DHCPDISCOVER on ens3 to 255.255.255.255 port 67 interval 5
Apr  3 04:02:10 db4 dhclient[77]: No DHCPOFFERS received.
"""
SERVER = """\
Apr  3 04:00:02 ctl dnsmasq-dhcp[9]: DHCPREQUEST(br7) 10.1.0.5 fa:16:3e:00:00:01
Apr  3 04:00:02 ctl dnsmasq-dhcp[9]: DHCPACK(br7) 10.1.0.5 fa:16:3e:00:00:01 db4
Apr  3 04:00:57 ctl dnsmasq-dhcp[9]: DHCPREQUEST(br7) 10.1.0.5 fa:16:3e:00:00:01
Apr  3 04:00:57 ctl dnsmasq-dhcp[9]: DHCPACK(br7) 10.1.0.5 fa:16:3e:00:00:01 db4
Apr  3 04:01:05 ctl dnsmasq-dhcp[9]: DHCPREQUEST(br7) 10.1.0.5 fa:16:3e:00:00:01
Apr  3 04:01:05 ctl dnsmasq-dhcp[9]: DHCPACK(br7) 10.1.0.5 fa:16:3e:00:00:01 db4
Apr  3 04:01:42 ctl dnsmasq-dhcp[9]: DHCPREQUEST(br7) 10.1.0.5 fa:16:3e:00:00:01
Apr  3 04:01:42 ctl dnsmasq-dhcp[9]: DHCPACK(br7) 10.1.0.5 fa:16:3e:00:00:01 db4
"""


def test_both_logs_together_tell_the_issue(read: Callable[[str], Evidence]) -> None:
    evidence = read(CLIENT + SERVER)
    assert evidence.conversations[0].signature
    assert "2.0 s ahead" in evidence.conversations[0].clock
    assert evidence.findings["dhcp-server-log"].outcome == "answers"
    assert evidence.findings["reply-seen-in-guest"].outcome == "absent"


def test_clients_log_alone_blames_nobody(read: Callable[[str], Evidence]) -> None:
    evidence = read(CLIENT)
    assert not evidence.conversations[0].signature
    assert evidence.conversations[0].exchanges[-1].gave_up
    assert "dhcp-server-log" not in evidence.findings


def test_server_that_never_hears_the_client(read: Callable[[str], Evidence]) -> None:
    asks = "IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from fa:16:3e:00:00:09, length 300"
    capture = "vm# tcpdump -ni ens3\n" + "".join(f"04:00:0{n}.100000 {asks}\n" for n in range(4))
    evidence = read(SERVER + capture)
    assert evidence.findings["dhcp-server-log"].outcome == "request-never-arrives"
