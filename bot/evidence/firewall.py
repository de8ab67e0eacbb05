"""Firewalls and connection tracking: iptables, nft, bridge-nf sysctls, conntrack's table and counters."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook, Weight

_SYSCTL: Final = re.compile(r"^(?:/proc/sys/)?(?P<name>net[./][\w./-]{3,100})\s?[=:]\s?(?P<value>-?\d{1,12})\s*$")
_PROC_VALUE: Final = re.compile(r"^\d{1,12}$")
_TABLE: Final = re.compile(r"^\*(?P<table>\w{1,20})$|^table (?P<family>\w+) (?P<nft>\S{1,40}) \{")
_POLICY: Final = re.compile(
    r"^:(?P<chain>[\w.-]{1,60}) (?P<policy>ACCEPT|DROP|REJECT)(?: \[(?P<packets>\d+):\d+\])?"
    r"|^-P (?P<chain2>[\w.-]{1,60}) (?P<policy2>ACCEPT|DROP)"
    r"|^Chain (?P<chain3>[\w.-]{1,60}) \(policy (?P<policy3>ACCEPT|DROP)(?: (?P<packets3>\d+[KMG]?) packets)?"
)
_CHAIN: Final = re.compile(r"^Chain (?P<chain>[\w.-]{1,60}) \(\d+ references\)")
_HOOK: Final = re.compile(r"hook (?P<hook>\w+) priority [^;]{1,40}; policy (?P<policy>\w+);")
_RULE: Final = re.compile(r"^(?:\[\d+:\d+\] )?-[AI] (?P<chain>[\w.-]{1,60}) (?P<rule>.{1,500})")
_LISTED: Final = re.compile(
    r"^\s*(?P<packets>\d{1,12}[KMG]?)\s+\d{1,12}[KMG]?\s+(?P<target>[\w.-]{1,60})\s+(?:\w+|\d+)\s+--\s+"
    r"(?P<rest>.{1,300})"
)
_NFT_DOCKER: Final = re.compile(r"\b(?:jump|chain) DOCKER")
_STAT: Final = re.compile(r"^cpu=\d+\s+(?P<counters>(?:\w+=\d+ *)+)$")
_CHECKSUM: Final = re.compile(r"CHECKSUM fill|CHECKSUM --checksum-fill|--checksum-fill|checksum set")
_ANTISPOOF: Final = re.compile(r"neutron-(?:openvswi|linuxbri)-s|spoof", re.I)
_COUNT: Final = re.compile(r"nf_conntrack_count|conntrack -C")
_MAX: Final = re.compile(r"nf_conntrack_max|conntrack_max")
_MAGNITUDE: Final = {"K": 10**3, "M": 10**6, "G": 10**9}
_NEAR_FULL: Final = 0.95
_MANY: Final = 100
_STRAYS: Final = 0.05


class FirewallReader:
    """Remembers rules and settings, and judges at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ()  # it reads commands, not logs

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._sysctls: dict[str, tuple[int, str]] = {}
        self._asked: list[str] = []
        self._table = ""
        self._family = "ip"
        self._listed_chain = ""
        self._forward: tuple[str, int | None, str] | None = None
        self._forward_accepts = False
        self._forward_jumps = False
        self._docker = ""
        self._nat_seen = ""
        self._masquerade = False
        self._virbr = False
        self._mangle_listing: Line | None = None
        self._fill: str | None = None
        self._drops: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        self._passed: dict[str, int] = defaultdict(int)
        self._conntrack: dict[str, int] = defaultdict(int)
        self._conntrack_quote = ""

    def take(self, line: Line) -> bool:
        """Read one line; False when it is no rule, setting or counter of these."""
        if line.mark:
            self._start(line)
            return False
        if line.stamp is not None or line.program:
            return False
        text = line.text.rstrip()[:600]
        return self._setting(line, text) or self._rule(line, text) or self._stat(line, text)

    def finish(self) -> None:
        """Judge rules, settings and counters together."""
        self._judge_checksum_rule()
        self._judge_bridge_netfilter()
        self._judge_forward()
        self._judge_conntrack()
        self._judge_antispoof()

    def _start(self, line: Line) -> None:
        command = line.place.command
        self._table = (
            "mangle" if "mangle" in command else "nat" if "-t nat" in command else self._table if command == "" else ""
        )
        self._listed_chain = ""
        self._asked = re.findall(r"(?:/proc/sys/|/)?(net[./][\w./-]{3,100})", command)
        if _COUNT.search(command) and not self._asked:
            self._asked = ["net.netfilter.nf_conntrack_count"]
        if re.match(r"iptables\b.*mangle.*(?:-S|-L|--list)", command) or re.match(
            r"iptables-save\b(?!.*-t (?!mangle))", command
        ):
            self._mangle_listing = line

    def _setting(self, line: Line, text: str) -> bool:
        match = _SYSCTL.match(text)
        if match:
            self._set(match["name"].replace("/", "."), int(match["value"]), line.quote)
            return True
        if self._asked and _PROC_VALUE.match(text):
            name = self._asked.pop(0).replace("/", ".")
            self._set(name, int(text), f"{name} = {text}")
            return True
        return False

    def _set(self, name: str, value: int, quote: str) -> None:
        if len(self._sysctls) < 500:
            self._sysctls[name] = (value, quote)

    def _rule(self, line: Line, text: str) -> bool:
        table = _TABLE.match(text)
        if table:
            self._table, self._family = table["table"] or table["nft"], table["family"] or "ip"
            if self._table == "nat":
                self._nat_seen = line.quote
            if self._table == "mangle":
                self._mangle_listing = line
            return True
        chain = _CHAIN.match(text)
        if chain:
            self._listed_chain = chain["chain"]
            return True
        policy = _POLICY.match(text)
        if policy:
            self._chain_policy(policy, line)
            return True
        hook = _HOOK.search(text)
        if hook:
            # Of several tables a drop in one is final.
            if hook["hook"] == "forward" and self._family in ("ip", "inet") and not self._drops_forwarded():
                self._forward = (hook["policy"].upper(), None, line.quote)
            return True
        self._virbr = self._virbr or "virbr" in text
        if _NFT_DOCKER.search(text):
            self._docker = line.quote
        if _CHECKSUM.search(text):
            self._fill = line.quote
        rule = _RULE.match(text)
        if rule:
            self._note_rule(rule["chain"], rule["rule"], line)
            return True
        listed = _LISTED.match(text)
        if listed and self._listed_chain:
            packets = _number(listed["packets"]) or 0
            if listed["target"] not in ("DROP", "REJECT"):
                self._passed[self._listed_chain] += packets
            elif len(self._drops) < 500:
                key = (self._listed_chain, listed["rest"].strip())
                self._drops[key].append((packets, f"{self._listed_chain}: {line.quote}"))
            if listed["target"] == "MASQUERADE":
                self._masquerade = True
            return True
        return False

    def _chain_policy(self, match: re.Match[str], line: Line) -> None:
        chain = match["chain"] or match["chain2"] or match["chain3"]
        policy = match["policy"] or match["policy2"] or match["policy3"]
        self._listed_chain = chain if match["chain3"] else ""
        if chain == "FORWARD" and self._table not in ("nat", "mangle", "raw", "security"):
            self._forward = (policy, _number(match["packets"] or match["packets3"] or ""), line.quote)
        if chain.startswith("DOCKER"):
            self._docker = line.quote

    def _drops_forwarded(self) -> bool:
        return self._forward is not None and self._forward[0] == "DROP"

    def _note_rule(self, chain: str, rule: str, line: Line) -> None:
        if "DOCKER" in chain or "DOCKER" in rule:
            self._docker = line.quote
        if "MASQUERADE" in rule or "SNAT" in rule:
            self._masquerade = True
        if chain == "FORWARD" and "-j " in rule and "DOCKER" not in rule and "docker0" not in rule:
            self._forward_jumps = True
        if chain == "FORWARD" and rule.strip() in ("-j ACCEPT", "-m physdev --physdev-is-bridged -j ACCEPT"):
            self._forward_accepts = True

    def _stat(self, line: Line, text: str) -> bool:
        stat = _STAT.match(text)
        if stat is None:
            return False
        for part in stat["counters"].split():
            name, _, value = part.partition("=")
            self._conntrack[name] += int(value[:15])
        if self._conntrack["drop"] or self._conntrack["early_drop"]:
            self._conntrack_quote = self._conntrack_quote or line.quote
        return True

    # Judging ---------------------------------------------------------------------------------------------------------

    def _judge_checksum_rule(self) -> None:
        if self._fill:
            self._book.finding("checksum-fill-rule", "present", self._fill)
        elif self._mangle_listing is not None:
            where = self._mangle_listing.place.command or "the mangle table"
            self._book.finding("checksum-fill-rule", "missing", f"{where}: no rule fills checksums in")

    def _judge_bridge_netfilter(self) -> None:
        called = self._sysctls.get("net.bridge.bridge-nf-call-iptables")
        if called is None:
            return
        value, quote = called
        if value == 0:
            self._book.finding("bridge-netfilter", "off", quote)
        elif self._forward and self._forward[0] == "DROP" and self._forward[1] != 0 and not self._forward_accepts:
            self._book.finding("bridge-netfilter", "on-and-dropping", f"{quote}; {self._forward[2]}")
            dropped = f"dropped {self._forward[1]} packets" if self._forward[1] else "drops what no rule accepts"
            self._book.show(f"Bridged frames pass the host's iptables, whose FORWARD policy {dropped}.")
        elif self._forward and self._forward[0] == "ACCEPT":
            self._book.finding("bridge-netfilter", "on-not-dropping", f"{quote}; {self._forward[2]}")

    def _judge_forward(self) -> None:
        if self._forward is None:
            return
        policy, dropped, quote = self._forward
        # Other programs' chains accept what is theirs, so the policy alone shows no fault beside them.
        harmless = self._forward_accepts or (self._forward_jumps and not dropped and not self._docker)
        if policy == "DROP" and not harmless:
            self._book.finding(
                "host-firewall",
                "docker-drop" if self._docker else "other-drop",
                f"{quote}{f'; {self._docker}' if self._docker else ''}",
            )
            self._book.show("The host's FORWARD policy is DROP" + (", as Docker sets it." if self._docker else "."))
        elif self._nat_seen and self._virbr and not self._masquerade:
            self._book.finding("host-firewall", "nat-rules-missing", f"{self._nat_seen}: no MASQUERADE rule")
        elif policy == "ACCEPT" and not any(packets for counts in self._drops.values() for packets, _ in counts):
            self._book.finding("host-firewall", "open", quote)

    def _judge_antispoof(self) -> None:
        """Judge drops of anti-spoofing rules: growth between readings, or more than any guest's strays."""
        for (chain, rule), counts in self._drops.items():
            if not _ANTISPOOF.search(f"{chain} {rule}"):
                continue
            last, quote = counts[-1]
            grown = len(counts) > 1 and last > counts[0][0]
            many = len(counts) == 1 and last >= _MANY and last >= _STRAYS * self._passed[chain]
            if grown or many:
                self._book.finding("antispoof-counter", "rising", quote)

    def _judge_conntrack(self) -> None:
        count = next((value for name, value in self._sysctls.items() if name.endswith("conntrack_count")), None)
        limit = next((value for name, value in self._sysctls.items() if name.endswith("conntrack_max")), None)
        if count and limit and limit[0] > 0:
            full = count[0] >= limit[0] * _NEAR_FULL
            because = f"{count[1]}; {limit[1]}"
            self._book.finding("conntrack-count", "full" if full else "ample", because, Weight.READ)
            if full:
                self._book.show(f"The connection tracking table holds {count[0]} of {limit[0]} entries.")
        elif (drops := self._conntrack["drop"] + self._conntrack["early_drop"]) >= _MANY:
            self._book.finding("conntrack-count", "full", self._conntrack_quote)
            self._book.show(f"Connection tracking dropped {drops} packets for want of room.")


def _number(text: str) -> int | None:
    """Read a counter such as `1234` or `12K`; None where none was printed."""
    if not text:
        return None
    return int(text.rstrip("KMG")[:15]) * _MAGNITUDE.get(text[-1:], 1)
