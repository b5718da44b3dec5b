"""What the servers of the hospital run."""
import json
import os

from runner import PEERS, PYTHON
from topology import DOMAIN, GATEWAY, HOSTS, shell


class Servers:
    def make_certificates(self):
        for name in ("pacs", "ris"):
            shell(
                f"openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -keyout '{self.path(name)}.key' "
                f"-out '{self.path(name)}.crt' -subj '/O=Example Hospital/CN={name}.{DOMAIN}' "
                f"-addext 'subjectAltName=DNS:{name}.{DOMAIN}'"
            )

    def start_servers(self):
        for name in ("srv", "pacs", "ris", "hl7e", "his", "office01"):
            self.link_up(name)
        self.start_dnsmasq()
        self.start_chrony_server()
        self.start_orthanc()
        archive = self.path("archive")
        os.makedirs(archive)
        self.daemon("pacs", "storescp", "-v", "-aet", "ARCHIVE", "-od", archive, "+xa", 11112, log="storescp")
        self.daemon(
            "pacs", "storescp", "-v", "+tls", self.path("pacs.key"), self.path("pacs.crt"), "-ic",
            "-aet", "ARCHTLS", "-od", archive, 2762, log="storescp-tls",
        )
        self.start_samba()
        fhir = os.path.join(PEERS, "fhir.py")
        self.daemon("ris", PYTHON, os.path.join(PEERS, "ris.py"), 104, self.path("ris-events.jsonl"), log="ris")
        self.daemon("ris", PYTHON, fhir, 8080, log="fhir")
        self.daemon("ris", PYTHON, fhir, 8443, self.path("ris.crt"), self.path("ris.key"), log="fhir-tls")
        engine = os.path.join(PEERS, "hl7_server.py")
        self.daemon("hl7e", PYTHON, engine, self.path("hl7-events.jsonl"), 2575, 6661, log="hl7")

    def start_dnsmasq(self):
        names = ""
        for name, host in HOSTS.items():
            if host.ip and name not in ("rogue", "office01"):
                reverse = ".".join(reversed(host.ip.split(".")))
                names += f"address=/{name}.{DOMAIN}/{host.ip}\nptr-record={reverse}.in-addr.arpa,{name}.{DOMAIN}\n"
        config = self.write(
            "dnsmasq.conf",
            f"""no-resolv
no-hosts
no-daemon
user=root
interface=eth0
bind-interfaces
domain={DOMAIN}
local=/{DOMAIN}/
expand-hosts
dhcp-authoritative
no-ping
dhcp-range=10.20.0.100,10.20.0.150,255.255.255.0,10m
dhcp-range=fd20::100,fd20::1ff,64,10m
enable-ra
dhcp-option=option:router,{GATEWAY["clinical"]}
dhcp-option=option:ntp-server,10.20.0.2
dhcp-leasefile={self.path("leases")}
srv-host=_dicom._tcp.{DOMAIN},pacs.{DOMAIN},4242
txt-record={DOMAIN},"v=example"
mx-host={DOMAIN},ris.{DOMAIN},10
cname=fhir.{DOMAIN},ris.{DOMAIN}
log-queries=extra
log-dhcp
{names}host-record=pacs.{DOMAIN},10.20.0.10,fd20::10
host-record=ris.{DOMAIN},10.20.0.11,fd20::11
""",
        )
        self.daemon("srv", "dnsmasq", "-k", "-C", config, log="dnsmasq")

    def start_chrony_server(self):
        config = self.write(
            "chrony-srv.conf",
            "local stratum 8\nallow all\ncmdport 0\nbindcmdaddress /run/cs.sock\npidfile /run/chs.pid\n"
            f"driftfile {self.path('drift')}\n",
        )
        self.daemon("srv", "chronyd", "-x", "-d", "-u", "root", "-f", config, log="chronyd-srv")

    def start_orthanc(self):
        storage = self.path("orthanc")
        os.makedirs(storage)
        config = {
            "Name": "MAINPACS",
            "StorageDirectory": storage,
            "IndexDirectory": storage,
            "HttpPort": 8042,
            "RemoteAccessAllowed": True,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {"demo": "demo-only"},
            "DicomPort": 4242,
            "DicomAet": "MAINPACS",
            "DicomCheckCalledAet": True,
            "DicomAlwaysAllowEcho": False,
            "DicomAlwaysAllowStore": False,
            "DicomAlwaysAllowFind": False,
            "Plugins": [],
            "DicomModalities": {
                "ws01": ["WS01", f"ws01.{DOMAIN}", 11113],
                "ct01": ["CT01", f"ct01.{DOMAIN}", 104],
                "us02": ["US02", f"us02.{DOMAIN}", 104],
                "dx05": ["DX05", f"dx05.{DOMAIN}", 104],
                "office": ["OFFICE", HOSTS["office01"].ip, 11112],
            },
            "DicomCheckModalityHost": False,
        }
        self.daemon("pacs", "Orthanc", "--verbose", self.write("orthanc.json", json.dumps(config)), log="orthanc")

    def start_samba(self):
        share, private = self.path("smb", "share"), self.path("smb", "private")
        os.makedirs(private)
        self.write("smb/share/export.txt", "x" * 40000)
        self.smb_conf = self.write(
            "smb/smb.conf",
            f"""[global]
workgroup=CLIN
netbios name=PACS
server role=standalone server
map to guest=bad user
private dir={private}
lock directory=/run/smb
state directory={private}
cache directory={private}
pid directory=/run
log file={self.path("log", "smbd.log")}
interfaces=eth0
bind interfaces only=yes
guest account=root
load printers=no
disable spoolss=yes
ncalrpc dir=/run/ncalrpc
[export]
path={share}
guest ok=yes
read only=no
""",
        )
        self.daemon(
            "pacs", "sh", "-c", 'mkdir -p /run/smb; exec smbd -F --no-process-group -s "$1"', "sh", self.smb_conf,
            log="smbd-start",
        )
