"""The ordinary day: examinations, messages, look-ups, and the bulk transfers of a busy hour."""
import json
import os
import time

from topology import DOMAIN


class Day:
    def dns(self, host):
        queries = [
            (f"pacs.{DOMAIN}", "A"), (f"pacs.{DOMAIN}", "AAAA"), (f"fhir.{DOMAIN}", "A"), (f"_dicom._tcp.{DOMAIN}", "SRV"),
            (DOMAIN, "MX"), (DOMAIN, "TXT"), (f"nosuch.{DOMAIN}", "A"), ("update.vendor.invalid", "A"),
            ("10.0.20.10.in-addr.arpa", "PTR"), ("-x", "10.20.0.10"),
        ]
        for query in queries:
            self.event("dns", host, "dig", "@10.20.0.2", "+tries=1", "+time=2", *query, dst="srv")
        self.event("dns-tcp", host, "dig", "@10.20.0.2", "+tcp", "+tries=1", f"ris.{DOMAIN}", "A", dst="srv")

    def hl7(self, kind, host, port, what, count, *delay, to="hl7e", **options):
        self.script(kind, host, "hl7_client.py", self.address[to], port, what, count, *delay, dst=to, n=count, **options)

    def object(self, name):
        return self.path("dcm", name + ".dcm")

    def dicom(self, first):
        pacs = f"pacs.{DOMAIN}"
        to_main = ("-aet", "CT01", "-aec", "MAINPACS", pacs, 4242)
        to_archive = ("-aet", "CT01", "-aec", "ARCHIVE", pacs, 11112)
        self.event("dicom-echo", "ct01", "echoscu", *to_main, dst="pacs")
        self.event("dicom-store", "ct01", "storescu", *to_main, self.object("ct_small"), dst="pacs")
        self.event(
            "dicom-store", "ct01", "storescu", "-xs", *to_archive, self.object("ct_small"), self.object("ct_scout"), dst="pacs", n=2
        )
        if first:
            self.event(
                "dicom-store", "ct01", "storescu", "-xy", *to_archive, self.object("capture_jpeg"), dst="pacs", note="JPEG baseline"
            )
            self.event(
                "dicom-tls", "ct01", "storescu", "--anonymous-tls", "-ic", "-aet", "CT01", "-aec", "ARCHTLS", pacs, 2762,
                self.object("ct_scout"), dst="pacs",
            )
            self.event("dicom-echo-v6", "ct01", "echoscu", *to_main, dst="pacs")
        self.script(
            "dicom-us-exam", "us02", "us.py", self.address["ris"], self.address["pacs"], 2, self.object("us_color"),
            dst="pacs", n=2, note="MWL find, MPPS create/set, 2 C-STORE, storage commitment",
        )
        self.event(
            "dicom-store", "dx05", "dcmsend", "-aet", "DX05", "-aec", "MAINPACS", self.address["pacs"], 4242, self.object("dx_chest"),
            dst="pacs",
        )
        workstation = ("-S", "-aet", "WS01", "-aec", "MAINPACS")
        self.event(
            "dicom-find", "ws01", "findscu", *workstation, pacs, 4242, "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID=CTT0011",
            "-k", "StudyInstanceUID", "-k", "PatientName", dst="pacs",
        )
        self.event(
            "dicom-move", "ws01", "movescu", *workstation, "-aem", "WS01", pacs, 4242,
            "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=CTT0011", dst="pacs",
        )

    def fhir(self):
        def curl(kind, host, *arguments, dst="ris"):
            self.event(kind, host, "curl", "-s", "-o", "/dev/null", *arguments, dst=dst)

        http, https = f"http://fhir.{DOMAIN}:8080/fhir", f"https://fhir.{DOMAIN}:8443/fhir"
        curl("fhir-http", "ws01", f"{http}/metadata")
        curl("fhir-http", "ws01", f"{http}/Observation?patient=CTT0001")
        curl("fhir-https", "ws01", "-k", f"{https}/Patient/CTT0001")
        curl("fhir-https12", "ws01", "-k", "--tls-max", "1.2", f"{https}/Patient/CTT0002")
        curl("fhir-http-v6", "ws01", "-6", "http://[fd20::11]:8080/fhir/Patient/CTT0003")
        curl("fhir-https", "office01", "-k", f"{https}/Patient/CTT0001")
        for i in range(3):
            body = json.dumps({"resourceType": "Observation", "status": "final", "valueQuantity": {"value": 60 + i}})
            curl(
                "fhir-post", "mon04", "-H", "Content-Type: application/fhir+json", "-A", "VitalsMonitor/2.1",
                "-d", body, f"{http}/Observation",
            )
        curl("orthanc-rest", "ws01", "-u", "demo:demo-only", f"http://pacs.{DOMAIN}:8042/system", dst="pacs")

    def infrastructure(self, first):
        """SNMP, file share, ping and fragments."""
        monitor, system = self.address["mon03"], "1.3.6.1.2.1.1"
        self.event(
            "snmp", "ws01", "snmpget", "-v2c", "-c", "public", "-On", monitor,
            f"{system}.1.0", f"{system}.5.0", f"{system}.2.0", dst="mon03",
        )
        self.event(
            "snmp", "ws01", "snmpwalk", "-v1", "-c", "public", "-On", "-t", "2", "-r", "0", monitor, system, dst="mon03"
        )
        self.event(
            "smb", "ws01", "smbclient", "-N", "//10.20.0.10/export", "-c", "ls; get export.txt /dev/null",
            "-s", self.smb_conf, dst="pacs",
        )
        ping = ("ping", "-c", "2", "-i", "0.3")
        self.event("icmp", "ws01", *ping, "10.20.0.10", dst="pacs")
        self.event("icmp", "office01", *ping, "10.20.0.11", dst="ris", note="through the router")
        if first:
            self.event("ipfrag", "ws01", *ping, "-s", "4000", "10.20.0.10", dst="pacs", note="IPv4 fragments")
            self.event("ipfrag6", "ws01", *ping, "-6", "-s", "4000", "fd20::10", dst="pacs", note="IPv6 fragments")

    def routine(self, rounds):
        """The same benign work over and over; a few rarer things in the first round only."""
        for number in range(rounds):
            first = number == 0
            if not first:
                time.sleep(3)
            self.dicom(first)
            self.hl7("hl7", "his", 2575, "adt", 10, 0.1)
            self.hl7("hl7", "his", 2575, "orm", 4, 0.1)
            self.hl7("hl7", "his", 2575, "siu", 3, 0.1)
            self.hl7("hl7", "mon03", 6661, "oru-mon", 12, 0.2)
            self.hl7("hl7", "his", 2575, "utf8", 2, 0.1)
            self.hl7("hl7-multi", "his", 2575, "multi", 5, note="5 MLLP frames in one write")
            if first:
                self.hl7("hl7-frag", "his", 2575, "frag", 2, note="37-byte TCP writes")
                self.hl7("hl7-pdf", "his", 2575, "oru-pdf", 2, note="~40 kB base64 OBX")
            self.fhir()
            self.infrastructure(first)
            self.dns("ws01" if number % 2 else "ct01")

    def bulk(self):
        pacs = f"pacs.{DOMAIN}"
        slices = sorted(os.path.join(self.path("dcm", "ct"), f) for f in os.listdir(self.path("dcm", "ct")))
        self.event(
            "dicom-store-bulk", "ct01", "storescu", "-aet", "CT01", "-aec", "MAINPACS", pacs, 4242, *slices,
            dst="pacs", n=len(slices), timeout=180,
        )
        self.event(
            "dicom-move-bulk", "ws01", "movescu", "-S", "-aet", "WS01", "-aec", "MAINPACS", "-aem", "WS01", pacs, 4242,
            "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=CTT0001", dst="pacs", n=len(slices), timeout=180,
        )
        self.hl7("hl7-bulk", "his", 2575, "adt", 1500, 0, timeout=120)
        self.hl7("hl7-bulk", "mon03", 6661, "oru-mon", 1500, 0, timeout=120)
