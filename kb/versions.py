"""Versions of packages: found in text, and compared by the order of whoever numbers them.

Three orders exist: Debian's (Debian Policy, section 5.6.12), RPM's (rpmvercmp in rpm's own source, documented in
`rpm-version(7)`), and upstream's plain one, for which the marks of a distribution are taken off first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final, Literal

from kb.model import Affects

Scheme = Literal["deb", "rpm", "upstream"]

_VERSION: Final = r"(?:\d{1,4}:)?\d{1,6}(?:[.]\w{1,20}){1,8}[\w.+~^-]{0,60}"
_COMPONENT: Final = (
    r"(?:pve-)?qemu(?:-kvm|-system(?:-\w{2,10})?)?|linux(?:-image)?|dnsmasq(?:-base)?|open "
    r"?vswitch(?:-switch)?|ovs-vswitchd|libvirt(?:-daemon|d)?|keepalived|neutron(?:-[a-z0-9-]{2,30})?|nova"
    r"(?:-[a-z-]{2,30})?|ovn(?:-[a-z]{2,20})?|dhclient|isc-dhcp-client|dpdk|kvm"
)
_STATEMENT: Final = re.compile(
    rf"(?<![\w/.-])(?P<component>{_COMPONENT})"
    rf"(?::\w{{2,8}})?(?:[ \t]{{1,60}}|[-_])(?:package |emulator |\(Open vSwitch\) )?(?:version |v)?"
    rf"(?P<version>{_VERSION})",
    re.IGNORECASE,
)
_ALIASES: Final = {
    "kvm": "qemu-kvm",
    "pve-qemu-kvm": "qemu",
    "qemu-system": "qemu",
    "qemu-system-x86": "qemu",
    "qemu-system-x86_64": "qemu",
    "qemu-system-common": "qemu",
    "dnsmasq-base": "dnsmasq",
    "open vswitch": "openvswitch",
    "openvswitch-switch": "openvswitch",
    "ovs-vswitchd": "openvswitch",
    "linux-image": "linux",
    "libvirtd": "libvirt",
    "libvirt-daemon": "libvirt",
    "dhclient": "isc-dhcp-client",
}
_SAME: Final = ({"qemu", "qemu-kvm"}, {"linux", "kernel", "linux-image"}, {"openvswitch", "ovs"})
_RPM_SUFFIX: Final = re.compile(r"\.(?:x86_64|i[36]86|noarch|aarch64|ppc64le|s390x|rpm|deb)$")
_PIECES: Final = re.compile(r"\d+|[a-z]+|~|\^", re.IGNORECASE)
_MOST_TEXT: Final = 20_000


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Yield each component with its version that a text states, by the component's usual name.

    It reads package lists, `--version` output and prose such as "qemu-kvm 1.0+noroms-0ubuntu13 on precise".
    """
    if not any(character.isdigit() for character in text[:_MOST_TEXT]):
        return
    for match in _STATEMENT.finditer(text[:_MOST_TEXT]):
        version = _RPM_SUFFIX.sub("", match["version"].rstrip(".-+~^"))
        yield usual_name(match["component"]), _RPM_SUFFIX.sub("", version)


def usual_name(component: str) -> str:
    """Return the name under which a component is known, whatever its package is called."""
    name = component.lower().strip()
    return _ALIASES.get(name, name)


def applies(affected: Affects, component: str, version: str) -> bool | None:
    """Tell whether a version of a component has the fault.

    Returns:
        None when the entry speaks of another component or gives no bounds to compare with.
    """
    ours, theirs = usual_name(component), usual_name(affected.component)
    if ours != theirs and not any({ours, theirs} <= same for same in _SAME):
        return None
    if affected.introduced is None and affected.fixed is None and affected.last_affected is None:
        return None
    if affected.introduced is not None and compare(version, affected.introduced, affected.scheme) < 0:
        return False
    if affected.fixed is not None and compare(version, affected.fixed, affected.scheme) >= 0:
        return False
    return affected.last_affected is None or compare(version, affected.last_affected, affected.scheme) <= 0


def compare(one: str, other: str, scheme: Scheme) -> int:
    """Compare two versions: negative when the first is older, zero when equal, positive when newer."""
    if scheme == "upstream":
        return _compare_rpm(_upstream(one), _upstream(other))
    epoch, version, revision = _parts(one, scheme)
    other_epoch, other_version, other_revision = _parts(other, scheme)
    order = _compare_deb if scheme == "deb" else _compare_rpm
    difference = epoch - other_epoch or order(version, other_version)
    # RPM's bounds are mostly written without a release, and then speak of every release.
    if difference or (scheme == "rpm" and not (revision and other_revision)):
        return difference
    return order(revision, other_revision)


def _parts(version: str, scheme: Scheme) -> tuple[int, str, str]:
    epoch, colon, rest = version.strip().rpartition(":")
    upstream, hyphen, revision = rest.rpartition("-") if scheme == "deb" else rest.partition("-")
    if not hyphen:
        upstream, revision = rest, ""
    return int(epoch[:6]) if colon and epoch.isdigit() else 0, upstream, revision


def _upstream(version: str) -> str:
    """Take a distribution's marks off: `1:1.0+noroms-0ubuntu13` is `1`, and `9.0.0-rc2` is `9.0.0~rc2`."""
    bare = version.strip().rpartition(":")[2].lower().lstrip("v")
    bare = re.sub(r"[-.]?(rc|alpha|beta|pre)(?=\d)", r"~\1", bare)
    bare = re.split(r"[-+]", bare, maxsplit=1)[0]
    return re.sub(r"(?:\.0+)+(?=$|~)", "", bare)


def _compare_deb(one: str, other: str) -> int:
    """Debian's order: runs of other characters and of digits in turn; `~` sorts before everything, even the end."""
    ours, theirs = re.findall(r"(\D*)(\d*)", one), re.findall(r"(\D*)(\d*)", other)
    for (word, number), (other_word, other_number) in zip_longest(ours, theirs, fillvalue=("", "")):
        for mine, its in zip_longest(word, other_word, fillvalue=""):
            if mine != its:
                return _weight(mine) - _weight(its)
        difference = int(number or 0) - int(other_number or 0)
        if difference:
            return difference
    return 0


def _weight(character: str) -> int:
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 256


def _compare_rpm(one: str, other: str) -> int:
    """RPM's order: pieces of digits or letters, digits the newer; `~` is older and `^` newer than the end."""
    ours, theirs = _PIECES.findall(one), _PIECES.findall(other)
    for mine, its in zip_longest(ours, theirs, fillvalue=""):
        if mine == its:
            continue
        if "~" in (mine, its):
            return -1 if mine == "~" else 1
        if "^" in (mine, its):
            return (1 if not its else -1) if mine == "^" else (-1 if not mine else 1)
        if not mine or not its:
            return 1 if mine else -1
        if mine.isdigit() and its.isdigit():
            if int(mine) != int(its):
                return int(mine) - int(its)
        elif mine.isdigit() or its.isdigit():
            return 1 if mine.isdigit() else -1
        else:
            return 1 if mine > its else -1
    return 0
