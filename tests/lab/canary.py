"""The canary phase: traffic with a marker in every place that may hold something about a person.

Leaves DIR/canary.tsv beside the capture and the truth: every marker, its place and its class.
"""
import json
import os

import canary_dicom
import canary_hl7
from markers import Markers
from topology import DOMAIN

SEED = 20261122


class Canary:
    def canary(self):
        markers = Markers(SEED)
        files = canary_dicom.make(markers, self.path("dcm"))
        messages = canary_hl7.make(markers)
        self.write("canary-hl7.json", json.dumps(messages))
        scu = self.canary_plan(markers, files)
        markers.save(os.path.join(self.out, "canary.tsv"))

        pacs = self.address["pacs"]
        self.event("canary-store", "ct01", "storescu", "-aet", "CT01", "-aec", "ARCHIVE", pacs, 11112, files[0], dst="pacs")
        self.event("canary-store", "ct01", "storescu", "-xi", "-aet", "CT01", "-aec", "ARCHIVE", pacs, 11112, files[1], dst="pacs")
        self.script("canary-dicom", "us02", "canary_scu.py", self.address["ris"], pacs, scu, dst="ris")
        self.script(
            "canary-hl7", "his", "canary_mllp.py", self.address["hl7e"], 6661, self.path("canary-hl7.json"), dst="hl7e",
            n=len(messages),
        )
        self.canary_elsewhere(scu)

    def canary_plan(self, markers, files):
        """What the pynetdicom client says, as a file that it reads."""
        def m(where, kind="patient"):
            return markers.new(where, kind)

        plan = {
            "store": files[0],
            "calling": m("calling AE title", "site"),
            "called": m("called AE title", "site"),
            "user": m("user identity: user name", "secret"),
            "password": m("user identity: passcode", "secret"),
            "find": {k: m(f"C-FIND key {k}") for k in ("PatientName", "PatientID", "AccessionNumber", "ReferringPhysicianName", "OtherPatientNames")},
            "mpps": {k: m(f"MPPS {k}") for k in ("PatientName", "PatientID", "PerformedProcedureStepDescription", "PerformingPhysicianName", "StudyID")},
            "set": {k: m(f"MPPS set {k}") for k in ("PerformedProcedureStepDescription", "OperatorsName", "CommentsOnThePerformedProcedureStep")},
            "move": {k: m(f"C-MOVE key {k}") for k in ("PatientName", "PatientID")},
            "destination": m("move destination", "site"),
            "comment": m("error comment"),
            "worklist": {k: m(f"worklist answer {k}") for k in ("PatientName", "PatientID", "AccessionNumber", "RequestedProcedureDescription")},
            "dhcp": {k: m(f"DHCP {k}", "site") for k in ("hostname", "fqdn", "vendor", "client")},
            "dns": m("DNS name"),
            "http": {k: m(f"HTTP {k}") for k in ("path", "query", "body", "agent")},
            "authorization": m("HTTP authorization", "secret"),
        }
        return self.write("canary-plan.json", json.dumps(plan, indent=1))

    def canary_elsewhere(self, path):
        """DHCP, DNS and HTTP."""
        with open(path) as f:
            plan = json.load(f)
        for name in (f"{plan['dns']}.{DOMAIN}", f"a.{plan['dns'].lower()}.invalid"):
            self.event("canary-dns", "ct01", "dig", "@10.20.0.2", "+tries=1", "+time=2", name, dst="srv")
        http = plan["http"]
        self.event(
            "canary-http", "ct01", "curl", "-s", "-o", "/dev/null", "-A", http["agent"], "-u", f"user:{plan['authorization']}",
            "-d", json.dumps({"resourceType": "Patient", "id": http["body"]}),
            f"http://fhir.{DOMAIN}:8080/fhir/Patient/{http['path']}?name={http['query']}", dst="ris",
        )
        dhcp = plan["dhcp"]
        self.event(
            "canary-dhcp", "us02", "udhcpc", "-i", "eth0", "-q", "-n", "-f", "-x", "hostname:" + dhcp["hostname"],
            "-F", dhcp["fqdn"], "-V", dhcp["vendor"], "-x", "0x3d:" + ("\0" + dhcp["client"]).encode().hex(), "-s", "/bin/true",
            dst="srv", timeout=20,
        )
