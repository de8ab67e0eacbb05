"""Where incidents are reported: how each tracker writes an id, and the address that it leads to."""

from __future__ import annotations

import re
from typing import NamedTuple


class Tracker(NamedTuple):
    """A place that keeps bug reports, commits or documents.

    `address` is filled with the reference's `id` and `package`; None means that the reference must name its `url`.
    """

    label: str
    id_pattern: str
    id_example: str
    address: str | None
    needs_package: bool = False

    @property
    def numbers(self) -> bool:
        """Whether its ids are numbers or hashes, which nobody writes but to name that report."""
        return self.id_pattern != _FREE

    def accepts(self, identifier: str) -> bool:
        """Tell whether an id is written the way this tracker writes it."""
        return re.fullmatch(self.id_pattern, identifier) is not None


_NUMBER = r"[1-9]\d{0,8}"
_COMMIT = r"[0-9a-f]{8,40}"
_REPOSITORY_NUMBER = r"[\w.-]+/[\w.-]+#[1-9]\d{0,6}"
_FREE = r"\S(?:.{0,198}\S)?"

TRACKERS: dict[str, Tracker] = {
    "launchpad": Tracker("Launchpad bug", _NUMBER, "997978", "https://bugs.launchpad.net/bugs/{id}"),
    "qemu-gitlab": Tracker("QEMU issue", _NUMBER, "2762", "https://gitlab.com/qemu-project/qemu/-/issues/{id}"),
    "libvirt-gitlab": Tracker("libvirt issue", _NUMBER, "76", "https://gitlab.com/libvirt/libvirt/-/issues/{id}"),
    "redhat-bugzilla": Tracker("Red Hat bug", _NUMBER, "1933990", "https://bugzilla.redhat.com/show_bug.cgi?id={id}"),
    "redhat-solution": Tracker("Red Hat solution", _NUMBER, "784373", "https://access.redhat.com/solutions/{id}"),
    "kernel-bugzilla": Tracker("kernel bug", _NUMBER, "43222", "https://bugzilla.kernel.org/show_bug.cgi?id={id}"),
    "debian-bug": Tracker("Debian bug", _NUMBER, "717215", "https://bugs.debian.org/{id}"),
    "centos-bug": Tracker("CentOS bug", _NUMBER, "5526", "https://bugs.centos.org/view.php?id={id}"),
    "proxmox-bugzilla": Tracker("Proxmox bug", _NUMBER, "2710", "https://bugzilla.proxmox.com/show_bug.cgi?id={id}"),
    "github-issue": Tracker("GitHub thread", _REPOSITORY_NUMBER, "moby/moby#13914", None),
    "github-commit": Tracker("commit", _COMMIT, "c1a77ef8b74b", "https://github.com/{package}/commit/{id}", True),
    "opendev-commit": Tracker(
        "OpenStack commit", _COMMIT, "901a3dacb6f2", "https://opendev.org/{package}/commit/{id}", True
    ),
    "qemu-commit": Tracker(
        "QEMU commit", _COMMIT, "a281ebc11a69", "https://gitlab.com/qemu-project/qemu/-/commit/{id}"
    ),
    "linux-commit": Tracker("Linux commit", _COMMIT, "9382fe71c005", "https://git.kernel.org/torvalds/c/{id}"),
    "mailing-list": Tracker("mailing list", _FREE, "openstack msg11696", None),
    "document": Tracker("document", _FREE, "OVS FAQ, common configuration issues", None),
    "forum": Tracker("forum thread", _FREE, "Proxmox forum, e1000e hang", None),
    "article": Tracker("article", _FREE, "hostatic.ro 2012-09-17", None),
}


def address(tracker: str, identifier: str, package: str | None) -> str | None:
    """Return where a reference is found, or None for a tracker whose addresses cannot be derived."""
    if tracker == "github-issue":
        repository, _, number = identifier.partition("#")
        return f"https://github.com/{repository}/issues/{number}"
    template = TRACKERS[tracker].address
    return template.format(id=identifier, package=package) if template else None
