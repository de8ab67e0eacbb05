"""Each kind of evidence in a small made-up form, the outcome it sets, and healthy forms that set no fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.evidence import Evidence
from bot.evidence.report import abnormal
from kb.load import KnowledgeBase
from tests.bot.evidence.conftest import Outcomes

FAULTS = {
    "drops that grow on a tap": (
        "tap-tx-drops",
        "keeps-growing",
        """\
hyper# ip -s link show dev vnet3; sleep 10; ip -s link show dev vnet3
12: vnet3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast master br1 state UNKNOWN
    RX: bytes  packets  errors  dropped overrun mcast
    5000       100      0       0       0       0
    TX: bytes  packets  errors  dropped carrier collsns
    9000       200      0       40      0       0
12: vnet3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast master br1 state UNKNOWN
    RX: bytes  packets  errors  dropped overrun mcast
    5600       112      0       0       0       0
    TX: bytes  packets  errors  dropped carrier collsns
    9000       200      0       75      0       0
""",
    ),
    "old ifconfig with two readings": (
        "tap-tx-drops",
        "keeps-growing",
        """\
vnet1     Link encap:Ethernet  HWaddr fe:54:00:00:00:01
          RX packets:10 errors:0 dropped:0 overruns:0 frame:0
          TX packets:500 errors:0 dropped:300 overruns:0 carrier:0
vnet1     Link encap:Ethernet  HWaddr fe:54:00:00:00:01
          RX packets:22 errors:0 dropped:0 overruns:0 frame:0
          TX packets:500 errors:0 dropped:390 overruns:0 carrier:0
""",
    ),
    "queue that nobody reads": (
        "tap-tx-drops",
        "keeps-growing",
        "qdisc pfifo_fast 0: dev vnet1 root refcnt 2 bands 3\n Sent 100 bytes 2 pkt (dropped 9, overlimits 0 "
        "requeues 0)\n backlog 0b 500p requeues 0\n",
    ),
    "guest that sends and hears nothing": (
        "guest-rx-counter",
        "rx-frozen",
        """\
guest# ip -s link show dev ens3; sleep 9; ip -s link show dev ens3
2: ens3: <UP> mtu 1500
    RX: bytes  packets  errors  dropped overrun mcast
    5000       100      0       0       0       0
    TX: bytes  packets  errors  dropped carrier collsns
    9000       200      0       0      0       0
2: ens3: <UP> mtu 1500
    RX: bytes  packets  errors  dropped overrun mcast
    5000       100      0       0       0       0
    TX: bytes  packets  errors  dropped carrier collsns
    9900       216      0       0      0       0
