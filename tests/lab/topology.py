"""The network: a clinical and an office segment with a router between them, and a mirror port for the sensor."""
import collections
import os
import re
import subprocess

DOMAIN = "clin.example"
CLINICAL, OFFICE = "10.20.0.0/24", "10.30.0.0/24"
GATEWAY = {"clinical": "10.20.0.1", "office": "10.30.0.1"}
BRIDGE = {"clinical": "br0", "office": "br1"}
TAP = "mon0"  # the mirror's far end, in the namespace of the sensor

Host = collections.namedtuple("Host", "mac ip role dhcp segment", defaults=(None, "clinical"))
HOSTS = {  # ip None: from DHCP, with the client named after the role
    "srv": Host("02:20:00:00:00:02", "10.20.0.2", "DNS/DHCP/NTP/RA server (dnsmasq, chrony)"),
    "pacs": Host("00:50:56:aa:00:10", "10.20.0.10", "PACS (Orthanc, dcmtk storescp, samba)"),
    "ris": Host("00:50:56:aa:00:11", "10.20.0.11", "RIS (pynetdicom MWL/MPPS SCP) and FHIR-like HTTP(S) server"),
    "hl7e": Host("00:50:56:aa:00:12", "10.20.0.12", "HL7 interface engine (python-hl7 MLLP server)"),
    "his": Host("3c:d9:2b:aa:00:13", "10.20.0.13", "HIS, sends ADT/ORM/SIU"),
    "ct01": Host("00:18:65:aa:00:21", None, "CT modality (dcmtk storescu/echoscu/findscu)", "dhclient"),
    "us02": Host("44:4b:5d:aa:00:22", None, "ultrasound modality (pynetdicom SCU)", "udhcpc"),
    "mon03": Host("00:09:fb:aa:00:23", None, "patient monitor (HL7 ORU sender, snmpd)", "udhcpc"),
    "mon04": Host("00:1a:fa:aa:00:24", None, "vital signs monitor (FHIR POST over HTTP, mDNS)", "dhcpcd"),
    "ws01": Host(
        "f4:8e:38:aa:00:31", None,
        "radiology workstation (findscu, movescu, storescp, curl, smbclient, snmpget)", "dhcpcd",
    ),
    "dx05": Host("00:1d:4a:aa:00:25", None, "X-ray acquisition station (dcmtk dcmsend)", "dhclient"),
    "rogue": Host("00:0c:29:aa:00:66", "10.20.0.166", "unmanaged laptop (attacker in the incident phase only)"),
    "office01": Host(
        "f4:8e:38:aa:01:21", "10.30.0.21",
        "office PC; in the incident it also receives DICOM (OFFICE, 11112) and HL7 (2575) in clear text", None, "office",
    ),
}
ROUTER_MAC = {"clinical": "02:20:00:00:00:01", "office": "02:30:00:00:00:01"}
AE_TITLES = {  # host: (AE title, listening port or None, implementation)
    "pacs": [("MAINPACS", 4242, "Orthanc"), ("ARCHIVE", 11112, "dcmtk storescp"), ("ARCHTLS", 2762, "dcmtk storescp +tls")],
    "ris": [("RISMWL", 104, "pynetdicom")],
    "ct01": [("CT01", None, "dcmtk")],
    "us02": [("US02", None, "pynetdicom")],
    "ws01": [("WS01", 11113, "dcmtk storescp"), ("WS01", None, "dcmtk")],
    "dx05": [("DX05", None, "dcmtk")],
    "office01": [("OFFICE", 11112, "dcmtk storescp")],
}


def shell(command, check=True):
    return subprocess.run(command, shell=True, check=check, capture_output=True, text=True)


