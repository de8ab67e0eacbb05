"""Addresses, MACs and host names -> pseudonyms that stay the same within one text and keep what a reader needs.

Two addresses of one /24 (or one IPv6 /64) stay in one, private ones stay private, a MAC keeps the bits that say group
or local, and special addresses stay as they are. A pseudonym depends on a secret that is drawn anew for each redactor,
so two summaries cannot be lined up against each other.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from typing import Final

_IPV4: Final = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d{1,3}\.)")
_MAC: Final = re.compile(
    r"(?<![0-9A-Fa-f:.-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
)
_IPV6: Final = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,39}::?[0-9A-Fa-f]{0,4})[0-9A-Fa-f:]{2,39}(?![\w:])")
_SYSLOG_HOST: Final = re.compile(
    r"(?m)^((?:\[[^\]\n]{1,40}\] )?(?:[A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\dT?) ?[\d:.,+Z-]{8,32} "
    r")([A-Za-z][\w.-]{1,62})(?= [\w./-]{1,60}(?:\[\d+\])?:)"
)
_PROMPT_HOST: Final = re.compile(r"(?m)^(\[?(?:[\w.-]{1,32}@)?)([A-Za-z][\w.-]{1,62})(?=(?:[: ][~/]\S{0,80})?\]?[#$] )")
_FQDN: Final = re.compile(
    r"(?<![\w./@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}(?:com|net|org|local|lan|internal|corp|intra"
    r"|example|de|fr|uk|io|cloud)\b(?!\.\w)",
    re.I,
)
_KEPT_MACS: Final = ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:80:c2:", "33:33:", "01:00:5e:")
_KEPT_NAMES: Final = frozenset({"localhost", "kernel", "guest", "host"})
_PRIVATE: Final = tuple(
    ipaddress.ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


class Redactor:
    """Replaces what identifies machines, always in the same way."""

    def __init__(self, hosts: Iterable[str] = (), secret: bytes | None = None) -> None:
        """Prepare to redact.

        Args:
            hosts: names to replace wherever they stand, beside those that the text itself shows to be hosts.
            secret: what pseudonyms are derived from; drawn at random when it is not given.
        """
        self._secret = secret or secrets.token_bytes(16)
        self._hosts = {name for name in hosts if name.lower() not in _KEPT_NAMES and len(name) > 1}

    def text(self, text: str) -> str:
        """Return a text with every address, MAC and host name replaced."""
        text = _MAC.sub(lambda match: self._mac(match[0]), text)
        text = _IPV4.sub(lambda match: self._ipv4(match[0]), text)
        text = _IPV6.sub(lambda match: self._ipv6(match[0]), text)
        names = {match[2] for form in (_SYSLOG_HOST, _PROMPT_HOST) for match in form.finditer(text)}
        names |= {match[0] for match in _FQDN.finditer(text)} | self._hosts
        wanted = sorted((name for name in names if name.lower() not in _KEPT_NAMES), key=len, reverse=True)[:500]
        if not wanted:
            return text
        form = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, wanted))})(?![\w-])")
        return form.sub(lambda match: f"host-{self._bytes('host', match[0].lower())[:2].hex()}", text)

    def _bytes(self, kind: str, value: str) -> bytes:
        return hmac.new(self._secret, f"{kind} {value}".encode(), hashlib.sha256).digest()

    def _mac(self, written: str) -> str:
        mac = written.lower().replace("-", ":")
        if mac.startswith(_KEPT_MACS):
            return written
        fresh = bytearray(self._bytes("mac", mac)[:6])
        # The two lowest bits of the first octet say group and local; a fault can hang on them.
        fresh[0] = fresh[0] & 0xFC | int(mac[:2], 16) & 0x03
        return fresh.hex(written[2])

    def _ipv4(self, written: str) -> str:
        try:
            address = ipaddress.IPv4Address(written)
        except ValueError:
            return written
        if (
            address.is_loopback
            or address.is_multicast
            or address.is_unspecified
            or address.is_link_local
            or written.startswith("255.")
        ):
            return written
        home = next((network for network in _PRIVATE if address in network), None)
        network = int(address) >> 8
        fresh = int.from_bytes(self._bytes("net", str(network))[:3], "big")
        if home is None:
            # A range kept for documentation (RFC 5737 has only three, so 198.18.0.0/15 of RFC 2544 stands in).
            fresh = (198 << 16) | (18 << 8) | (fresh & 0x1FF)
        else:
            bits = 24 - home.prefixlen
            fresh = int(home.network_address) >> 8 | (fresh & ((1 << bits) - 1))
        last = int(address) & 0xFF
        if last not in (0, 1, 254, 255):
            last = 2 + (last - 2 + self._bytes("host part", str(network))[0]) % 252
        return str(ipaddress.IPv4Address(fresh << 8 | last))

    def _ipv6(self, written: str) -> str:
        try:
            address = ipaddress.IPv6Address(written)
        except ValueError:
            return written
        if address.is_loopback or address.is_multicast or address.is_unspecified:
            return written
        value = int(address)
        low = int.from_bytes(self._bytes("v6 host", hex(value))[:8], "big")
        if address.is_link_local:
            return str(ipaddress.IPv6Address(0xFE80 << 112 | low))
        prefix = self._bytes("v6 net", hex(value >> 64))
        home = 0xFD00 << 48 if address.is_private and not str(address).startswith("2001:db8") else 0x20010DB8 << 32
        return str(ipaddress.IPv6Address((home | int.from_bytes(prefix[:4], "big")) << 64 | low))