""",
    ),
    "tap without a bridge": (
        "tap-on-bridge",
        "detached",
        "7: vnet8: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN mode DEFAULT",
    ),
    "failed duplicate address detection": (
        "ipv6-address-state",
        "dad-failed",
        "2: eth0: <UP> mtu 1500\n    inet6 fd00::5/64 scope global dadfailed tentative \n",
    ),
    "host address on a bridge's port": (
        "host-address-place",
        "on-port",
        "2: eth0: <UP> mtu 1500 master br0\n    inet 192.0.2.5/24 scope global eth0\n3: br0: <UP> mtu 1500\n",
    ),
    "conntrack table full": (
        "conntrack-count",
        "full",
        "Mar  1 02:03:04 hyper kernel: nf_conntrack: table full, dropping packet",
    ),
    "conntrack count at its limit": (
        "conntrack-count",
        "full",
        "net.netfilter.nf_conntrack_count = 65534\nnet.netfilter.nf_conntrack_max = 65536\n",
    ),
    "conntrack counters asked for by name": (
        "conntrack-count",
        "full",
        "h1# cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max\n4096\n4096\n",
    ),
    "neighbour overflow": (
        "host-kernel-log",
        "neighbour-overflow",
        "[ 912.000001] neighbour: arp_cache: neighbor table overflow!",
    ),
    "hardware unit hang": (
        "uplink-driver",
        "e1000e",
        "Mar  1 02:03:04 hyper kernel: e1000e 0000:00:19.0 eno1: Detected Hardware Unit Hang:",
    ),
    "watchdog on the host": (
        "host-kernel-log",
        "nic-hang",
        "Mar  1 02:03:04 hyper kernel: NETDEV WATCHDOG: eno1 (igb): transmit queue 2 timed out",
    ),
    "watchdog in a guest": (
        "guest-kernel-log",
        "transmit-timeout",
        "Mar  1 02:03:04 vm kernel: NETDEV WATCHDOG: eth0 (virtio_net): transmit queue 0 timed out",
    ),
    "own address received": (
        "host-kernel-log",
        "own-address-received",
        "Mar  1 02:03:04 hyper kernel: br0: received packet on bond0 with own address as source address",
    ),
    "bridge port that waits": (
        "bridge-port-state",
        "delayed",
        "Mar  1 02:03:04 h kernel: br0: port 3(vnet2) entered listening state\n"
        "Mar  1 02:03:19 h kernel: br0: port 3(vnet2) entered learning state\n"
        "Mar  1 02:03:34 h kernel: br0: port 3(vnet2) entered forwarding state\n",
    ),
    "martian sources": (
        "reverse-path-counter",
        "rising",
        "Mar  1 02:03:04 h kernel: IPv4: martian source 10.0.0.1 from 10.0.0.2, on dev br0",
    ),
    "bridged frames dropped by iptables": (
        "bridge-netfilter",
        "on-and-dropping",
        "net.bridge.bridge-nf-call-iptables = 1\n*filter\n:FORWARD DROP [77:9000]\nCOMMIT\n",
    ),
    "Docker's drop": (
        "host-firewall",
        "docker-drop",
        "*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\nCOMMIT\n",
    ),
    "nft policy drop": (
        "host-firewall",
        "other-drop",
        "table inet filter {\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n",
    ),
    "no checksum rule": (
        "checksum-fill-rule",
        "missing",
        "net1# iptables -t mangle -S POSTROUTING\n-P POSTROUTING ACCEPT\n",
    ),
    "anti-spoofing rule that counts": (
        "antispoof-counter",
        "rising",
        "Chain neutron-openvswi-sabcdef01-2 (1 references)\n pkts bytes target prot opt in out source destination\n"
        "  910  4000 DROP       all  --  *  *  0.0.0.0/0  0.0.0.0/0  /* Drop traffic without an IP/MAC allow "
        "rule. */\n",
    ),
    "only the flow NORMAL": (
        "integration-flows",
        "only-normal",
        "c4# ovs-ofctl dump-flows br-int\n cookie=0x0, duration=9.1s, table=0, n_packets=1, n_bytes=1, "
        "priority=0 actions=NORMAL\n",
    ),
    "port without device": (
        "switch-ports",
        "no-ofport",
        '    Bridge br-int\n        Port "tap77"\n            Interface "tap77"\n                error: "could '
        'not open network device tap77 (No such device)"\n',
    ),
    "two separate uplinks": (
        "uplinks-on-bridge",
        "two-separate",
        "    Bridge br-ex\n        Port eno1\n            Interface eno1\n        Port eno2\n            "
        "Interface eno2\n        Port br-ex\n            Interface br-ex\n",
    ),
    "userspace datapath": (
        "datapath-type",
        "userspace",
        "    Bridge br-int\n        datapath_type: netdev\n        Port br-int\n",
    ),
    "switch daemon that does not answer": (
        "switch-daemon-answers",
        "hangs",
        "c4# timeout 10 ovs-appctl version\novs-appctl: terminating with signal 14 (Alarm clock)\n",
    ),
    "limit below a frame": (
        "qos-burst",
        "below-frame-size",
        "qdisc tbf 8001: dev vnet1 root refcnt 2 rate 10Mbit burst 1000b lat 50ms\n",
    ),
    "dnsmasq without addresses": (
        "dhcp-server-log",
        "no-address-available",
        "Mar  1 02:03:04 ctl dnsmasq-dhcp[5]: DHCPDISCOVER(br5) fa:16:3e:00:00:05 no address available",
    ),
    "dhcpd that refuses": (
        "dhcp-server-log",
        "nak",
        "Mar  1 02:03:04 ctl dhcpd[5]: DHCPNAK on 10.3.0.9 to fa:16:3e:00:00:05 via br5",
    ),
    "dnsmasq that cannot bind": (
        "dhcp-server-process",
        "cannot-bind",
        "Mar  1 02:03:04 ctl dnsmasq[5]: failed to bind DHCP server socket: Address already in use",
    ),
    "NAK after a restart": (
        "dhcp-nak-source",
        "own-server-after-restart",
        "Mar  1 02:03:04 ctl dnsmasq[5]: started, version 2.75 cachesize 150\n"
        "Mar  1 02:05:04 ctl dnsmasq-dhcp[5]: DHCPNAK(br5) 10.3.0.9 fa:16:3e:00:00:05 lease not found\n",
    ),
    "no dnsmasq process": ("dhcp-server-process", "not-running", "net1# pgrep -a dnsmasq\nnet1# date\nSun Mar  1\n"),
    "failed unit": (
        "agent-alive",
        "dead",
        "● neutron-linuxbridge-agent.service - Linux bridge agent\n   Active: failed (Result: signal) since Sun "
        "2026-03-01 02:03:04 UTC; 3h ago\n",
    ),
    "switch younger than its agent": (
        "daemon-start-order",
        "switch-after-agent",
        "c# systemctl show -p ActiveEnterTimestamp openvswitch-switch neutron-openvswitch-agent\n"
        "ActiveEnterTimestamp=Sun 2026-03-01 05:00:00 UTC\nActiveEnterTimestamp=Sat 2026-02-28 05:00:00 UTC\n",
    ),
    "two masters": (
        "keepalived-transitions",
        "two-masters",
        "Mar  1 02:03:04 net1 Keepalived_vrrp[4]: (VR_9) Entering MASTER STATE\nMar  1 02:03:05 net2 "
        "Keepalived_vrrp[8]: (VR_9) Entering MASTER STATE\n",
    ),
    "failed port binding": (
        "port-binding",
        "failed",
        "2026-03-01 02:03:04.100 7 ERROR neutron.plugins.ml2.managers [req-1] Failed to bind port 0a1b on host c4",
    ),
    "pings that show a tunnel": (
        "largest-ping",
        "tunnel-size",
        "x# ping -M do -c 1 -s 1472 10.3.0.9\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n"
        "x# ping -M do -c 1 -s 1422 10.3.0.9\n1 packets transmitted, 1 received, 0% packet loss, time 0ms\n",
    ),
    "two answers to arping": (
        "arp-replies",
        "two-owners",
        "Unicast reply from 10.3.0.9 [52:54:00:00:00:01]  0.9ms\nUnicast reply from 10.3.0.9 [52:54:00:00:00:02] "
        " 1.1ms\n",
    ),
    "BPDU guard": (
        "switch-port-log",
        "bpdu-guard",
        "%SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU on port Gi1/0/7 with BPDU Guard enabled.",
    ),
    "MAC that hops": (
        "guest-mac-port",
        "hopping",
        "52:54:00:00:00:07 dev vnet3 master br0\n52:54:00:00:00:07 dev eno1 master br0\n",
    ),
    "hairpin": (
        "hairpin-mode",
        "on",
        "5: vnet1: <UP> mtu 1500 master br0 state forwarding\n    hairpin on guard off root_block off\n",
    ),
    "snooping without querier": (
        "multicast-querier",
        "snooping-without-querier",
        "    bridge forward_delay 1500 mcast_snooping 1 mcast_router 1 mcast_querier 0 \n",
    ),
    "e1000 in a domain": (
        "nic-model",
        "e1000-family",
        "<interface type='bridge'>\n  <model type='e1000'/>\n</interface>\n",
    ),
    "macvtap in a domain": (
        "nic-backend",
        "macvtap",
        "<interface type='direct'>\n  <model type='virtio'/>\n</interface>\n",
    ),
    "qemu without vhost": (
        "nic-backend",
        "userspace",
        "/usr/bin/qemu-system-x86_64 -name g -netdev tap,fd=20,id=n0 -device virtio-net-pci,netdev=n0",
    ),
    "qemu with vhost": (
        "nic-backend",
        "vhost-net",
        "/usr/bin/qemu-system-x86_64 -name g -netdev tap,fd=20,id=n0,vhost=on,vhostfd=21 -device "
        "virtio-net-pci,netdev=n0",
    ),
    "MAC twice": (
        "duplicate-mac",
        "duplicate",
        "h# virsh domiflist a\n vnet0  bridge  br0  virtio  52:54:00:00:00:07\nh# virsh domiflist b\n vnet1  "
        "bridge  br0  virtio  52:54:00:00:00:07\n",
    ),
    "old qemu in a package list": (
        "qemu-version",
        "0-13-to-1-0",
        "ii  qemu-kvm  1.0+noroms-0ubuntu14.8  Full virtualization",
    ),
    "new qemu in words": ("qemu-version", "9-2", "it began with pve-qemu-kvm 9.2.0-2 last week"),
    "old dnsmasq": ("dnsmasq-version", "before-2-61", "Dnsmasq version 2.59  Copyright (c) 2000-2011 Simon Kelley"),
    "bond without LACP": ("bond-mode", "balance-without-lacp", "Bonding Mode: load balancing (round-robin)"),
    "large receive offload": ("uplink-lro", "on", "h# ethtool -k eno1\nlarge-receive-offload: on\n"),
    "fresh port among ports with VLANs": (
        "bridge-vlan-table",
        "wrong-or-missing",
        "h# bridge vlan show\nport              vlan-id\neno1              1 PVID Egress Untagged\n"
        "                  20-22\nvnet1             1 PVID Egress Untagged\n",
    ),
    "VLAN that the uplink lacks, in the old form": (
        "bridge-vlan-table",
        "wrong-or-missing",
        "port\tvlan ids\neno1\t 1 PVID Egress Untagged\n\t 20\n\nvnet1\t 20 PVID Egress Untagged\n\t 30\n",
    ),
    "VLANs with details": (
        "bridge-vlan-table",
        "right",
        "h# bridge -d vlan show\nport              vlan-id\neno1              1 PVID Egress Untagged\n"
        "                    state forwarding mcast_router 1\n                  20\n"
        "vnet1             20 PVID Egress Untagged\n                    state forwarding mcast_router 1\n",
    ),
    "VLANs as JSON": (
        "bridge-vlan-table",
        "right",
        'h# bridge -j vlan show\n[{"ifname":"eno1","vlans":[{"vlan":20,"vlanEnd":22}]},'
        '{"ifname":"vnet1","vlans":[{"vlan":21,"flags":["PVID","Egress Untagged"]}]}]\n',
    ),
    "spoof counter of a card": (
        "vf-spoof-check",
        "on-with-events",
        "    vf 0     link/ether fa:16:3e:00:00:05 brd ff:ff:ff:ff:ff:ff, spoof checking on, link-state auto, "
        "trust off\n     tx_spoofed: 9\n",
    ),
    "functions that are not checked": (
        "vf-spoof-check",
        "off",
        "    vf 0 MAC fa:16:3e:00:00:05, vlan 7, spoof checking off, link-state auto, trust on\n",
    ),
    "receive queue without interrupts": (
        "guest-rx-counter",
        "rx-frozen",
        "guest# grep virtio /proc/interrupts; sleep 10; grep virtio /proc/interrupts\n"
        " 25:  900  5  PCI-MSI 49153-edge  virtio0-input.0\n 26:  100  0  PCI-MSI 49154-edge  virtio0-output.0\n"
        " 25:  900  5  PCI-MSI 49153-edge  virtio0-input.0\n 26:  119  0  PCI-MSI 49154-edge  virtio0-output.0\n",
    ),
    "storm of TLB shootdowns": (
        "host-interrupts",
        "shootdown-spike",
        "h# cat tlb-shootdowns.log\n"
        + "".join(f"02:03:{n:02} {1000 + 40 * n + (130_000 if n > 7 else 0)}\n" for n in range(15)),
    ),
    "drop of Docker in nft beside a bridge's own table": (
        "host-firewall",
        "docker-drop",
        "table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n"
        "\t\tcounter packets 1 bytes 2 jump DOCKER-USER\n\t}\n}\ntable bridge guard {\n\tchain forward {\n"
        "\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}\n",
    ),
    "watchdog as dmesg -T prints it": (
        "host-kernel-log",
        "nic-hang",
        "[Sun Mar  1 02:01:02 2026] NETDEV WATCHDOG: ens1f0 (igb): transmit queue 12 timed out 5012 ms",
    ),
    "tap in brctl show": (
        "tap-on-bridge",
        "attached",
        "bridge name\tbridge id\t\tSTP enabled\tinterfaces\nbr0\t\t8000.0cc47a112233\tno\t\teno1\n"
        "\t\t\t\t\t\t\tvnet2\n",
    ),
    "qemu with options in JSON": (
        "nic-backend",
        "vhost-net",
        '/usr/bin/qemu-system-x86_64 -name g -netdev {"type":"tap","fd":"30","vhost":true,"id":"n0"}',
    ),
    "version of Proxmox": ("qemu-version", "9-2", "h# pveversion -v\npve-qemu-kvm: 9.2.0-5\n"),
    "declined address": (
        "dhcp-server-log",
        "declined-or-same-client-id",
        "Mar  1 02:03:04 ctl dnsmasq-dhcp[5]: DHCPDECLINE(br5) 10.3.0.9 fa:16:3e:00:00:05",
    ),
}


@pytest.mark.parametrize(("check", "outcome", "text"), FAULTS.values(), ids=FAULTS)
def test_kind_of_evidence_sets_its_outcome(outcomes: Outcomes, check: str, outcome: str, text: str) -> None:
    assert outcomes(text).get(check) == outcome


HEALTHY = {
    "a few drops in millions": "9: vnet3: <UP> mtu 1500 master br0\n    TX: bytes  packets  errors  dropped "
    "carrier collsns\n    9000       9000000      0       31      0       0\n",
    "room for connections": "net.netfilter.nf_conntrack_count = 900\nnet.netfilter.nf_conntrack_max = 65536\n",
    "open firewall": "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n",
    "one lease renewed": (
        "Mar  1 02:00:00 vm dhclient[7]: DHCPREQUEST of 10.3.0.9 on eth0 to 10.3.0.1 port 67\n"
        "Mar  1 02:00:00 vm dhclient[7]: DHCPACK of 10.3.0.9 from 10.3.0.1\n"
        "Mar  1 02:00:00 vm dhclient[7]: bound to 10.3.0.9 -- renewal in 900 seconds.\n"
    ),
    "short leases renewed again and again": "".join(
        f"Mar  1 02:0{n}:00 ctl dnsmasq-dhcp[5]: DHCPREQUEST(br5) 10.3.0.9 fa:16:3e:00:00:05\n"
        f"Mar  1 02:0{n}:00 ctl dnsmasq-dhcp[5]: DHCPACK(br5) 10.3.0.9 fa:16:3e:00:00:05 vm\n"
        for n in range(9)
    ),
    "full-size ping": "x# ping -M do -c 1 -s 1472 10.3.0.9\n1 packets transmitted, 1 received, 0% packet loss, "
    "time 0ms\n",
    "switch with one bond": "    Bridge br-ex\n        Port bond0\n            Interface eno1\n            "
    "Interface eno2\n",
    "guest at rest": (
        "guest# ip -s link show dev ens3; sleep 1; ip -s link show dev ens3\n"
        + 2 * "2: ens3: <UP> mtu 1500\n    RX: bytes  packets\n    5 1 0 0\n    TX: bytes  packets\n    9 2 0 0\n"
    ),
    "strays that anti-spoofing drops": (
        "Chain neutron-openvswi-sabcdef01-2 (1 references)\n"
        " 910000  40000 RETURN     all  --  *  *  10.3.0.9  0.0.0.0/0  MAC FA:16:3E:00:00:05\n"
        "   31  4000 DROP       all  --  *  *  0.0.0.0/0  0.0.0.0/0\n"
    ),
    "a policy of drop beside chains that accept": (
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j LIBVIRT_FWX\n-A FORWARD -j ufw-before-forward\nCOMMIT\n"
    ),
    "tap of a DHCP namespace": "7: tap0a1b2c3d-4e: <BROADCAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN",
    "a few connections dropped long ago": "cpu=0 found=9 invalid=2 insert=0 insert_failed=1 drop=3 early_drop=0 "
    "error=0\n",
    "bridge on which nobody set a VLAN": "port              vlan-id\neno1              1 PVID Egress Untagged\n"
    "vnet1             1 PVID Egress Untagged\n",
    "VLANs of another bridge": (
        "3: eno1: <UP> mtu 1500 master br0 state forwarding\n5: vnet1: <UP> mtu 1500 master virbr0 state forwarding\n"
        "port              vlan-id\neno1              20\nvnet1             1 PVID Egress Untagged\n"
    ),
    "plain bridge": "    bridge forward_delay 1500 vlan_filtering 0 vlan_protocol 802.1Q\n",
    "functions as they come": "    vf 0     link/ether fa:16:3e:00:00:05 brd ff:ff:ff:ff:ff:ff, spoof checking on, "
    "link-state auto, trust off\n     tx_spoofed: 0\n",
    "one guest described by two commands": (
        "h# virsh dumpxml a\n<interface type='bridge'>\n  <mac address='52:54:00:00:00:07'/>\n</interface>\n"
        "h# virsh domiflist a\n vnet0  bridge  br0  virtio  52:54:00:00:00:07\n"
    ),
    "a guest's MAC as two hosts learned it": (
        "h1# bridge fdb show\n52:54:00:00:00:07 dev vnet3 master br0\n"
        "h2# bridge fdb show\n52:54:00:00:00:07 dev eno1 master br0\n"
    ),
    "a host without Open vSwitch": "h# ovs-vsctl show\novs-vsctl: unix:/var/run/openvswitch/db.sock: database "
    "connection failed (No such file or directory)\n",
    "prose": "our virtual machines are slow since Tuesday and nobody knows why, please help",
}


@pytest.mark.parametrize("text", HEALTHY.values(), ids=HEALTHY)
def test_healthy_evidence_makes_nobody_a_suspect(
    read: Callable[[str], Evidence], knowledge: KnowledgeBase, text: str
) -> None:
    assert abnormal(read(text), knowledge) == []


CLIENTS = {
    "networkd": ("eth0: DHCPv4 address 10.3.0.9/24 via 10.3.0.1", "systemd-networkd", "bound"),
    "networkd lost": ("eth0: DHCP lease lost", "systemd-networkd", "lost"),
    "NetworkManager": (
        "<info>  [1.0] dhcp4 (eth0): state changed new lease, address=10.3.0.9",
        "NetworkManager",
        "bound",
    ),
    "NetworkManager timeout": ("<warn>  [1.0] dhcp4 (eth0): request timed out", "NetworkManager", "no-answer"),
    "networkd's debug log": ("eth0: DHCPv4 client: DISCOVER", "systemd-networkd", "discover"),
    "NetworkManager without a lease": ("<info>  [1.0] dhcp4 (eth0): state changed no lease", "NetworkManager", "lost"),
    "udhcpc": ("sending discover", "udhcpc", "discover"),
    "udhcpc renews": ("sending renew to server 10.3.0.1", "udhcpc", "request"),
    "udhcpc gives up": ("no lease, failing", "udhcpc", "gave-up"),
    "dhcpcd": ("eth0: soliciting a DHCP lease", "dhcpcd", "discover"),
    "dhclient": ("No DHCPOFFERS received.", "dhclient", "no-answer"),
}


@pytest.mark.parametrize(("message", "program", "what"), CLIENTS.values(), ids=CLIENTS)
def test_every_client_is_understood(read: Callable[[str], Evidence], message: str, program: str, what: str) -> None:
    evidence = read(f"Mar  1 02:03:04 vm {program}[9]: {message}\n")
    assert [step.what for step in evidence.conversations[0].messages] == [what]


def test_timeline_is_in_order_of_time_whatever_the_order_of_pieces(read: Callable[[str], Evidence]) -> None:
    evidence = read(
        "Mar  1 02:03:09 h kernel: nf_conntrack: table full, dropping packet\n"
        "Mar  1 02:03:04 h kernel: br0: received packet on eno1 with own address as source address\n"
    )
    assert [event.stamp for event in evidence.timeline] == ["Mar  1 02:03:04", "Mar  1 02:03:09"]


def test_signal_of_an_incident_is_recognised(read: Callable[[str], Evidence], knowledge: KnowledgeBase) -> None:
    incident = next(incident for incident in knowledge.active if incident.signals)
    assert incident.id in read(incident.signals[0].example).signals
