"""How a guest is built and what versions run: `virsh dumpxml`, qemu's command line, package lists, ethtool."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import ClassVar, Final

from bot.evidence.notebook import Line, Notebook
from kb.versions import statements

_XML_INTERFACE: Final = re.compile(r"<interface type=['\"](?P<type>\w+)['\"]")
_XML_MODEL: Final = re.compile(r"<model type=['\"](?P<model>[\w-]{1,20})['\"]")
_XML_MAC: Final = re.compile(r"<mac address=['\"](?P<mac>[0-9a-fA-F:]{17})['\"]")
_XML_DRIVER: Final = re.compile(r"<driver name=['\"](?P<driver>vhost|qemu)['\"]")
_DOMIFLIST: Final = re.compile(
    r"^\s*(?P<port>vnet\d+|tap\S+|-)\s+(?P<type>bridge|network|direct|ethernet|hostdev)\s+\S+\s+"
    r"(?P<model>[\w-]+)\s+(?P<mac>[0-9a-f:]{17})\s*$"
)
_QEMU: Final = re.compile(r"(?:^|[/\s])(?:qemu-system-\w+|qemu-kvm|kvm|qemu)\b.{0,40}? -\w")
_NETDEV: Final = re.compile(r"-netdev '?(?:\{\"type\": ?\")?(?P<options>\S{1,400})")
_VHOST: Final = re.compile(r"vhost=on|vhostfd|\"vhost\": ?true")
_DEVICE: Final = re.compile(
    r"-device '?(?:\{\"driver\": ?\")?(?P<model>virtio-net[\w-]*|e1000e?|rtl8139|pcnet|i8255\w+|ne2k\w*)"
    r"(?P<options>[,\"]\S{0,400})?"
)
_PROXMOX: Final = re.compile(r"^net\d+: (?P<model>virtio|e1000e?|rtl8139)=(?P<mac>[0-9A-Fa-f:]{17})")
_PS_STATE: Final = re.compile(r"^\S{1,32}\s+\d+\s.{0,60}\s(?P<state>[DZ][a-zA-Z<+]{0,4})\s.{0,40}(?:qemu|kvm)")
_OFFLOAD: Final = re.compile(
    r"^\s*(?P<name>large-receive-offload|tx-checksumming|rx-checksumming|tcp-segmentation-offload"
    r"|generic-receive-offload): (?P<state>on|off)"
)
_DRIVER: Final = re.compile(r"^driver: (?P<driver>[\w-]{1,20})$")
_NIC_MODELS: Final = {
    "virtio": "virtio",
    "virtio-net": "virtio",
    "e1000": "e1000-family",
    "e1000e": "e1000-family",
    "rtl8139": "rtl8139",
}
_DESCRIBES: Final = re.compile(r"(?:virsh (?:dumpxml|domiflist)|qm config) (?:--?\S+ )*(?P<guest>[\w.-]{1,80})")
_PVEVERSION: Final = re.compile(r"^([a-z][\w-]{2,40}): (\d\S{0,60})")
_NAME: Final = re.compile(r"<name>(?P<name>[^<]{1,80})</name>")
_BONDING: Final = re.compile(r"^Bonding Mode: (?P<mode>.{1,80})")


class MachineReader:
    """Reads one line at a time; duplicates are found at the end."""

    WORDS: ClassVar[tuple[str, ...]] = ("version", "qemu", "installed", "upgrade")

    def __init__(self, book: Notebook) -> None:
        self._book = book
        self._owners: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
        self._guest = ""
        self._piece = 0
        self._in_interface = ""

    def take(self, line: Line) -> bool:
        """Read one line; False when it says nothing of how a machine is built."""
        if line.mark:
            described = _DESCRIBES.match(line.place.command)
            self._guest, self._piece = described["guest"] if described else "", self._piece + 1
            return False
        text = line.text[:20000]
        package = _PVEVERSION.match(line.message[:200])
        for component, version in statements(f"{package[1]} {package[2]}" if package else line.message[:2000]):
            self._book.fact(f"version {component}", version)
        if line.program:
            return False
        return self._xml(line, text) or self._qemu(line, text) or self._other(line, text)

    def finish(self) -> None:
        """Find MACs that stand more than once among the guests."""
        for mac, owners in self._owners.items():
            # A guest may be described by several commands, but in none of them twice with the same MAC.
            count = max(len({guest for guest, _ in owners}), *owners.values())
            if count > 1:
                self._book.finding("duplicate-mac", "duplicate", f"{mac} belongs to {count} interfaces")
                self._book.show(f"The MAC {mac} belongs to {count} guest interfaces.")

    def _model(self, model: str, line: Line) -> None:
        self._book.finding(
            "nic-model",
            _NIC_MODELS.get(model, "virtio" if model.startswith("virtio-net") else "other-emulated"),
            line.quote,
        )

    def _mac(self, mac: str, line: Line) -> None:
        mac = mac.lower()
        self._book.fact("mac", mac)
        if len(self._owners) < 5000 and len(self._owners[mac]) < 100:
            self._owners[mac][self._guest, self._piece] += 1
        self._book.finding("mac-first-octet", "odd" if int(mac[:2], 16) & 1 else "even", line.quote)

    def _xml(self, line: Line, text: str) -> bool:
        if "<" not in text:
            return False
        name = _NAME.search(text[:400])
        if name and not self._in_interface:
            self._guest = name["name"]
        interface = _XML_INTERFACE.search(text)
        if interface:
            self._in_interface = interface["type"]
            special = {
                "direct": ("nic-backend", "macvtap"),
                "vhostuser": ("nic-backend", "vhost-user"),
                "hostdev": ("nic-backend", "virtual-function"),
                "user": ("nic-backend", "socket-or-slirp"),
            }
            if self._in_interface in special:
                self._book.finding(*special[self._in_interface], line.quote)
            self._book.finding("direct-interface", "direct" if self._in_interface == "direct" else "bridge", line.quote)
        if "</interface" in text:
            self._in_interface = ""
            return True
        if not self._in_interface:
            return bool(interface)
        model, mac, driver = _XML_MODEL.search(text), _XML_MAC.search(text), _XML_DRIVER.search(text)
        if model:
            self._model(model["model"], line)
        if mac:
            self._mac(mac["mac"], line)
        if driver:
            self._book.finding("nic-backend", "vhost-net" if driver["driver"] == "vhost" else "userspace", line.quote)
        return bool(interface or model or mac or driver)

    def _qemu(self, line: Line, text: str) -> bool:
        if "-netdev" not in text and "-device" not in text:
            return False
        if not _QEMU.search(text) and not text.lstrip().startswith(("-netdev", "-device")):
            return False
        for netdev in list(_NETDEV.finditer(text))[:16]:
            options = netdev["options"]
            quote = netdev[0]
            if options.startswith("tap"):
                self._book.finding("nic-backend", "vhost-net" if _VHOST.search(options) else "userspace", quote)
            elif options.startswith("vhost-user"):
                self._book.finding("nic-backend", "vhost-user", quote)
            elif options.startswith(("user", "socket", "vde", "dgram", "stream")):
                self._book.finding("nic-backend", "socket-or-slirp", quote)
        for device in list(_DEVICE.finditer(text))[:16]:
            self._model("virtio" if device["model"].startswith("virtio") else device["model"], line)
            if "iommu_platform=on" in (device["options"] or ""):
                self._book.finding("viommu", "present", device[0])
        return True

    def _other(self, line: Line, text: str) -> bool:
        row = _DOMIFLIST.match(text[:200])
        if row:
            self._model(row["model"], line)
            self._mac(row["mac"], line)
            return True
        proxmox = _PROXMOX.match(text[:200])
        if proxmox:
            self._model(proxmox["model"], line)
            self._mac(proxmox["mac"], line)
            return True
        stuck = _PS_STATE.match(text[:300])
        if stuck and re.match(r"ps\b", line.place.command):
            self._book.finding("qemu-process-state", "unkillable", line.quote)
            return True
        offload = _OFFLOAD.match(text[:100])
        if offload:
            if offload["name"] == "large-receive-offload":
                self._book.finding("uplink-lro", offload["state"], line.quote)
            self._book.fact("offload", f"{offload['name']} {offload['state']}")
            return True
        driver = _DRIVER.match(text[:100])
        if driver:
            self._book.fact("driver", driver["driver"])
            return True
        bonding = _BONDING.match(text[:200])
        if bonding:
            safe = re.search(r"active-backup|802\.3ad", bonding["mode"])
            self._book.finding("bond-mode", "active-backup-or-lacp" if safe else "balance-without-lacp", line.quote)
            return True
        return False
