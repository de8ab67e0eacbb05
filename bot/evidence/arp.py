"""ARP in a capture -> owners of addresses, and stations that hear no answer."""

from __future__ import annotations

from collections import Counter, defaultdict

from bot.evidence.notebook import Notebook, Weight
from bot.evidence.traffic import ENOUGH, Traffic


def judge_arp(book: Notebook, traffic: Traffic) -> None:
    """Write down who owns which address, and who asks without being answered."""
    owners: dict[str, Counter[str]] = defaultdict(Counter)
    for reply in traffic.arp_replies:
        owners[reply.address][reply.mac] += 1
    asked: Counter[str] = Counter()
    for (_, wanted), tally in traffic.arp_requests.items():
        asked[wanted] += tally.count
    announced: dict[str, set[str]] = defaultdict(set)
    for reply in traffic.announcements:
        if reply.mac:
            announced[reply.address].add(reply.mac)
    for address, macs in owners.items():
        if len(macs) > 1:
            book.finding("arp-replies", "two-owners", f"{address} is-at {' and is-at '.join(macs)}", Weight.LINED_UP)
            book.show(f"{address} is claimed by {len(macs)} MACs: {', '.join(macs)}.")
        elif asked[address] and macs.total() >= 3 * asked[address] and macs.total() >= 6:
            book.finding(
                "arp-replies",
                "many-copies",
                f"{macs.total()} replies to {asked[address]} requests for {address}",
                Weight.LINED_UP,
            )
        elif asked[address]:
            book.finding("arp-replies", "one-right", f"{address} is-at {next(iter(macs))}")
    for address, announcers in announced.items():
        if len(announcers) > 1:
            book.finding(
                "garp-sources", "several-routers", f"{address} is announced by {', '.join(sorted(announcers))}"
            )
    if owners and traffic.on_tap and not traffic.in_guest:
        address = next(iter(owners))
        book.finding("reply-seen-on-tap", "present", f"ARP, Reply {address} is-at {next(iter(owners[address]))}")
    _judge_deaf_asker(book, traffic, owners)


def _judge_deaf_asker(book: Notebook, traffic: Traffic, owners: dict[str, Counter[str]]) -> None:
    """Find a station all of whose questions stay without an answer, or who goes on asking what was answered."""
    by_asker: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (asker, wanted), tally in traffic.arp_requests.items():
        by_asker[asker].append((wanted, tally.count))
    for asker, questions in by_asker.items():
        count = sum(times for _, times in questions)
        answered = [wanted for wanted, _ in questions if wanted in owners]
        if count < ENOUGH or (asker,) == ("0.0.0.0",):  # noqa: S104
            continue
        local = traffic.in_guest or (traffic.on_tap and asker not in owners)
        hears = any(
            pair[1] == asker and tally.last > _first_question(traffic, asker) for pair, tally in traffic.payload.items()
        )
        if not answered and local and not hears:
            book.show(
                f"{asker} asked for {', '.join(wanted for wanted, _ in questions[:3])} {count} times and got no "
                "ARP reply."
            )
            book.finding(traffic.reply_check, "absent", f"{count} ARP requests of {asker}, no reply", Weight.LINED_UP)
        elif answered and traffic.on_tap and count > 2 * ENOUGH and not hears:
            book.show(f"{asker} went on asking for {answered[0]} although the replies were on {traffic.interface}.")


def _first_question(traffic: Traffic, asker: str) -> float:
    return min(tally.first for (who, _), tally in traffic.arp_requests.items() if who == asker)
