"""Frames and capture files made by hand, byte by byte, for tests of what reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import dpkt

GUEST_MAC = "52:54:00:aa:00:01"
SERVER_MAC = "52:54:00:bb:00:02"
TYPES = {"discover": 1, "offer": 2, "request": 3, "decline": 4, "ack": 5, "nak": 6}


def mac(text: str) -> bytes:
    """Turn a written MAC into bytes."""
    return bytes.fromhex(text.replace(":", ""))


def ip(text: str) -> bytes:
    """Turn a written IPv4 address into bytes."""
    return bytes(map(int, text.split(".")))


def ethernet(source: str, target: str, kind: int, body: bytes, tags: Sequence[int] = ()) -> bytes:
    """Wrap a body into a frame, with VLAN tags if wanted."""
    tagged = b"".join(b"\x81\x00" + struct.pack("!H", tag) for tag in tags)
    return mac(target) + mac(source) + tagged + struct.pack("!H", kind) + body


def ipv4(source: str, target: str, protocol: int, body: bytes) -> bytes:
    """Wrap a body into an IPv4 packet."""
    return (
        struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0x4000, 64, protocol, 0) + ip(source) + ip(target) + body
    )


def udp(source: str, target: str, ports: tuple[int, int], body: bytes, checksum: int | None = None) -> bytes:
    """Wrap a body into a UDP packet, with a right checksum unless another is given."""
    header = struct.pack("!HHHH", *ports, 8 + len(body), 0)
    pseudo = ip(source) + ip(target) + struct.pack("!BBH", 0, 17, 8 + len(body))
    right = dpkt.in_cksum(pseudo + header + body) or 0xFFFF
    filled = struct.pack("!HHHH", *ports, 8 + len(body), right if checksum is None else checksum)
    return ipv4(source, target, 17, filled + body)


def dhcp(
    kind: str, client: str = GUEST_MAC, address: str = "", server: str = "10.9.0.1", bad: bool = False, host: str = ""
) -> bytes:
    """Make a DHCP frame: a question from the client or an answer to it."""
    asks = kind in ("discover", "request")
    options: list[tuple[int, bytes]] = [(53, bytes([TYPES[kind]]))]
    if not asks:
        options.append((54, ip(server)))
    if host:
        options.append((12, host.encode()))
    renewing = kind == "request" and bool(address)
    message = dpkt.dhcp.DHCP(
        op=1 if asks else 2,
        xid=0xABCD,
        chaddr=mac(client) + bytes(10),
        yiaddr=0 if asks or not address else int.from_bytes(ip(address), "big"),
        ciaddr=int.from_bytes(ip(address), "big") if renewing else 0,
        opts=tuple(options),
    )
    body = bytes(message)
    if asks:
        ends = (address or "0.0.0.0", server if renewing else "255.255.255.255", (68, 67))
        return ethernet(client, SERVER_MAC if renewing else "ff:ff:ff:ff:ff:ff", 0x0800, udp(*ends, body))
    packet = udp(server, address or "255.255.255.255", (67, 68), body, 0x1234 if bad else None)
    return ethernet(SERVER_MAC, client, 0x0800, packet)


def arp(kind: int, sender: str, sender_ip: str, target_ip: str, target: str = "ff:ff:ff:ff:ff:ff") -> bytes:
    """Make an ARP request (1) or reply (2)."""
    body = b"\0\x01\x08\0\x06\x04" + struct.pack("!H", kind) + mac(sender) + ip(sender_ip)
    return ethernet(sender, target, 0x0806, body + (bytes(6) if kind == 1 else mac(target)) + ip(target_ip))


def tcp(source: str, target: str, sequence: int, size: int, flags: int = 0x10) -> bytes:
    """Make a TCP frame with this much payload."""
    header = struct.pack("!HHIIHHHH", 40000, 443, sequence & 0xFFFFFFFF, 1, 0x5000 | flags, 500, 0, 0)
    return ethernet(GUEST_MAC, SERVER_MAC, 0x0800, ipv4(source, target, 6, header + bytes(size)))


def icmp(source: str, target: str, kind: int = 8, code: int = 0, rest: bytes = bytes(4)) -> bytes:
    """Make an ICMP frame."""
    return ethernet(
        GUEST_MAC, SERVER_MAC, 0x0800, ipv4(source, target, 1, bytes([kind, code, 0, 0]) + rest + bytes(28))
    )


def pcap(frames: Iterable[tuple[float, bytes]], order: str = "<", nano: bool = False, link: int = 1) -> bytes:
    """Write frames with their times as a pcap file."""
    unit = 10**9 if nano else 10**6
    parts = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for time, frame in frames:
        ticks = round(time * unit)
        parts += [struct.pack(order + "IIII", ticks // unit, ticks % unit, len(frame), len(frame)), frame]
    return b"".join(parts)


def pcapng(frames: Iterable[tuple[float, bytes]], interface: str = "", order: str = "<") -> bytes:
    """Write frames with their times as a pcapng file of one named interface."""
    name = interface.encode()
    option = struct.pack(order + "HH", 2, len(name)) + name + bytes(-len(name) % 4) + bytes(4) if name else b""
    parts = [
        _block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order),
        _block(1, struct.pack(order + "HHI", 1, 0, 0) + option, order),
    ]
    for time, frame in frames:
        ticks = round(time * 10**6)
        head = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
        parts.append(_block(6, head + frame + bytes(-len(frame) % 4), order))
    return b"".join(parts)


def _block(kind: int, body: bytes, order: str) -> bytes:
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size
