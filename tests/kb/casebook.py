"""A small casebook on disk that tests write, break and load."""

from __future__ import annotations

import textwrap
from pathlib import Path

INCIDENT = """\
---
title: Guest goes deaf under load
summary: A guest on a bridge stops receiving while it still sends, after hours of heavy traffic.
family: deaf-guests
status: confirmed
reviewed: 2026-01-31
symptoms:
  - sees: The guest stops answering
    from: network
    phrasings: [vm gone after the backup, guest deaf, no ping to one vm, only a reboot of it helps]
red_herrings:
  - {theory: The DHCP server is broken, disproved_by: reply-on-tap}
expect:
  reply-on-tap: {present: always, absent: never}
cause: {text: A lost wake-up., certainty: likely}
fixes:
  - {kind: fix, does: Upgrade}
references:
  - {tracker: launchpad, id: 997978, relation: root-cause, read: true}
---
## What happens

Nobody wakes the queue.
"""

CHECK = """\
---
title: Replies on the tap
question: Do the replies arrive on the tap?
where: host
run:
  - command: tcpdump -eni "$TAP" -c 5 arp
placeholders: {TAP: the guest's tap}
read: Look for the reply.
cost: {minutes: 2}
outcomes:
  present: {label: 'Yes', means: The network did its part., says: [replies are on the tap]}
  absent: {label: 'No', means: The loss is before the tap., says: [no replies on the tap]}
---
"""

FAMILY = """\
---
title: Deaf guests
summary: Guests that still run and no longer hear anything from the network.
split_by: [reply-on-tap]
---
"""


class Casebook:
    """A folder with one incident, one check and one family, which tests change file by file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.incident = self.write("incidents/deaf-guest.md", INCIDENT)
        self.check = self.write("checks/reply-on-tap.md", CHECK)
        self.family = self.write("families/deaf-guests.md", FAMILY)

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file of the casebook and return its path."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    def change(self, path: Path, old: str, new: str) -> Path:
        """Replace some text in a file; it must be there exactly once."""
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise AssertionError(f"{old!r} stands {text.count(old)} times in {path}")
        path.write_text(text.replace(old, new), encoding="utf-8")
        return path
