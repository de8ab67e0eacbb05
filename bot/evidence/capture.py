"""A capture file -> traffic: tallies from whole columns, and the telling frames one by one."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from bot.evidence.container import Batch, Interface, batches
from bot.evidence.dhcp_wire import read_dhcp
from bot.evidence.frames import (
    ARP,
    ETHERNET,
    IPV4,
    IPV6,
    RARP,
    Bytes,
    Frames,
    columns,
    known,
    number,
)
from bot.evidence.notebook import Notebook
from bot.evidence.packets import Packets, dotted, tallies
from bot.evidence.pieces import vantage_of
from bot.evidence.segments import SegmentMemory
from bot.evidence.tcpdump import named_interface
from bot.evidence.traffic import Reply, Traffic

_MOST_DHCP: Final = 5000
_MOST_RESENT: Final = 2000
_BROADCAST: Final = 0xFFFFFFFF
_TCP, _UDP, _ICMP, _IGMP, _VRRP, _ICMP6 = 6, 17, 1, 2, 112, 58


def read_capture(name: str, blocks: Iterable[bytes], book: Notebook) -> None:
    """Read a pcap or pcapng file, in memory that does not grow with it."""
    reader = _CaptureReader(name, book)
    for batch in batches(blocks, lambda sentence: book.leave(f"{name}: {sentence}")):
        reader.batch(batch)
    reader.finish()


class _CaptureReader:
    def __init__(self, name: str, book: Notebook) -> None:
        self._name = name
        self._book = book
        self._traffic: dict[int, Traffic] = {}
        self._segments = SegmentMemory()
        self._dhcp = 0
        self._frame = 0
        self._unknown: set[int] = set()

    def batch(self, batch: Batch) -> None:
        """Count one batch."""
        start, self._frame = self._frame, self._frame + len(batch.times)
        if not known(batch.interface.link):
            self._unknown.add(batch.interface.link)
            return
        frames = columns(batch)
        traffic = self._of(batch.interface)
        traffic.frames += len(batch.times)
        self._link_layer(frames, traffic)
        self._arp(frames, traffic)
        self._ipv4(frames, traffic, start)
        self._ipv6(frames, traffic)

    def finish(self) -> None:
        """Say what was not read."""
        for link in sorted(self._unknown):
            self._book.leave(f"{self._name}: frames of link type {link} are not read")
        if self._dhcp > _MOST_DHCP:
            self._book.leave(f"{self._name}: {self._dhcp - _MOST_DHCP} DHCP messages beyond the first {_MOST_DHCP}")
        if self._segments.full:
            self._book.leave(f"{self._name}: TCP flows beyond the first 100000 were not followed")

    def _of(self, interface: Interface) -> Traffic:
        key = id(interface)
        if key not in self._traffic:
            name = interface.name or named_interface(self._name)
            traffic = Traffic(f"({self._name})", name, vantage_of(self._name.rpartition(".")[0]), dated=True)
            self._traffic[key] = traffic
            self._book.traffic.append(traffic)
        return self._traffic[key]

    # Link layer and ARP ----------------------------------------------------------------------------------------------

    def _link_layer(self, frames: Frames, traffic: Traffic) -> None:
        notes = traffic.notes
        notes["vlan"] += int((frames.tags == 1).sum())
        notes["stacked-vlan"] += int((frames.tags > 1).sum())
        notes["oversize"] += int((frames.batch.lengths > 1514 + 4 * frames.tags).sum())
        if frames.batch.interface.link == ETHERNET:
            to_switches = (frames.target[:, :5] == np.array([1, 0x80, 0xC2, 0, 0], np.uint8)).all(axis=1)
            notes["bpdu"] += int((to_switches & (frames.target[:, 5] == 0) & (frames.ether_type < 0x600)).sum())
        rarp = np.flatnonzero(frames.ether_type == RARP)
        notes["rarp"] += len(rarp)
        for index in rarp[:10]:
            stamp = self._book.clock.at_epoch(float(frames.batch.times[index]))
            what = f"RARP announcement of {_mac(frames.source[index])} on {traffic.interface or self._name}"
            self._book.event_at(stamp, what, traffic.name, 0)

    def _arp(self, frames: Frames, traffic: Traffic) -> None:
        chosen = np.flatnonzero(frames.ether_type == ARP)
        if not len(chosen):
            return
        rows = frames.network[chosen]
        times = frames.batch.times[chosen]
        operation, asker, wanted = number(rows, 6, 2), number(rows, 14, 4), number(rows, 24, 4)
        own = asker == wanted
        for pair, tally in tallies(asker, wanted, times, (operation == 1) & ~own):
            traffic.tally(traffic.arp_requests, pair, tally.last, tally.count, tally.first)
        for where, mask in ((traffic.arp_replies, (operation == 2) & ~own), (traffic.announcements, own)):
            for index in np.flatnonzero(mask)[: 4000 if len(where) < 4000 else 0]:
                traffic.reply(where, Reply(float(times[index]), dotted(int(asker[index])), _mac(rows[index, 8:14])))
        for index in np.unique(asker, return_index=True)[1][:1000]:
            if asker[index]:
                traffic.owns(dotted(int(asker[index])), _mac(rows[index, 8:14]))

    # IPv4 ------------------------------------------------------------------------------------------------------------

    def _ipv4(self, frames: Frames, traffic: Traffic, start: int) -> None:
        chosen = np.flatnonzero((frames.ether_type == IPV4) & (frames.network[:, 0] >> 4 == 4))
        if not len(chosen):
            return
        packets = Packets.of(frames, chosen)
        ports = ((67, 68), (68, 67), (67, 67))
        dhcp = packets.holds(_UDP) & np.logical_or.reduce(
            [(packets.source_port == one) & (packets.target_port == other) for one, other in ports]
        )
        for index in np.flatnonzero(dhcp):
            self._dhcp_message(frames, int(chosen[index]), traffic, start)
        packets.count(traffic.payload, ~dhcp & (packets.target != _BROADCAST), traffic)
        self._icmp(packets, traffic)
        traffic.notes["igmp-query"] += int((packets.holds(_IGMP) & (packets.inner[:, 0] == 0x11)).sum())
        masters = np.unique(packets.source[packets.holds(_VRRP)])
        traffic.vrrp_sources.update(dotted(int(value)) for value in masters[:100])
        if packets.holds(_TCP).any():
            self._tcp(packets, traffic)

    def _dhcp_message(self, frames: Frames, index: int, traffic: Traffic, start: int) -> None:
        self._dhcp += 1
        if self._dhcp > _MOST_DHCP:
            return
        batch = frames.batch
        begin = int(batch.offsets[index] + frames.network_at[index])
        end = int(batch.offsets[index] + batch.captured[index])
        message = read_dhcp(batch.block[begin:end], bool(batch.captured[index] >= batch.lengths[index]))
        if message is None:
            return
        if message.bad_checksum:
            traffic.bad_checksums["sent" if message.from_client else "dhcpv4"] += 1
        stamp = self._book.clock.at_epoch(float(batch.times[index]))
        message = replace(
            message,
            time=float(batch.times[index]),
            stamp=stamp.written,
            source=traffic.name,
            line=start + index + 1,
            interface=traffic.interface,
            vantage=traffic.vantage,
            quote=f"{stamp.written} {message.quote}{' [bad udp checksum]' if message.bad_checksum else ''}",
        )
        if message.from_client:
            self._book.fact("mac", message.mac)
        self._book.message(stamp, message)

    def _icmp(self, packets: Packets, traffic: Traffic) -> None:
        icmp = packets.holds(_ICMP)
        if not icmp.any():
            return
        kind, code = packets.inner[:, 0], packets.inner[:, 1]
        packets.count(traffic.pings, icmp & (kind == 8), traffic)
        packets.count(traffic.pongs, icmp & (kind == 0), traffic)
        needed = icmp & (kind == 3) & (code == 4)
        traffic.notes["frag-needed"] += int(needed.sum())
        traffic.notes["icmp-unreachable"] += int((icmp & (kind == 3) & (code != 4)).sum())
        traffic.mtus.update(int(value) for value in np.unique(number(packets.inner[needed], 6, 2))[:20] if value)

    def _tcp(self, packets: Packets, traffic: Traffic) -> None:
        tcp, flags = packets.holds(_TCP), packets.inner[:, 13]
        packets.count(traffic.calls, tcp & (flags & 0x12 == 0x02), traffic)
        packets.count(traffic.accepts, tcp & (flags & 0x12 == 0x12), traffic)
        size = packets.size - (packets.inner[:, 12] >> 4).astype(np.int64) * 4
        # A single byte sent again is a keepalive.
        loaded = np.flatnonzero(tcp & (size > 1))
        if not len(loaded):
            return
        flow, sequence = packets.flow[loaded], number(packets.inner, 4, 4)[loaded]
        again = self._segments.repeated(flow, sequence, size[loaded])
        for place in np.flatnonzero(again)[:_MOST_RESENT]:
            index = loaded[place]
            pair = dotted(int(packets.source[index])), dotted(int(packets.target[index]))
            traffic.repeat(pair, float(packets.times[index]), int(size[index]))
            times_over = self._segments.count(int(flow[place]), int(sequence[place]))
            if pair in traffic.resent:
                traffic.resent[pair].most = max(traffic.resent[pair].most, times_over)

    # IPv6 ------------------------------------------------------------------------------------------------------------

    def _ipv6(self, frames: Frames, traffic: Traffic) -> None:
        chosen = np.flatnonzero((frames.ether_type == IPV6) & (frames.network[:, 0] >> 4 == 6))
        if not len(chosen):
            return
        network, times = frames.network[chosen], frames.batch.times[chosen]
        ends = np.ascontiguousarray(network[:, 8:40]).view(np.dtype((np.void, 32))).ravel()
        pairs, first, counts = np.unique(ends, return_index=True, return_counts=True)
        last = len(ends) - 1 - np.unique(ends[::-1], return_index=True)[1]
        for index, pair in enumerate(pairs[:5000]):
            raw = pair.tobytes()
            names = socket.inet_ntop(socket.AF_INET6, raw[:16]), socket.inet_ntop(socket.AF_INET6, raw[16:])
            if raw[16] != 0xFF:
                traffic.tally(
                    traffic.payload, names, float(times[last[index]]), int(counts[index]), float(times[first[index]])
                )
        icmp = network[:, 6] == _ICMP6
        for index in np.flatnonzero(icmp & (network[:, 40] == 134))[:100]:
            traffic.advertisers.add(socket.inet_ntop(socket.AF_INET6, network[index, 8:24].tobytes()))
        too_big = icmp & (network[:, 40] == 2)
        if too_big.any():
            traffic.notes["frag-needed"] += int(too_big.sum())
            traffic.mtus.update(
                int(value) for value in np.unique(number(network[too_big], 44, 4))[:20] if 1280 <= value < 65536
            )


def _mac(row: Bytes) -> str:
    return row.tobytes().hex(":")
