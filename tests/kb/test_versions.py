"""Versions in text, and their order by whoever numbers them."""

from __future__ import annotations

import pytest

from kb.model import Affects
from kb.versions import Scheme, applies, compare, statements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("qemu-kvm 1.0+noroms-0ubuntu13 on precise", [("qemu-kvm", "1.0+noroms-0ubuntu13")]),
        ("ii  qemu-system-x86  1:7.2+dfsg-7  amd64", [("qemu", "1:7.2+dfsg-7")]),
        ("QEMU emulator version 9.2.0 (pve-qemu-kvm_9.2.0-2)", [("qemu", "9.2.0"), ("qemu", "9.2.0-2")]),
        ("qemu-kvm-6.2.0-11.el9.x86_64", [("qemu-kvm", "6.2.0-11.el9")]),
        ("ovs-vswitchd (Open vSwitch) 2.17.9", [("openvswitch", "2.17.9")]),
        ("Dnsmasq version 2.59  Copyright", [("dnsmasq", "2.59")]),
        ("nothing of the kind, just 10.0.0.1", []),
    ],
)
def test_statements_of_versions_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(statements(text)) == expected


@pytest.mark.parametrize(
    ("scheme", "older", "newer"),
    [
        ("deb", "1.0~rc1-1", "1.0-1"),
        ("deb", "1.0+noroms-0ubuntu13", "1.0+noroms-0ubuntu14.8"),
        ("deb", "9.9", "1:0.1"),
        ("deb", "2.9", "2.10"),
        ("deb", "1.0", "1.0a"),
        ("rpm", "1.0~rc1-1", "1.0-1"),
        ("rpm", "1.0-9.el9", "1.0-10.el9"),
        ("rpm", "1.0", "1.0^git1"),
        ("rpm", "1.0a", "1.0.1"),
        ("upstream", "9.0.0-rc2", "9.0.0"),
        ("upstream", "1:1.0+noroms-0ubuntu13", "1.1.0"),
        ("upstream", "v2.9", "2.10"),
    ],
)
def test_older_version_sorts_before_the_newer(scheme: Scheme, older: str, newer: str) -> None:
    assert compare(older, newer, scheme) < 0
    assert compare(newer, older, scheme) > 0
    assert compare(older, older, scheme) == 0


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [("upstream", "1.0", "1.0.0"), ("rpm", "1.0", "1.0-5.el9"), ("upstream", "2:9.2.0-3", "9.2")],
)
def test_marks_that_do_not_matter_are_equal(scheme: Scheme, one: str, other: str) -> None:
    assert compare(one, other, scheme) == 0


QEMU = Affects(component="qemu-kvm", scheme="upstream", introduced="0.13.0", fixed="1.1.0")


@pytest.mark.parametrize(
    ("component", "version", "expected"),
    [
        ("qemu-kvm", "1.0+noroms-0ubuntu13", True),
        ("qemu", "0.13.0", True),
        ("qemu-kvm", "1.1.0", False),
        ("qemu-kvm", "0.12.5", False),
        ("dnsmasq", "1.0", None),
    ],
)
def test_range_of_an_entry_applies(component: str, version: str, expected: bool | None) -> None:
    assert applies(QEMU, component, version) is expected


def test_entry_without_bounds_says_nothing() -> None:
    assert applies(Affects(component="qemu", versions="some"), "qemu", "1.0") is None


def test_last_affected_version_is_affected() -> None:
    affected = Affects(component="dnsmasq", scheme="deb", last_affected="2.61-1")
    assert applies(affected, "dnsmasq", "2.61-1") is True
    assert applies(affected, "dnsmasq", "2.62-1") is False
