"""A host with a bridge, its guests and a DHCP server, in network namespaces, and the ways to break it.

A guest's NIC is a real tap on the host, and a small program between the tap and the guest plays qemu. So it can fail as
qemu did: stop taking frames off the tap, or hand over frames whose checksum nobody filled in.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

TOOLS: Final = ("ip", "nft", "iptables", "ss", "tcpdump", "dnsmasq", "dhclient", "ping", "sysctl")
_TUNSETIFF, _TUNSETOFFLOAD, _TUN_F_CSUM = 0x400454CA, 0x400454D0, 0x01
_IFF_TAP, _IFF_NO_PI, _IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
_VNET_HEADER: Final = 10
_CLIENT_SCRIPT: Final = """#!/bin/sh
case "$reason" in
  BOUND|RENEW|REBIND|REBOOT) ip addr replace "$new_ip_address/24" dev "$interface" ;;
  EXPIRE|FAIL|RELEASE) ip addr flush dev "$interface" ;;
  PREINIT) ip link set "$interface" up ;;
esac
exit 0
"""
_CLIENT_CONF: Final = """
timeout 6; retry 60; initial-interval 1; backoff-cutoff 2; reboot 1;
send host-name "{name}";
supersede dhcp-lease-time 20; supersede dhcp-renewal-time 5; supersede dhcp-rebinding-time 11;
"""


def missing() -> str:
    """Say why the lab cannot be built on this machine; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    probe = subprocess.run(["ip", "netns", "add", "blip-probe"], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", "blip-probe"], capture_output=True)
    return "" if probe.returncode == 0 else f"no network namespaces here: {probe.stderr.strip()}"


class Nic:
    """A guest's NIC: carries frames between the tap on the host and the guest's own interface."""

    def __init__(self, tap: str, inside: str, raw: bool = False) -> None:
        """Make both ends.

        Args:
            tap: the temporary name of the host's end.
            inside: the temporary name of the guest's end.
            raw: hand frames over without the checksums that their sender left to hardware.
        """
        self.deaf = False
        self._raw = raw
        self._tap = self._open(tap, _IFF_VNET_HDR if raw else 0)
        if raw:
            fcntl.ioctl(self._tap, _TUNSETOFFLOAD, _TUN_F_CSUM)
        self._inside = self._open(inside, 0)
        self._running = True
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    @staticmethod
    def _open(name: str, flags: int) -> int:
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH14x", name.encode(), _IFF_TAP | _IFF_NO_PI | flags))
        return descriptor

    def _carry(self) -> None:
        while self._running:
            # A deaf NIC goes on sending and takes nothing more off the tap, whose queue fills up.
            ends = [self._inside] if self.deaf else [self._inside, self._tap]
            for end in select.select(ends, [], [], 0.1)[0]:
                with contextlib.suppress(OSError):
                    frame = os.read(end, 65536)
                    if end == self._tap:
                        os.write(self._inside, frame[_VNET_HEADER:] if self._raw else frame)
                    else:
                        os.write(self._tap, bytes(_VNET_HEADER) + frame if self._raw else frame)

    def close(self) -> None:
        """Take both ends away."""
        self._running = False
        self._thread.join()
        os.close(self._tap)
        os.close(self._inside)


class Lab:
    """One host. Everything it made is gone when the context ends, but for the files in its folder."""

    _made = 0
    _lock = threading.Lock()

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is made before the context is entered."""
        self.folder = folder
        with Lab._lock:
            Lab._made += 1
            self._id = f"b{os.getpid() % 100000}n{Lab._made}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []
        self._spaces: list[str] = []
        self._nics: list[Nic] = []

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            for space in ("host", "server"):
                self._space(space)
            self.run("host", "ip link add br0 type bridge forward_delay 0")
            self.run("host", "ip link set br0 up")
            self.run("host", f"ip link add srv0 type veth peer name eth0 netns {self.space('server')}")
            self.run("host", "ip link set srv0 master br0 up")
            self.run("server", "ip link set eth0 up")
            self.run("server", "ip addr add 10.77.0.1/24 dev eth0")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._threads:
            thread.join(5)
        for nic in self._nics:
            nic.close()
        for space in self._spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True)

    def space(self, name: str) -> str:
        """Return the namespace of a machine."""
        return f"{self._id}-{name}"

    def _space(self, name: str) -> None:
        subprocess.run(["ip", "netns", "add", self.space(name)], check=True, capture_output=True)
        self._spaces.append(self.space(name))
        self.run(name, "ip link set lo up")
        # IPv6 chatter would only lengthen the captures.
        self.run(name, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")

    def run(self, machine: str, command: str, check: bool = True) -> str:
        """Run a command on a machine and return what it printed."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.space(machine), *command.split()], capture_output=True, text=True, timeout=60
        )
        if check and done.returncode:
            raise RuntimeError(f"{command}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout + done.stderr

    def start(self, machine: str, command: str, log: str = "", program: str = "") -> subprocess.Popen[bytes]:
        """Start a program on a machine; its lines go to a log with time, host and program, as syslog writes them."""
        wanted = subprocess.PIPE if log else subprocess.DEVNULL
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.space(machine), *command.split()],
            stdout=wanted,
            stderr=subprocess.STDOUT if log else wanted,
        )
        self._processes.append(process)
        if log:
            thread = threading.Thread(
                target=self._keep, args=(process, machine, program, self.folder / log), daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return process

    @staticmethod
    def _keep(process: subprocess.Popen[bytes], machine: str, program: str, log: Path) -> None:
        assert process.stdout is not None
        with log.open("a") as file:
            for line in process.stdout:
                stamp = time.strftime("%b %d %H:%M:%S", time.gmtime())
                file.write(f"{stamp} {machine} {program}[{process.pid}]: {line.decode(errors='replace').rstrip()}\n")
                file.flush()

    def guest(self, name: str, mac: str = "52:54:00:77:00:01", raw: bool = False) -> Nic:
        """Start a guest whose NIC is `tap-<name>` on the host and `eth0` inside."""
        self._space(name)
        outer, inner = f"{self._id}o{len(self._nics)}"[-15:], f"{self._id}i{len(self._nics)}"[-15:]
        nic = Nic(outer, inner, raw)
        self._nics.append(nic)
        self._ip(f"link set {outer} netns {self.space('host')} name tap-{name}")
        self._ip(f"link set {inner} netns {self.space(name)} name eth0")
        self.run("host", f"ip link set tap-{name} txqueuelen 4 master br0 up")
        self.run(name, f"ip link set eth0 address {mac} up")
        return nic

    @staticmethod
    def _ip(command: str) -> None:
        subprocess.run(["ip", *command.split()], check=True, capture_output=True)

    def capture(self, machine: str, interface: str, name: str, only: str = "") -> None:
        """Capture on an interface into `<name>.pcap` until the context ends, and wait until it has begun."""
        path = self.folder / f"{name}.pcap"
        self.start(machine, f"tcpdump -U -Z root -s 0 -c 4000 -ni {interface} -w {path} {only}".strip())
        deadline = time.monotonic() + 10
        while not (path.exists() and path.stat().st_size >= 24):
            if time.monotonic() > deadline:
                raise RuntimeError(f"tcpdump did not start on {interface}")
            time.sleep(0.05)

    def serve_dhcp(self) -> subprocess.Popen[bytes]:
        """Start dnsmasq on the server."""
        for word in ("leases", "pid"):
            (self.folder / f"dnsmasq.{word}").unlink(missing_ok=True)
        return self.start(
            "server",
            "dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --user=root --interface=eth0 "
            "--bind-interfaces --no-ping "
            f"--dhcp-range=10.77.0.50,10.77.0.99,2m --dhcp-authoritative --dhcp-leasefile={self.folder}/dnsmasq.leases "
            f"--pid-file={self.folder}/dnsmasq.pid --log-facility={self.folder}/dnsmasq.log",
        )

    def ask_dhcp(self, name: str) -> subprocess.Popen[bytes]:
        """Start dhclient in a guest."""
        script, conf = self.folder / f"{name}-script", self.folder / f"{name}.conf"
        script.write_text(_CLIENT_SCRIPT)
        script.chmod(0o755)
        conf.write_text(_CLIENT_CONF.format(name=name))
        files = f"-lf {self.folder}/{name}.leases -pf {self.folder}/{name}.pid"
        return self.start(
            name, f"dhclient -4 -d -cf {conf} -sf {script} {files} eth0", f"{name}-dhclient.log", "dhclient"
        )

    def wait_for(self, log: str, words: str, seconds: float = 30) -> None:
        """Wait until a log holds some words."""
        path = self.folder / log
        deadline = time.monotonic() + seconds
        while not (path.exists() and words in path.read_text(errors="replace")):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{log} never said {words!r}: {path.read_text() if path.exists() else 'no log'}")
            time.sleep(0.1)

    def note(self, machine: str, prompt: str, command: str, file: str = "host.txt") -> None:
        """Keep a command with its output, as an operator would paste it."""
        output = self.run(machine, command, check=False)
        with (self.folder / file).open("a") as log:
            log.write(f"{prompt}# {command}\n{output}")


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder with a path short enough for dhclient, and remove it."""
    with tempfile.TemporaryDirectory(prefix="blip") as folder:
        yield Path(folder)
