"""How fast evidence is read: captures beside tshark on the same file and fields, tcpdump's text and logs by megabytes.

Run it with `python -m tests.bench.evidence`. Everything is made on the spot, read on one core, and measured
in one run in processor time, so that the ratios mean something on any machine, however busy.
"""

from __future__ import annotations

import random
import resource
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bot.evidence import read_evidence
from kb.load import BUILT_IN, KnowledgeBase, read_directories
from tests.bench.table import Table

FIELDS = (
    "frame.time_epoch eth.src eth.dst ip.src ip.dst ip.proto udp.srcport tcp.srcport tcp.seq tcp.len arp.opcode "
    "arp.src.proto_ipv4 "
    "dhcp.option.dhcp icmp.type icmp.mtu"
).split()
"""What Blip takes from every frame, in tshark's words."""


class Row(NamedTuple):
    """One line of the table."""

    what: str
    seconds: float
    megabytes_per_second: float
    note: str


def write_capture(path: Path, size: int) -> int:
    """Write a pcap of about this many bytes: TCP in both directions, DNS, pings, ARP. Returns the number of frames."""
    chance = random.Random(997978)
    pool = [_frame(chance) for _ in range(20_000)]
    written = frames = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while written < size:
            parts: list[bytes] = []
            for frame in pool:
                moment = 1_700_000_000_000_000 + frames * 37
                parts += (struct.pack("<IIII", moment // 1_000_000, moment % 1_000_000, len(frame), len(frame)), frame)
                frames += 1
            block = b"".join(parts)
            file.write(block)
            written += len(block)
    return frames


def _frame(chance: random.Random) -> bytes:
    guest, peer = (
        b"\x52\x54\0\x12\x34" + bytes([chance.randrange(20)]),
        b"\x52\x54\0\xab\xcd" + bytes([chance.randrange(20)]),
    )
    source, target = b"\x0a\0\0" + guest[5:], b"\x0a\0\1" + peer[5:]
    kind = chance.random()
    if kind < 0.01:
        return peer + guest + b"\x08\x06\0\x01\x08\0\x06\x04\0\x01" + guest + source + b"\0" * 6 + target + b"\0" * 18
    if kind < 0.03:
        return _ip(peer + guest, source, target, 1, b"\x08\0\0\0" + chance.randbytes(60))
    if kind < 0.1:
        return _ip(
            peer + guest,
            source,
            target,
            17,
            struct.pack("!HHHH", chance.randrange(1024, 65535), 53, 48, 0) + chance.randbytes(40),
        )
    size = chance.choice((0, 0, 64, 512, 1448, 1448, 1448))
    header = struct.pack("!HHIIHHHH", chance.randrange(40000, 40050), 443, chance.getrandbits(32), 1, 0x5010, 501, 0, 0)
    return _ip(peer + guest, source, target, 6, header + bytes(size))


def _ip(link: bytes, source: bytes, target: bytes, protocol: int, body: bytes) -> bytes:
    return (
        link
        + b"\x08\0"
        + struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, protocol, 0)
        + source
        + target
        + body
    )


def write_text(path: Path, size: int) -> None:
    """Write tcpdump text of about this many bytes, mostly TCP, with DHCP and ARP in between."""
    chance = random.Random(997978)
    lines, written, moment = [], 0, 0
    with path.open("w") as file:
        while written < size:
            moment += 41
            stamp = datetime.fromtimestamp(36_000 + moment / 1e6, UTC).strftime("%H:%M:%S.%f")
            one, other = f"10.0.0.{chance.randrange(2, 22)}", f"10.0.1.{chance.randrange(2, 22)}"
            kind = chance.random()
            if kind < 0.002:
                line = f"{stamp} ARP, Request who-has {one} tell {other}, length 28\n"
            elif kind < 0.003:
                line = (
                    f"{stamp} IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from "
                    f"52:54:00:00:00:{chance.randrange(16, 99)}, length 300\n"
                )
            else:
                start = moment * 1448 % 2**32
                line = (
                    f"{stamp} IP {one}.443 > {other}.{40000 + chance.randrange(2)}: Flags [.], seq "
                    f"{start}:{start + 1448}, ack 1, win 501, options [nop,nop,TS val 1 ecr 2], length 1448\n"
                )
            lines.append(line)
            written += len(line)
            if len(lines) == 20_000:
                file.write("".join(lines))
                lines.clear()
        file.write("".join(lines))


def write_log(path: Path, size: int) -> None:
    """Write a system's log of about this many bytes, a seventh of it DHCP and bridge ports."""
    chance = random.Random(997978)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    written = 0
    with path.open("w") as file:
        while written < size:
            lines = []
            for _ in range(20_000):
                moment += timedelta(milliseconds=chance.randrange(1500))
                lines.append(
                    f"{moment:%b} {moment.day:2} {moment:%H:%M:%S} node{chance.randrange(3)} {_said(chance)}\n"
                )
            file.write("".join(lines))
            written += sum(map(len, lines))


def _said(chance: random.Random) -> str:
    number, address = chance.randrange(10_000), f"10.0.{chance.randrange(4)}.{chance.randrange(2, 250)}"
    mac = f"52:54:00:00:{chance.randrange(4):02x}:{chance.randrange(256):02x}"
    useful = (
        f"dhclient[{number}]: DHCPREQUEST of {address} on eth0 to 10.0.0.1 port 67",
        f"dhclient[{number}]: bound to {address} -- renewal in {number} seconds.",
        f"dnsmasq-dhcp[{number}]: DHCPREQUEST(br5) {address} {mac}",
        f"dnsmasq-dhcp[{number}]: DHCPACK(br5) {address} {mac} vm{number}",
        f"kernel: [{number}.000123] br0: port 4(vnet{number % 90}) entered forwarding state",
    )
    other = (
        f"sshd[{number}]: Accepted publickey for deploy from {address} port 40{number % 1000:03} ssh2",
        f"dnsmasq[{number}]: query[A] host{number}.example.org from {address}",
        f'web[{number}]: {address} "GET /items/{chance.getrandbits(64):x} HTTP/1.1" 200 {number} "-" "Mozilla/5.0"',
        f"kernel: [{number}.000456] [UFW BLOCK] IN=eth0 OUT= SRC={address} DST=10.0.0.9 LEN=52 PROTO=TCP DPT={number}",
        f"systemd[1]: Started Session {number} of user deploy.",
    )
    return chance.choice(useful if chance.random() < 1 / 7 else other)


def run(megabytes: int = 200) -> Iterator[Row]:
    """Measure each kind, and yield the rows of the table."""
    knowledge, _ = read_directories([BUILT_IN])
    with tempfile.TemporaryDirectory() as folder:
        text, capture = Path(folder, "capture.txt"), Path(folder, "capture.pcap")
        write_text(text, megabytes << 20)
        yield _ours("tcpdump text, Blip", text, knowledge, "")
        text.unlink()
        log = Path(folder, "syslog")
        write_log(log, megabytes << 20)
        yield _ours("mixed syslog, Blip", log, knowledge, "")
        log.unlink()
        frames = write_capture(capture, megabytes << 20)
        ours = _ours("pcap, Blip", capture, knowledge, f"{frames:,} frames")
        yield ours
        tshark = shutil.which("tshark")
        if tshark is None:
            yield Row("pcap, tshark", 0, 0, "skipped: tshark is not installed")
            return
        fields = [word for field in FIELDS for word in ("-e", field)]
        subprocess.run(
            [tshark, "-n", "-r", str(capture), "-T", "fields", *fields],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = usage.ru_utime + usage.ru_stime
        yield Row(
            "pcap, tshark -T fields",
            seconds,
            megabytes / seconds,
            f"Blip is {seconds / ours.seconds:.1f} times as fast",
        )


def _ours(what: str, path: Path, knowledge: KnowledgeBase, note: str) -> Row:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    read_evidence([path], knowledge)
    seconds = time.process_time() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    memory = f"peak memory grew by {grown:.0f} MB"
    return Row(what, seconds, path.stat().st_size / 2**20 / seconds, f"{note}, {memory}" if note else memory)


def tables() -> list[Table]:
    """Return the table of reading evidence."""
    rows = [[row.what, f"{row.seconds:.2f} s", f"{row.megabytes_per_second:.1f} MB/s", row.note] for row in run()]
    return [Table("Reading evidence, on one core, in processor time", ["what", "time", "speed", "note"], rows)]


if __name__ == "__main__":
    print("\n".join(map(str, tables())))