class Topology:
    """Namespaces of one run. Frames are flooded to every port of the clinical bridge (ageing time 0), so that the
    mirror port hears each of them once; the mirror has no address and cannot answer."""

    def __init__(self, tap_here=None):
        self.prefix = f"lab{os.getpid()}-"
        self.switch = self.prefix + "sw"
        self.sensor = self.prefix + "sensor"
        self.tap_here = tap_here
        self.address = {name: host.ip for name, host in HOSTS.items()}

    def namespaces(self):
        return [*(self.prefix + name for name in HOSTS), self.prefix + "router", self.sensor, self.switch]

    def network_up(self):
        """One bridge per segment, one veth pair per host; MTU 1500, offloads off."""
        shell(f"ip netns add {self.switch}")
        for bridge in BRIDGE.values():
            shell(f"ip -n {self.switch} link add {bridge} type bridge stp_state 0 forward_delay 0")
            shell(f"ip netns exec {self.switch} sysctl -qw net.ipv6.conf.{bridge}.disable_ipv6=1")
            shell(f"ip -n {self.switch} link set {bridge} up")
        shell(f"ip -n {self.switch} link set {BRIDGE['clinical']} type bridge ageing_time 0")
        for name, host in HOSTS.items():
            self.plug(name, "eth0", host.segment, host.mac)
            ns = self.prefix + name
            shell(f"ip netns exec {ns} sysctl -qw net.ipv6.conf.eth0.accept_ra=1", check=False)
            if host.ip:
                network = host.ip.rsplit(".", 1)[0]
                shell(f"ip -n {ns} addr add {host.ip}/24 brd {network}.255 dev eth0")
                if host.segment == "clinical":
                    shell(f"ip -n {ns} -6 addr add fd20::{host.ip.split('.')[-1]}/64 dev eth0 nodad")
        self.router_up()
        self.mirror_up()
        for bridge in BRIDGE.values():
            shell(f"ip netns exec {self.switch} ethtool -K {bridge} gro off", check=False)

    def plug(self, name, device, segment, mac):
        """Connect a device of a host (its namespace is made where it is missing) to a segment's bridge."""
        ns, port = self.prefix + name, f"p{'' if device == 'eth0' else device[-1]}-{name}"
        if device == "eth0":
            shell(f"ip netns add {ns}")
            shell(f"ip -n {ns} link set lo up")
        shell(f"ip -n {self.switch} link add {port} type veth peer name {device} netns {ns}")
        self.port_up(port, segment)
        shell(f"ip -n {ns} link set {device} address {mac} mtu 1500")
        self.offloads_off(ns, device)

    def port_up(self, port, segment):
        shell(f"ip netns exec {self.switch} sysctl -qw net.ipv6.conf.{port}.disable_ipv6=1")
        shell(f"ip -n {self.switch} link set {port} mtu 1500 master {BRIDGE[segment]} up")
        self.offloads_off(self.switch, port)

    def offloads_off(self, ns, device):
        where = f"ip netns exec {ns} " if ns else ""
        for feature in ("tso", "gso", "gro", "tx", "sg"):
            shell(f"{where}ethtool -K {device} {feature} off", check=False)

    def router_up(self):
        self.plug("router", "eth0", "clinical", ROUTER_MAC["clinical"])
        self.plug("router", "eth1", "office", ROUTER_MAC["office"])
        ns = self.prefix + "router"
        shell(f"ip netns exec {ns} sysctl -qw net.ipv4.ip_forward=1")
        for device, segment in (("eth0", "clinical"), ("eth1", "office")):
            shell(f"ip netns exec {ns} sysctl -qw net.ipv6.conf.{device}.disable_ipv6=1")
            shell(f"ip -n {ns} addr add {GATEWAY[segment]}/24 dev {device}")
            shell(f"ip -n {ns} link set {device} up")

    def mirror_up(self):
        """The sensor's interface: hears the whole clinical segment, has no address and never speaks."""
        shell(f"ip netns add {self.sensor}")
        shell(f"ip -n {self.sensor} link set lo up")
        device = self.tap_here or TAP
        if self.tap_here:
            shell(f"ip link add {device} type veth peer name p-sensor netns {self.switch}")
        else:
            shell(f"ip -n {self.switch} link add p-sensor type veth peer name {device} netns {self.sensor}")
        self.port_up("p-sensor", "clinical")
        inside = f"ip netns exec {self.sensor} " if not self.tap_here else ""
        shell(f"{inside}sysctl -qw net.ipv6.conf.{device}.disable_ipv6=1")
        self.offloads_off("" if self.tap_here else self.sensor, device)
        shell(f"{inside}ip link set {device} mtu 1500 arp off promisc on up")

    def at_tap(self):
        """The words that put a command where the mirror's far end is."""
        return [] if self.tap_here else ["ip", "netns", "exec", self.sensor]

    def tap_transmitted(self):
        """Packets that left the mirror's far end. Anything but 0 means that the sensor spoke."""
        path = f"/sys/class/net/{self.tap_here or TAP}/statistics/tx_packets"
        done = subprocess.run([*self.at_tap(), "cat", path], capture_output=True, text=True)
        return int(done.stdout) if done.returncode == 0 else None

    def link_up(self, host):
        ns = self.prefix + host
        shell(f"ip -n {ns} link set eth0 up")
        if HOSTS[host].ip:
            shell(f"ip -n {ns} route replace default via {GATEWAY[HOSTS[host].segment]}", check=False)

    def remove_namespaces(self):
        if self.tap_here:
            shell(f"ip link del {self.tap_here}", check=False)
        for ns in self.namespaces():
            shell(f"ip netns del {ns}", check=False)

    def learn_addresses(self, leases):
        """Addresses that DHCP gave: from the lease file, else from the interface."""
        try:
            with open(leases) as f:
                for fields in map(str.split, f):
                    for name, host in HOSTS.items():
                        if len(fields) >= 4 and host.dhcp and host.mac == fields[1].lower():
                            self.address[name] = fields[2]
        except FileNotFoundError:
            pass
        for name, host in HOSTS.items():
            if host.dhcp and not self.address[name]:
                text = shell(f"ip -n {self.prefix}{name} -4 addr show eth0", False).stdout
                found = re.search(r"inet (10\.20\.0\.\d+)", text)
                if found:
                    self.address[name] = found.group(1)
