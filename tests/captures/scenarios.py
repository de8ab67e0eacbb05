"""The faults that are made on purpose, each leaving the files that an operator would have."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.captures.lab import Lab

_SERVER_MAIN: Final = (
    "import socket;s=socket.create_server(('',{port}));k=[]\nwhile 1:\n"
    " c,_=s.accept();k.append(c);c.recv(1);c.sendall(b'ok')"
)
_UPLOAD: Final = (
    "import socket,time;c=socket.create_connection(('10.77.0.1',{port}),5);c.send(b'small');c.recv(10)\n"
    "c.sendall(bytes(200000));time.sleep(9)"
)
_KEEP_TALKING: Final = (
    "import socket,time\nc=socket.create_connection(('10.77.0.1',{port}),5)\n"
    "for i in range(60):\n c.send(b'x');time.sleep(.2)"
)
_OPEN_MANY: Final = (
    "import socket\nfor i in range(60):\n"
    " s=socket.socket();s.settimeout(.1)\n try: s.connect(('10.77.0.1',{port}));s.send(b'x')\n except OSError: pass"
)


def the_issue(folder: Path) -> None:
    """A guest goes deaf while it works; its renewals are answered, unheard, until it gives up."""
    with Lab(folder) as lab:
        nic = lab.guest("vm1")
        lab.capture("vm1", "eth0", "guest-eth0")
        lab.capture("host", "tap-vm1", "tap-vm1")
        lab.serve_dhcp()
        lab.ask_dhcp("vm1")
        lab.wait_for("vm1-dhclient.log", "bound to")
        address = _address(folder / "vm1-dhclient.log")
        lab.start("server", f"ping -i 0.2 {address}")
        time.sleep(2)
        nic.deaf = True
        time.sleep(2)
        lab.note("host", "host", "ip -s link show dev tap-vm1")
        lab.wait_for("vm1-dhclient.log", "No DHCPOFFERS received", 60)
        lab.note("host", "host", "ip -s link show dev tap-vm1")


def server_dead(folder: Path) -> None:
    """No DHCP server runs."""
    with Lab(folder) as lab:
        lab.guest("vm1")
        lab.capture("host", "tap-vm1", "tap-vm1")
        lab.ask_dhcp("vm1")
        lab.wait_for("vm1-dhclient.log", "No DHCPOFFERS received")
        lab.note("server", "dhcp-server", "ss -lun sport = :67", "server.txt")


def bad_checksum(folder: Path) -> None:
    """The server leaves checksums to hardware, and nothing on the way to the guest fills them in."""
    with Lab(folder) as lab:
        lab.guest("vm1", raw=True)
        lab.capture("vm1", "eth0", "guest-eth0")
        lab.serve_dhcp()
        lab.ask_dhcp("vm1")
        lab.wait_for("vm1-dhclient.log", "No DHCPOFFERS received")
        lab.note("server", "dhcp-server", "iptables -t mangle -S POSTROUTING", "server.txt")


def bridge_netfilter(folder: Path) -> None:
    """Bridged frames pass the host's iptables, whose FORWARD policy drops them."""
    with Lab(folder) as lab:
        lab.guest("vm1")
        lab.run("host", "sysctl -qw net.bridge.bridge-nf-call-iptables=1")
        lab.run("host", "iptables -P FORWARD DROP")
        lab.capture("host", "tap-vm1", "tap-vm1")
        lab.serve_dhcp()
        lab.ask_dhcp("vm1")
        lab.wait_for("vm1-dhclient.log", "No DHCPOFFERS received")
        lab.note("host", "host", "sysctl net.bridge.bridge-nf-call-iptables")
        lab.note("host", "host", "iptables -L FORWARD -v -n")


def mtu_black_hole(folder: Path) -> None:
    """Frames above 1400 bytes vanish on the bridge without a word; smaller ones pass."""
    with Lab(folder) as lab:
        lab.guest("vm1")
        lab.run("vm1", "ip addr add 10.77.0.60/24 dev eth0")
        lab.run("host", "nft add table bridge f")
        _nft(lab, "add chain bridge f c { type filter hook forward priority 0 ; }")
        _nft(lab, "add rule bridge f c meta length > 1400 drop")
        lab.capture("host", "tap-vm1", "tap-vm1")
        with _python(lab, "server", _SERVER_MAIN.format(port=5001)):
            lab.start("vm1", "ping -i 0.5 10.77.0.1")
            time.sleep(1)
            with _python(lab, "vm1", _UPLOAD.format(port=5001)):
                time.sleep(8)
        for size in (1472, 1372, 1000):
            lab.note("vm1", "vm1", f"ping -M do -c 2 -W 1 -s {size} 10.77.0.1", "guest.txt")


def duplicate_mac(folder: Path) -> None:
    """Two guests of one bridge have the same MAC."""
    with Lab(folder) as lab:
        lab.guest("vm1")
        lab.guest("vm2")
        lab.capture("host", "br0", "br0")
        lab.serve_dhcp()
        for name in ("vm1", "vm2"):
            lab.ask_dhcp(name)
        time.sleep(12)


def conntrack_full(folder: Path) -> None:
    """The connection tracking table is full: what is open goes on, nothing new gets through."""
    with Lab(folder) as lab, _few_connections(lab):
        lab.guest("vm1")
        lab.run("vm1", "ip addr add 10.77.0.60/24 dev eth0")
        lab.run("host", "sysctl -qw net.bridge.bridge-nf-call-iptables=1")
        lab.run("host", "iptables -A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT")
        lab.capture("host", "tap-vm1", "tap-vm1")
        with (
            _python(lab, "server", _SERVER_MAIN.format(port=5001)),
            _python(lab, "vm1", _KEEP_TALKING.format(port=5001)),
        ):
            time.sleep(1)
            with _python(lab, "vm1", _OPEN_MANY.format(port=5001)):
                time.sleep(9)
            lab.note("host", "host", "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max")
    log = subprocess.run(["dmesg"], capture_output=True, text=True, check=False).stdout
    (folder / "dmesg.txt").write_text("\n".join(line for line in log.splitlines()[-200:] if "conntrack" in line) + "\n")


SCENARIOS: Final[dict[str, Callable[[Path], None]]] = {
    function.__name__: function
    for function in (
        the_issue,
        server_dead,
        bad_checksum,
        bridge_netfilter,
        mtu_black_hole,
        duplicate_mac,
        conntrack_full,
    )
}


def _address(log: Path) -> str:
    found = re.search(r"bound to (\S+)", log.read_text())
    assert found is not None
    return found[1]


def _nft(lab: Lab, command: str) -> None:
    subprocess.run(["ip", "netns", "exec", lab.space("host"), "nft", command], check=True, capture_output=True)


@contextlib.contextmanager
def _python(lab: Lab, machine: str, program: str) -> Iterator[None]:
    """Run a few lines of Python on a machine while the context lasts."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", lab.space(machine), "python3", "-c", program],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(0.5)
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _few_connections(lab: Lab) -> Iterator[None]:
    """Lower the limit of tracked connections: in the host's namespace where the kernel has one there, else for all."""
    setting = Path("/proc/sys/net/netfilter/nf_conntrack_max")
    before = setting.read_text()
    inside = lab.run("host", "sysctl -qw net.netfilter.nf_conntrack_max=20", check=False)
    try:
        if inside.strip():
            if Path("/proc/sys/net/netfilter/nf_conntrack_count").read_text().strip() != "0":
                raise NotImplementedError(
                    "this machine tracks connections of its own, which the lower limit would drop"
                )
            setting.write_text("20")
        yield
    finally:
        setting.write_text(before)
