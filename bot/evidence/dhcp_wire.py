"""One DHCP frame of a capture -> one message of the conversation, with its checksum verified."""

from __future__ import annotations

import socket
import struct
from typing import Final

import dpkt

from bot.evidence.model import DhcpMessage

_TYPES: Final = {1: "discover", 2: "offer", 3: "request", 4: "decline", 5: "ack", 6: "nak", 7: "release", 8: "inform"}


def read_dhcp(packet: bytes, whole: bool) -> DhcpMessage | None:
    """Read an IPv4 packet that holds DHCP.

    Args:
        packet: from the IP header on.
        whole: true when the capture kept all of it, so that its checksum can be verified.

    Returns:
        None when it is no DHCP after all, or damaged.
    """
    try:
        header = (packet[0] & 0x0F) * 4
        source, target = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        datagram = packet[header:]
        message = dpkt.dhcp.DHCP(datagram[8:])
    except (dpkt.UnpackError, OSError, struct.error, IndexError, ValueError):
        return None
    options = dict(message.opts)
    kind = _TYPES.get(options.get(dpkt.dhcp.DHCP_OPT_MSGTYPE, b"\0")[0] if options.get(53) else 0)
    if kind is None:
        return None
    from_client = kind in ("discover", "request", "decline", "release", "inform")
    mac = message.chaddr[:6].hex(":")
    wanted = _address(options.get(50)) or (
        socket.inet_ntoa(message.ciaddr.to_bytes(4, "big")) if message.ciaddr else ""
    )
    given = socket.inet_ntoa(message.yiaddr.to_bytes(4, "big")) if message.yiaddr else ""
    host = options.get(12, b"").decode("ascii", "replace")[:64]
    return DhcpMessage(
        None,
        "",
        "wire",
        kind,
        "",
        0,
        mac=mac,
        address=wanted if from_client else given,
        server=target if from_client else _address(options.get(54)) or source,
        host=host if from_client else "",
        xid=hex(message.xid),
        note="selecting" if from_client and 54 in options else "",
        bad_checksum=whole and bad_udp_checksum(packet),
        quote=f"{source} > {target}: DHCP {kind}, xid {message.xid:#x}, {given or wanted or mac}",
    )


def _address(value: bytes | None) -> str:
    return socket.inet_ntoa(value) if value and len(value) == 4 else ""


def bad_udp_checksum(packet: bytes) -> bool:
    """Verify the UDP checksum of a whole IPv4 packet (RFC 768); an unused one, zero, is right by definition."""
    header = (packet[0] & 0x0F) * 4
    total = int.from_bytes(packet[2:4], "big")
    datagram = packet[header:total]
    if len(datagram) < 8 or datagram[6:8] == b"\0\0" or int.from_bytes(packet[6:8], "big") & 0x3FFF:
        return False
    pseudo = packet[12:20] + struct.pack("!BBH", 0, 17, len(datagram))
    data = pseudo + datagram + b"\0" * (len(datagram) % 2)
    checksum: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while checksum >> 16:
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
    return checksum != 0xFFFF
