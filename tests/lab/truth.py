"""What the peers themselves wrote down while a phase ran: the truth that a sensor's report is compared with."""
import collections
import json
import os
import re

from topology import AE_TITLES, CLINICAL, HOSTS, OFFICE, ROUTER_MAC

PEER_LOGS = {  # our name: log file of the program
    "dnsmasq": "dnsmasq.log",
    "orthanc": "orthanc.log",
    "rogue_dhcp": "rogue-dhcp.log",
    "storescp": "storescp.log",
    "storescp_tls": "storescp-tls.log",
    "storescp_ws01": "ws01-storescp.log",
    "storescp_office": "office-storescp.log",
}
DHCP_LINE = re.compile(r"dnsmasq-dhcp(?:\[\d+\])?: (?:\d+ )?(DHCP[A-Z]+)\(eth0\) (.*)")
DNS_QUERY = re.compile(r"dnsmasq: (\d+) (\S+)/(\d+) query\[([A-Z0-9]+)\] (\S+) from ")
ORTHANC_LINE = re.compile(
    r"(Association Received|Association Acknowledged|Incoming (\w+) request)\b.* AET (\S+) on IP ([0-9a-f.:]+)"
)


def lines(path, start):
    try:
        with open(path, errors="replace") as f:
            f.seek(start)
            return f.read().splitlines()
    except FileNotFoundError:
        return []


def dhcp(rows):
    """DHCPv4 messages that the server received or sent: (message, MAC, address or None)."""
    found = []
    for row in rows:
        match = DHCP_LINE.search(row)
        if not match:
            continue
        words = match.group(2).split()
        mac = next((w for w in words if re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", w)), None)
        address = next((w for w in words if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", w)), None)
        if mac:
            found.append(dict(message=match.group(1), mac=mac, address=address))
    return found


def dns(rows):
    """Queries that the server received: (client, port, type, name)."""
    matches = filter(None, map(DNS_QUERY.search, rows))
    return [dict(client=m.group(2), port=int(m.group(3)), type=m.group(4), name=m.group(5)) for m in matches]


def storescp(rows):
    """What a storescp did."""
    def count(words):
        return sum(words in row for row in rows)

    return dict(
        received=count("Association Received"), accepted=count("Association Acknowledged"),
        echoes=count("Received Echo Request"), stores=count("Received Store Request"),
    )


def orthanc(rows):
    """What Orthanc's DICOM server did: (what, calling AE title, address)."""
    found = []
    for row in rows:
        match = ORTHANC_LINE.search(row)
        if match:
            what, request, ae, address = match.groups()
            found.append(dict(what=(request or what.split()[-1]).lower(), ae=ae, ip=address))
    return found


class Truth:
    def log_sizes(self):
        """Where each log stands now: what follows belongs to the phase that begins."""
        sizes = {}
        for name, file in PEER_LOGS.items():
            path = self.path("log", file)
            sizes[name] = os.path.getsize(path) if os.path.exists(path) else 0
        return sizes

    def peers(self, sizes):
        rows = {name: lines(self.path("log", file), sizes[name]) for name, file in PEER_LOGS.items()}
        return {
            "dhcp": dhcp(rows["dnsmasq"]),
            "dhcp_rogue": dhcp(rows["rogue_dhcp"]),
            "dns": dns(rows["dnsmasq"]),
            "orthanc": orthanc(rows["orthanc"]),
            "getscu": self.fetched(),
            **{name: storescp(rows[name]) for name in PEER_LOGS if name.startswith("storescp")},
        }

    def fetched(self):
        """Objects that the laptop's C-GET brought home."""
        loot = self.path("loot")
        return len(os.listdir(loot)) if os.path.isdir(loot) else 0

    def log_lines(self, name, started, ended):
        try:
            with open(self.path(name)) as f:
                return [line for line in map(json.loads, f) if started - 1 <= line["t"] <= ended + 1]
        except FileNotFoundError:
            return []

    def host_rows(self):
        rows = {}
        for name, host in HOSTS.items():
            rows[name] = {
                "mac": host.mac,
                "ip": self.address[name],
                "segment": host.segment,
                "role": host.role,
                "addressing": "dhcp:" + host.dhcp if host.dhcp else "static",
                "oui_is_set_by_us": True,
                "ae_titles": [dict(ae=ae, listen=port, impl=impl) for ae, port, impl in AE_TITLES.get(name, [])],
            }
        return rows

    def write_truth(self, phase, started, ended, dropped, sizes, replaced):
        events = [e for e in self.events if started - 2 <= e["t_start"] <= ended]
        truth = {
            "phase": phase,
            "t_start": started,
            "t_end": ended,
            "capture": phase + ".pcap",
            "capture_point": "mirror port of the clinical bridge (ageing time 0: each frame once), MTU 1500, offloads off",
            "dropped_by_kernel": dropped,
            "tap_transmitted": self.tap_transmitted(),
            "network": {
                "clinical": CLINICAL, "clinical_v6": "fd20::/64", "office": OFFICE, "dhcp_range": "10.20.0.100-150",
                "router": ROUTER_MAC,
            },
            "hosts": self.host_rows(),
            "events": events,
            "hl7_engine_log": self.log_lines("hl7-events.jsonl", started, ended),
            "hl7_office_log": self.log_lines("hl7-office-events.jsonl", started, ended),
            "ris_log": self.log_lines("ris-events.jsonl", started, ended),
            "peers": self.peers(sizes),
        }
        text = json.dumps(truth, indent=1)
        for path, name in replaced:
            text = text.replace(path, name)
        with open(os.path.join(self.out, phase + ".truth.json"), "w") as f:
            f.write(text)
        counts = collections.Counter((e["label"], e["kind"]) for e in events)
        print(phase, "dropped", dropped, dict(counts), flush=True)
