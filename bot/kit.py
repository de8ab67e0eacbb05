"""Shell scripts that an operator runs elsewhere: one that collects evidence, one that watches for the first loss.

Blip prints them and never runs them. A collecting script only reads, stops by itself, and bounds what it writes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from kb.duration import format_duration
from kb.model import Check, Incident, Risk, Vantage

_GUESSES: Final = {"NIC": "eth0"}
SECONDS: Final = 30
"""How long one command may run."""
_BYTES: Final = 400_000
_NAME: Final = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)")
_WRITES: Final = re.compile(r"-w |\$CAPTURE")
_MEANINGS: Final = {
    "GUEST": "the guest's name; `virsh list` shows it",
    "TAP": "the guest's tap on the host; `virsh domiflist` shows it",
    "NIC": "the guest's interface",
    "UPLINK": "the host's physical NIC",
}

_PLACES: Final[Mapping[Vantage, str]] = {
    Vantage.HOST: "the host that runs the guest, as root",
    Vantage.GUEST: "the guest, over its console",
    Vantage.DHCP_SERVER: "the machine with the DHCP server, as root",
    Vantage.NETWORK_NODE: "the network node, as root",
    Vantage.NETWORK: "any other machine that talks to the guest",
    Vantage.API: "a machine with the cloud's command line",
}
_GENERAL: Final[Mapping[Vantage, Sequence[str]]] = {
    Vantage.HOST: (
        "date; uname -r",
        "virsh list; virsh dumpxml \"$GUEST\" | grep -A12 '<interface'",
        'ip -s link show dev "$TAP"; sleep 10; ip -s link show dev "$TAP"',
        "ps -e -o args | grep '[q]emu.* -netdev' | head -n 20",
        "ip addr show | head -n 1000",
        "ip -d link show | head -n 1000",
        "ip neigh show | head -n 200",
        "bridge -d link show | head -n 500",
        "bridge vlan show | head -n 1000",
        "bridge fdb show | grep -v permanent | head -n 500",
        "brctl show",
        'ethtool -i "$UPLINK"; ethtool -k "$UPLINK"',
        'ethtool -S "$UPLINK"',
        'tc -s qdisc show dev "$TAP"',
        "sysctl net.bridge.bridge-nf-call-iptables net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
        "conntrack -S",
        "iptables-save -c",
        "nft list ruleset",
        "ovs-vsctl show 2>/dev/null",
        "ovs-ofctl dump-flows br-int 2>/dev/null | head -n 300",
        "ovs-ofctl dump-flows br-tun 2>/dev/null | head -n 300",
        "journalctl -k --since -2h --no-pager | tail -n 500",
        "for _ in $(seq 25); do date +%T | tr '\\n' ' '; "
        "awk '/^ *TLB:/ {n = 0; for (f = 2; f <= NF; f++) if ($f ~ /^[0-9]+$/) n += $f; print n}' /proc/interrupts; "
        "sleep 1; done",
        "dpkg -l 'qemu*' 'openvswitch*' 'libvirt-daemon*' 2>/dev/null | grep ^ii || rpm -qa 'qemu*' "
        "'openvswitch*' 'libvirt-daemon*'; pveversion -v",
    ),
    Vantage.GUEST: (
        "date; uname -r",
        'ip -s link show dev "$NIC"; sleep 10; ip -s link show dev "$NIC"',
        "grep virtio /proc/interrupts; sleep 10; grep virtio /proc/interrupts",
        "ip addr show; ip route show",
        "ip neigh show",
        'ethtool -i "$NIC"; ethtool -k "$NIC"; ethtool -S "$NIC"',
        "journalctl --since -2h --no-pager | grep -Ei 'dhclient|networkd|NetworkManager|udhcpc|kernel' | tail -n 500",
    ),
    Vantage.DHCP_SERVER: (
        "date",
        "ps -e -o pid,lstart,args | grep '[d]nsmasq\\|[d]hcpd'",
        "dnsmasq --version | head -n 1",
        "journalctl --since -2h --no-pager | grep -Ei 'dnsmasq|dhcpd' | tail -n 1000",
        "iptables -t mangle -S POSTROUTING",
    ),
}
_CAPTURES: Final = {Vantage.HOST: ("TAP", "tap"), Vantage.GUEST: ("NIC", "guest")}


def collecting_script(checks: Iterable[Check] = ()) -> str:
    """Return a script that collects evidence; `sh collect.sh host`, `sh collect.sh guest` and so on run one part of it.

    Args:
        checks: collect only what these checks look at; everything the readers understand when there are none.
    """
    wanted = list(checks)
    parts = _chosen(wanted) if wanted else {place: list(commands) for place, commands in _GENERAL.items()}
    meanings = _MEANINGS | {name: meaning for check in wanted for name, meaning in check.placeholders.items()}
    names = _names(parts)
    places = "|".join(place.value for place in parts)
    lines = [
        "#!/bin/sh",
        f"# Collects evidence for Blip. It only reads; each command stops after {SECONDS} s and {_BYTES // 1000} kB.",
        f"# Use: NAME=value … sh collect.sh {places}, then: blip read blip-evidence/*",
        "# What needs a name that is not set is left out. The names:",
        *(f"#   {name}: {meanings.get(name, 'see the check that uses it')}" for name in names),
        *(
            f"# Not collected, because it is {check.cost.risk.value}: {check.title} ({check.id})"
            for check in wanted
            if check.cost.risk is not Risk.READ_ONLY
        ),
        "# shellcheck disable=SC2016  # the quoted commands are expanded by the shell that runs them",
        "set -u",
        *(f': "${{{name}:={_GUESSES.get(name, "")}}}"' for name in names),
        f"export {' '.join(names)}",
        "OUT=blip-evidence",
        'mkdir -p "$OUT" || exit 1',
        "look() {",
        "  printf '%s# %s\\n' \"$PLACE\" \"$(printf %s \"$1\" | tr '\\n' ';')\"",
        f'  timeout {SECONDS} sh -c "$1" 2>&1 | head -c {_BYTES}',
        "}",
        "PLACE=${1:-}",
        'case "$PLACE" in',
        *(line for place, commands in parts.items() for line in _part(place, commands)),
        f'*) echo "usage: sh collect.sh {places}" >&2; exit 2 ;;',
        "esac",
    ]
    return "\n".join(lines)


def _chosen(checks: Sequence[Check]) -> dict[Vantage, list[str]]:
    parts: dict[Vantage, list[str]] = {}
    for check in checks:
        if check.cost.risk is Risk.READ_ONLY and check.where in _PLACES:
            commands = [command.command for command in check.run if command.on is None]
            parts.setdefault(check.where, []).extend(
                command.strip() for command in commands if not _WRITES.search(command)
            )
    found = {place: list(dict.fromkeys(commands)) for place, commands in parts.items() if commands}
    # A check that is answered from memory still leaves the time of the collection to be told.
    return found or {Vantage.HOST: ["date; uname -r"]}


def _names(parts: Mapping[Vantage, Sequence[str]]) -> list[str]:
    captured = [_CAPTURES[place][0] for place in parts if place in _CAPTURES]
    used = [name for commands in parts.values() for command in commands for name in _NAME.findall(command)]
    return list(dict.fromkeys([*captured, *used]))


def _part(place: Vantage, commands: Sequence[str]) -> Iterable[str]:
    yield f"{place.value}) # {_PLACES[place]}"
    yield "  {"
    for command in commands:
        unset = " || ".join(f'[ -z "${name}" ]' for name in dict.fromkeys(_NAME.findall(command)))
        yield f"    {f'{{ {unset}; }} || ' if unset else ''}look {shlex.quote(command)}"
    yield f'  }} > "$OUT/{place.value}.txt" 2>&1'
    if place in _CAPTURES:
        name, file = _CAPTURES[place]
        capture = f'timeout {SECONDS * 2} tcpdump -s 200 -c 20000 -ni "${name}" -w "$OUT/{file}.pcap"'
        yield f'  [ -z "${name}" ] || {capture}'
    yield "  ;;"


def reproducing_script(incident: Incident) -> str | None:
    """Return how to reproduce an incident, with a detector that appends the time to the first loss to a record.

    Returns:
        None when the entry knows no reproduction.
    """
    recipe = incident.reproduce
    if recipe is None or not (recipe.command or recipe.steps):
        return None
    mean = "unknown" if recipe.mean_time_to_failure is None else format_duration(recipe.mean_time_to_failure)
    lines = [
        "#!/bin/sh",
        f"# {incident.title} ({incident.id})",
        *([f"# Needs: {recipe.needs}"] if recipe.needs else []),
        f"# Mean time to failure of an affected system: {mean}",
        "#",
        "# 1. Break it, on machines that nobody needs:",
        *(f"#    {number}. {step}" for number, step in enumerate(recipe.steps, 1)),
        *(f"#    {line}" for line in (recipe.command or "").splitlines()),
        "#",
        "# 2. Run this file on a third machine, with the victim's address: VICTIM=192.0.2.7 sh reproduce.sh",
        "#    It waits for five lost pings in a row and writes the seconds from its start to the first of them.",
        f"# 3. After some runs: blip soak --record {incident.id}.record",
        ': "${VICTIM:?give the address of the guest that is to fail}"',
        f'RECORD="${{RECORD:-{incident.id}.record}}"',
        "start=$(date +%s) first=$start lost=0",
        'while [ "$lost" -lt 5 ]; do',
        '  if ping -c 1 -W 1 "$VICTIM" > /dev/null 2>&1; then',
        "    lost=0",
        "  else",
        '    [ "$lost" -gt 0 ] || first=$(date +%s)',
        "    lost=$((lost + 1))",
        "  fi",
        "  sleep 1",
        "done",
        f'echo "# {incident.id} $VICTIM started $(date -u -d "@$start" +%FT%TZ), first loss $(date -u -d '
        '"@$first" +%FT%TZ)" >> "$RECORD"',
        'echo "$((first > start ? first - start : 1))" >> "$RECORD"',
        'tail -n 2 "$RECORD"',
    ]
    return "\n".join(lines)
