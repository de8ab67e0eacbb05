"""Pseudonyms for addresses, MACs and host names."""

from __future__ import annotations

import ipaddress
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.redact import Redactor

SECRET = b"0123456789abcdef"


def redact(text: str, *hosts: str) -> str:
    return Redactor(hosts, SECRET).text(text)


def test_same_address_gets_the_same_pseudonym_and_others_do_not() -> None:
    first, second, third = redact("10.4.0.9 10.4.0.9 10.4.0.10").split()
    assert first == second != third
    assert "10.4.0.9" not in (first, third)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"), st.integers(0, 255))
def test_neighbours_stay_neighbours_and_private_stays_private(address: ipaddress.IPv4Address, last: int) -> None:
    neighbour = ipaddress.IPv4Address((int(address) & 0xFFFFFF00) | last)
    one, other = redact(f"{address} {neighbour}").split()
    assert one.rpartition(".")[0] == other.rpartition(".")[0]
    assert (one == other) == (address == neighbour)
    assert ipaddress.IPv4Address(one) in ipaddress.ip_network("10.0.0.0/8")


def test_public_addresses_become_ones_that_nobody_has() -> None:
    assert ipaddress.ip_address(redact("9.9.9.9")) in ipaddress.ip_network("198.18.0.0/15")


def test_special_addresses_and_versions_stay() -> None:
    text = "255.255.255.255 0.0.0.0 127.0.0.1 224.0.0.18 169.254.169.254 ff:ff:ff:ff:ff:ff qemu-kvm 1.0.2.3-4"
    assert redact(text) == text


def test_port_after_an_address_stays() -> None:
    assert re.fullmatch(
        r"IP 10\.\d+\.\d+\.\d+\.68 > 10\.\d+\.\d+\.\d+\.67: "
        r"x",
        redact("IP 10.4.0.9.68 > 10.4.0.1.67: x"),
    )


def test_macs_keep_the_bits_that_say_group_and_local() -> None:
    for written in ("52:54:00:12:34:56", "01:23:45:67:89:ab", "fe:54:00:12:34:56"):
        fresh = redact(written)
        assert fresh != written
        assert int(fresh[:2], 16) & 3 == int(written[:2], 16) & 3


def test_ipv6_keeps_its_scope_and_network() -> None:
    one, other, link = redact("2a01:4f8::1 2a01:4f8::2 fe80::1").split()
    assert ipaddress.IPv6Address(one) in ipaddress.ip_network("2001:db8::/32")
    assert ipaddress.IPv6Address(one).exploded[:19] == ipaddress.IPv6Address(other).exploded[:19]
    assert ipaddress.IPv6Address(link).is_link_local


def test_times_are_no_addresses() -> None:
    assert redact("at 10:20:30 and 2026-03-01 10:20:30.123") == "at 10:20:30 and 2026-03-01 10:20:30.123"


def test_hosts_of_logs_and_prompts_and_given_ones_are_replaced_everywhere() -> None:
    text = "Mar  1 02:03:04 secret-db1 kernel: hi\nroot@other9:~# ip addr\nthen secret-db1 and other9 and given7"
    fresh = redact(text, "given7")
    for name in ("secret-db1", "other9", "given7"):
        assert name not in fresh
    assert len(set(re.findall(r"host-[0-9a-f]{4}", fresh))) == 3


def test_domain_names_are_replaced() -> None:
    assert "example.com" not in redact("see db.example.com for more")


@given(st.text(max_size=500))
def test_any_text_can_be_redacted(text: str) -> None:
    redact(text)


def test_two_redactors_do_not_agree() -> None:
    assert Redactor().text("52:54:00:12:34:56") != Redactor().text("52:54:00:12:34:56")
