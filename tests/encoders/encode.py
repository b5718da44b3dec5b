"""Random valid messages, made by programs that are not ours, with what is in them. usage: encode.py PROTOCOL COUNT SEED"""

import ipaddress
import json
import random
import string
import sys

CODES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}


def word(rng, least=1, most=12, letters=string.ascii_letters + string.digits):
    return "".join(rng.choice(letters) for _ in range(rng.randint(least, most)))


def name(rng):
    labels = [word(rng, 1, rng.choice([3, 12, 63])) for _ in range(rng.randint(1, 5))]
    while sum(len(label) + 1 for label in labels) > 250:
        labels.pop()
    return ".".join(labels)


def v4(rng):
    return str(ipaddress.IPv4Address(rng.randint(0x01000000, 0xDFFFFFFF)))


def v6(rng):
    return str(ipaddress.IPv6Address((0x20010DB8 << 96) | rng.getrandbits(96)))


def mac(rng):
    return ":".join(f"{byte:02x}" for byte in [rng.randrange(0, 256, 4)] + [rng.randrange(256) for _ in range(5)])


def dns_message(rng):
    from scapy.layers.dns import DNS, DNSQR, DNSRR, DNSRRMX, DNSRRSRV, dns_compress

    asked, kind = name(rng), rng.choice(list(CODES))
    answers, records = [], []
    response = rng.random() < 0.7
    for _ in range(rng.randint(0, 6) if response else 0):
        owner = rng.choice([asked, name(rng), "www." + asked if len(asked) < 240 else asked])
        of, ttl = rng.choice(list(CODES)), rng.randrange(0, 2**31)
        record = {"dns.record.name": owner, "dns.record.type": CODES[of], "dns.record.ttl": ttl}
        target = rng.choice([name(rng), asked])
        if of in ("A", "AAAA"):
            address = v4(rng) if of == "A" else v6(rng)
            answers.append(DNSRR(rrname=owner, type=of, ttl=ttl, rdata=address))
            record |= {"dns.record.address": address, "dns.record.target": None}
        elif of == "TXT":
            answers.append(DNSRR(rrname=owner, type=of, ttl=ttl, rdata=[word(rng, 1, 100).encode()]))
            record |= {"dns.record.address": None, "dns.record.target": None}
        else:
            record |= {"dns.record.address": None, "dns.record.target": target}
            if of == "MX":
                answers.append(DNSRRMX(rrname=owner, ttl=ttl, preference=rng.randrange(100), exchange=target))
            elif of == "SRV":
                answers.append(DNSRRSRV(rrname=owner, ttl=ttl, priority=1, weight=2, port=104, target=target))
            else:
                answers.append(DNSRR(rrname=owner, type=of, ttl=ttl, rdata=target))
        records.append(record)
    number, aa, tc = rng.randrange(65536), rng.random() < 0.3 and response, rng.random() < 0.1 and response
    rcode = rng.choice([0, 0, 0, 3, 2]) if response else 0
    message = DNS(id=number, qr=response, aa=aa, tc=tc, rd=1, ra=response, rcode=rcode, qd=[DNSQR(qname=asked, qtype=kind)], an=answers)
    if rng.random() < 0.5:
        message = dns_compress(message)
    said = {
        "dns.response": response,
        "dns.transaction": number,
        "dns.opcode": 0,
        "dns.rcode": rcode,
        "dns.name": asked,
        "dns.qtype": CODES[kind],
        "dns.qclass": 1,
        "dns.questions": 1,
        "dns.answers": len(answers),
        "dns.authority": 0,
        "dns.truncated": tc,
        "dns.authoritative": aa,
    }
    events = [["dns.message", said]] + [["dns.record", record] for record in records]
    return "<" if response else ">", bytes(message), events


def dns(rng):
    if rng.random() < 0.6:
        way, message, events = dns_message(rng)
        return "udp", [[way, message.hex()]], events
    chunks, all_events = [], []
    for _ in range(rng.randint(1, 4)):
        way, message, events = dns_message(rng)
        chunks.append([way, (len(message).to_bytes(2, "big") + message).hex()])
        all_events += events
    return "tcp", chunks, all_events


def dhcp(rng):
    from scapy.layers.dhcp import BOOTP, DHCP

    kind = rng.randint(1, 8)
    reply = kind in (2, 5, 6)
    client, number = mac(rng), rng.randrange(2**32)
    addresses = {key: v4(rng) if rng.random() < 0.4 else None for key in ("ciaddr", "yiaddr", "siaddr", "giaddr")}
    # RFC 2131 4.3.1 and 4.4.1: who may fill which; a relay agent counts itself (RFC 1542 4.1.1).
    if not reply:
        addresses["yiaddr"] = None
    if kind == 1:
        addresses["ciaddr"] = None
    options, codes, said = [("message-type", kind)], [53], {}

    def option(code, key, field, value, shown=None):
        if rng.random() < 0.5:
            options.append((key, value))
            codes.append(code)
            said[field] = value if shown is None else shown
        else:
            said[field] = None

    host, domain, vendor = word(rng), name(rng), word(rng, 1, 60, string.ascii_letters + " .-")
    option(12, "hostname", "dhcp.hostname", host.encode(), host)
    option(15, "domain", "dhcp.domain", domain.encode(), domain)
    option(60, "vendor_class_id", "dhcp.vendor_class", vendor.encode(), vendor)
    option(50, "requested_addr", "dhcp.requested_address", v4(rng))
    option(54, "server_id", "dhcp.server", v4(rng))
    option(51, "lease_time", "dhcp.lease", rng.randrange(2**32))
    option(3, "router", "dhcp.router", v4(rng))
    option(6, "name_server", "dhcp.name_server", v4(rng))
    option(57, "max_dhcp_size", "dhcp.max_size", rng.randrange(576, 65536))
    asked = [rng.randrange(1, 255) for _ in range(rng.randint(1, 30))]
    option(55, "param_req_list", "dhcp.parameters", asked)
    given = {key: value for key, value in addresses.items() if value}
    hops = 1 if addresses["giaddr"] else 0
    message = BOOTP(op=2 if reply else 1, hops=hops, xid=number, chaddr=bytes.fromhex(client.replace(":", "")), **given)
    message /= DHCP(options=options + ["end"])
    said |= {
        "dhcp.op": 2 if reply else 1,
        "dhcp.type": kind,
        "dhcp.transaction": number,
        "dhcp.client_mac": client,
        "dhcp.client_address": addresses["ciaddr"],
        "dhcp.your_address": addresses["yiaddr"],
        "dhcp.next_server": addresses["siaddr"],
        "dhcp.relay": addresses["giaddr"],
        "dhcp.options": codes,
    }
    return "udp", [["<" if reply else ">", bytes(message).hex()]], [["dhcp.message", said]]


def dicom(rng):
    from pydicom.dataset import Dataset
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
    from pynetdicom import pdu, sop_class
    from pynetdicom.dimse_messages import C_ECHO_RQ, C_FIND_RQ, C_STORE_RQ
    from pynetdicom.dimse_primitives import C_ECHO, C_FIND, C_STORE
    from pynetdicom.dsutils import encode
    from pynetdicom.pdu_primitives import (
        A_ASSOCIATE,
        ImplementationClassUIDNotification,
        ImplementationVersionNameNotification,
        MaximumLengthNotification,
    )
    from pynetdicom.presentation import PresentationContext
    from io import BytesIO

    classes = [sop_class.CTImageStorage, sop_class.MRImageStorage, sop_class.Verification,
               sop_class.ModalityWorklistInformationFind, sop_class.UltrasoundImageStorage]
    syntaxes = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    titles = [word(rng, 1, 16), word(rng, 1, 16)]
    most, uid, version = rng.choice([0, 16384, 65536, 131072]), str(generate_uid()), word(rng, 1, 16)

    def user():
        length, software, named = (
            MaximumLengthNotification(), ImplementationClassUIDNotification(), ImplementationVersionNameNotification())
        length.maximum_length_received = most
        software.implementation_class_uid = uid
        named.implementation_version_name = version
        return [length, software, named]

    proposed, accepted = [], []
    for index, one in enumerate(rng.sample(classes, rng.randint(1, len(classes)))):
        context = PresentationContext()
        context.context_id = 2 * index + 1
        context.abstract_syntax = one
        context.transfer_syntax = rng.sample(syntaxes, rng.randint(1, 2))
        proposed.append(context)
        answer = PresentationContext()
        answer.context_id = context.context_id
        answer.transfer_syntax = [context.transfer_syntax[0]]
        answer.result = 0
        accepted.append(answer)

    request = A_ASSOCIATE()
    request.application_context_name = "1.2.840.10008.3.1.1.1"
    request.calling_ae_title, request.called_ae_title = titles
    request.user_information = user()
    request.presentation_context_definition_list = proposed
    asked = pdu.A_ASSOCIATE_RQ()
    asked.from_primitive(request)

    response = A_ASSOCIATE()
    response.application_context_name = "1.2.840.10008.3.1.1.1"
    response.calling_ae_title, response.called_ae_title = titles
    response.user_information = user()
    response.presentation_context_definition_results_list = accepted
    response.result, response.result_source, response.diagnostic = 0, 1, None
    granted = pdu.A_ASSOCIATE_AC()
    granted.from_primitive(response)

    chunks = [[">", asked.encode().hex()], ["<", granted.encode().hex()]]
    events = [
        ["dicom.associate_rq", {
            "dicom.calling_ae": titles[0], "dicom.called_ae": titles[1], "dicom.max_pdu": most,
            "dicom.implementation_uid": uid, "dicom.implementation_version": version, "dicom.contexts": len(proposed)}],
        ["dicom.associate_ac", {
            "dicom.accept.max_pdu": most, "dicom.accept.implementation_uid": uid,
            "dicom.accept.implementation_version": version, "dicom.accept.contexts": len(accepted),
            "dicom.refuse.contexts": 0}],
    ]
    for context in proposed:
        events.append(["dicom.context", {
            "dicom.context_id": context.context_id, "dicom.abstract_syntax": str(context.abstract_syntax),
            "dicom.transfer_syntax": [str(one) for one in context.transfer_syntax]}])
    for context in accepted:
        events.append(["dicom.context_result", {
            "dicom.result.context_id": context.context_id, "dicom.result": 0,
            "dicom.result.transfer_syntax": str(context.transfer_syntax[0])}])

    for message in range(1, rng.randint(2, 5)):
        context = rng.choice(proposed)
        syntax, one = context.transfer_syntax[0], context.abstract_syntax
        implicit = syntax == ImplicitVRLittleEndian
        head = None
        data = Dataset()
        if one == sop_class.Verification:
            primitive, wire, code = C_ECHO(), C_ECHO_RQ(), 0x30
        elif one == sop_class.ModalityWorklistInformationFind:
            primitive, wire, code = C_FIND(), C_FIND_RQ(), 0x20
            data.PatientID = ""
            data.Modality = rng.choice(["CT", "MR", "US"])
            head = {"dicom.modality": str(data.Modality)}
            primitive.Priority = 2
        else:
            primitive, wire, code = C_STORE(), C_STORE_RQ(), 1
            primitive.AffectedSOPInstanceUID = str(generate_uid())
            primitive.Priority = 2
            data.SOPClassUID = one
            data.Modality = rng.choice(["CT", "MR", "US"])
            data.Manufacturer = word(rng, 1, 40)
            data.StationName = word(rng, 1, 16)
            data.ManufacturerModelName = word(rng, 1, 60)
            data.PatientID = word(rng, 1, 16)
            data.DeviceSerialNumber = word(rng, 1, 60)
            data.SoftwareVersions = word(rng, 1, 60)
            data.PixelData = bytes(rng.randrange(256) for _ in range(2 * rng.randint(1, 2000)))
            data["PixelData"].VR = "OW"
            head = {
                "dicom.modality": data.Modality, "dicom.manufacturer": data.Manufacturer,
                "dicom.station": data.StationName, "dicom.model": data.ManufacturerModelName,
                "dicom.serial": data.DeviceSerialNumber, "dicom.software": data.SoftwareVersions}
        primitive.MessageID = message
        primitive.AffectedSOPClassUID = one
        if head is not None:
            raw = encode(data, implicit, True)
            setattr(primitive, "Identifier" if code == 0x20 else "DataSet", BytesIO(raw))
            size = len(raw)
        wire.primitive_to_message(primitive)
        for fragment in wire.encode_msg(context.context_id, rng.choice([0, 200, 16384])):
            carried = pdu.P_DATA_TF()
            carried.from_primitive(fragment)
            chunks.append([">", carried.encode().hex()])
        events.append(["dicom.command", {
            "dicom.command": code, "dicom.command.context_id": context.context_id, "dicom.message_id": message,
            "dicom.sop_class": str(one), "dicom.has_data": head is not None}])
        if head is not None:
            events.append(["dicom.data_head", head | {
                "dicom.data.command": code, "dicom.data.transfer_syntax": str(syntax)}])
            events.append(["dicom.data_end", {"dicom.end.command": code, "dicom.data_size": size}])
    leave = pdu.A_RELEASE_RQ()
    chunks.append([">", leave.encode().hex()])
    events.append(["dicom.release", {"dicom.release.answer": False}])
    return "tcp", chunks, events


def hl7(rng):
    import hl7 as python_hl7

    chunks, events = [], []
    for number in range(rng.randint(1, 4)):
        code, trigger = rng.choice([("ADT", "A01"), ("ORU", "R01"), ("ORM", "O01"), ("SIU", "S12"), ("MDM", "T02")])
        names = [word(rng) for _ in range(4)]
        version = rng.choice(["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6"])
        structure = f"{code}_{trigger}"
        text = "|".join([
            "MSH|^~\\&", names[0], names[1], names[2], names[3], "20261125120000", "",
            f"{code}^{trigger}^{structure}", f"C{number}", "P", version]) + "\r"
        segments = python_hl7.parse(text + "PID|1||X^^^Y^MR||DOE^JANE\r")
        for index in range(rng.randint(0, 6)):
            field = python_hl7.Field("~", [word(rng, 1, 30) + "^" + word(rng, 1, 5)])
            segments.append(python_hl7.Segment("|", [python_hl7.Field("", ["OBX"]), python_hl7.Field("", [str(index)]), field]))
        body = b"\x0b" + str(segments).rstrip("\r").encode() + b"\r\x1c\r"
        chunks.append([">", body.hex()])
        events.append(["hl7.message", {
            "hl7.code": code, "hl7.trigger": trigger, "hl7.structure": structure, "hl7.version": version,
            "hl7.sending_application": names[0], "hl7.sending_facility": names[1],
            "hl7.receiving_application": names[2], "hl7.receiving_facility": names[3], "hl7.ack": None}])
        if rng.random() < 0.6:
            answer = segments.create_ack(rng.choice(["AA", "AE", "AR"]))
            chunks.append(["<", (b"\x0b" + str(answer).encode() + b"\x1c\r").hex()])
            events.append(["hl7.message", {
                "hl7.code": "ACK", "hl7.ack": str(answer.segment("MSA")[1]), "hl7.sending_application": names[2],
                "hl7.receiving_application": names[0]}])
    return "tcp", chunks, events


class Segments:
    """The segments of a message by hl7apy, and what is told of each."""

    def __init__(self, rng, message, said, details):
        self.rng, self.message, self.said, self.details = rng, message, said, details

    def add(self, name, **fields):
        segment = self.message.add_segment(name)
        for field, value in fields.items():
            setattr(segment, field, value)

    def sft(self):
        maker, version, product = word(self.rng, 1, 30), word(self.rng, 1, 15), word(self.rng, 1, 20)
        self.add("SFT", sft_1=maker + "^D", sft_2=version, sft_3=product, sft_4="1")
        told = {"hl7.software_vendor": maker, "hl7.software_version": version, "hl7.software_product": product}
        if self.said["hl7.software_vendor"] is None:
            self.said |= told

    def uac(self):
        self.add("UAC", uac_1="KERB^Kerberos^HL70615", uac_2="^AP^^Base64^" + word(self.rng, 20, 40))
        self.details["hl7.credentials"] = True

    def evn(self):
        self.add("EVN", evn_2="20261125120000")

    def pid(self):
        self.add("PID", pid_1="1", pid_3=word(self.rng, 4, 12) + "^^^Y^MR", pid_5="TEST^SYNTHETIC", pid_8="O")
        self.said["hl7.patient"] = self.said["hl7.patient"] + ["present"]

    def pv1(self):
        self.add("PV1", pv1_1="1", pv1_2="I", pv1_3="WARD^1^2^" + word(self.rng))

    def nk1(self):
        self.add("NK1", nk1_1="1", nk1_2="TEST^KIN")

    def al1(self):
        self.add("AL1", al1_1="1", al1_3=word(self.rng, 3, 20) + "^" + word(self.rng, 3, 20) + "^L")

    def orc(self):
        self.add("ORC", orc_1="NW", orc_2=word(self.rng), orc_3=word(self.rng))

    def obr(self):
        filler = word(self.rng)
        if self.rng.random() < 0.4:
            device = f"{self.rng.getrandbits(64):016X}"
            filler = f"{filler}^^{device}^EUI-64"
            self.equipment(device)
        self.add("OBR", obr_1="1", obr_2=word(self.rng), obr_3=filler, obr_4="1^HR^MDC")

    def obx(self):
        device = None
        if self.rng.random() < 0.5:
            device = f"{word(self.rng)}^{word(self.rng)}^{self.rng.getrandbits(64):016X}^EUI-64"
        fields = {"obx_1": "1", "obx_2": "NM", "obx_3": "147842^MDC_ECG_HEART_RATE^MDC", "obx_5": "60", "obx_11": "F"}
        if device and self.message.version in WITH_EQUIPMENT:
            fields["obx_18"] = device
            self.equipment(device)
        self.add("OBX", **fields)

    def nte(self):
        self.add("NTE", nte_1="1", nte_3=word(self.rng, 1, 60))

    def dg1(self):
        self.add("DG1", dg1_1="1", dg1_3="I10^" + word(self.rng), dg1_6="A")

    def in1(self):
        self.add("IN1", in1_1="1", in1_2=word(self.rng), in1_3=word(self.rng))

    def err(self):
        code, severity = self.rng.choice([100, 101, 103, 200, 204, 207]), self.rng.choice("WIEF")
        self.add("ERR", err_2="PID^1^3", err_3=f"{code}^x^HL70357", err_4=severity)
        self.details["hl7.errors"] += 1
        if self.details["hl7.errors"] == 1:
            self.details |= {"hl7.error_code": code, "hl7.error_severity": severity}

    def site(self):
        self.add("ZHO", zho_1=word(self.rng), zho_2=word(self.rng))

    def equipment(self, name):
        if name not in self.said["hl7.equipment"]:
            self.said["hl7.equipment"] = self.said["hl7.equipment"] + [name]


# Versions whose OBX has a field 18.
WITH_EQUIPMENT = ("2.4", "2.5", "2.5.1", "2.6")
LATE = ("2.5", "2.5.1", "2.6")


def hl7apy_message(rng, control, answered):
    """One message, with its segments and what is told of it; an acknowledgement where it answers something."""
    from hl7apy.core import Message

    version = rng.choice(["2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6"])
    kinds = [("ADT", "A01", "ADT_A01"), ("ADT", "A08", "ADT_A01"), ("ORM", "O01", "ORM_O01"), ("ORU", "R01", "ORU_R01")]
    code, trigger, structure = ("ACK", "A01", "ACK") if answered else rng.choice(kinds)
    names = [word(rng, 1, 20) for _ in range(4)]
    message = Message(structure, version=version)
    header = message.msh
    given = [name if rng.random() < 0.8 else f"^{name}^ISO" for name in names]
    header.msh_3, header.msh_4, header.msh_5, header.msh_6 = given
    header.msh_9 = f"{code}^{trigger}^{structure}"
    header.msh_10 = control
    processing = rng.choice("PTD")
    header.msh_11 = processing
    said = {
        "hl7.code": code, "hl7.trigger": trigger, "hl7.structure": structure, "hl7.version": version,
        "hl7.sending_application": names[0], "hl7.sending_facility": names[1],
        "hl7.receiving_application": names[2], "hl7.receiving_facility": names[3],
        "hl7.charset": None, "hl7.profile": None, "hl7.ack": None, "hl7.answers": None, "hl7.equipment": [],
        "hl7.software_vendor": None, "hl7.software_version": None, "hl7.software_product": None, "hl7.patient": []}
    details = {
        "hl7.processing": processing, "hl7.accept_ack": None, "hl7.application_ack": None, "hl7.errors": 0,
        "hl7.error_code": None, "hl7.error_severity": None, "hl7.credentials": False, "hl7.sending_network": None,
        "hl7.receiving_network": None, "hl7.answers_back": None}
    if rng.random() < 0.5:
        details |= {"hl7.accept_ack": rng.choice(["AL", "NE", "ER", "SU"]), "hl7.application_ack": rng.choice(["AL", "NE"])}
        header.msh_15, header.msh_16 = details["hl7.accept_ack"], details["hl7.application_ack"]
    if rng.random() < 0.5:
        said["hl7.charset"] = rng.choice(["ASCII", "8859/1", "8859/15", "UNICODE UTF-8"])
        header.msh_18 = said["hl7.charset"]
    if version in LATE and rng.random() < 0.5:
        said["hl7.profile"] = f"1.3.6.1.4.1.{rng.randrange(10**6)}.{rng.randrange(99)}"
        header.msh_21 = f"{word(rng)}^{word(rng)}^{said['hl7.profile']}^ISO"
    if version == "2.6" and rng.random() < 0.6:
        ends = [f"10.1.{rng.randrange(256)}.{rng.randrange(1, 255)}" for _ in range(2)]
        details |= {"hl7.sending_network": ends[0], "hl7.receiving_network": ends[1]}
        header.msh_24, header.msh_25 = ends
    make = Segments(rng, message, said, details)
    if answered:
        ack = rng.choice(["AA", "AE", "AR", "CA", "CE", "CR"])
        make.add("MSA", msa_1=ack, msa_2=answered[0])
        said |= {"hl7.ack": ack, "hl7.answers": answered[1] is not None}
        details["hl7.answers_back"] = answered[1]
    else:
        if version in LATE and rng.random() < 0.6:
            make.sft()
        if version == "2.6" and rng.random() < 0.4:
            make.uac()
        first = {"ADT": [make.evn, make.pid, make.nk1, make.pv1], "ORM": [make.pid, make.pv1, make.orc, make.obr],
                 "ORU": [make.pid, make.orc, make.obr, make.obx, make.obx]}[code]
        rest = [make.al1, make.dg1, make.in1, make.nte, make.obx, make.site]
        for one in first + rng.choices(rest, k=rng.randint(0, 6)):
            one()
    if version in LATE and answered:
        for _ in range(rng.randint(0, 2)):
            make.err()
    text = message.to_er7()
    order, counts = [], {}
    for segment in text.rstrip("\r").split("\r"):
        known = "Z" if segment.startswith("Z") else segment[:3]
        counts[known] = counts.get(known, 0) + 1
        if known not in order:
            order.append(known)
    details |= {"hl7.segment": order, "hl7.segment_count": [counts[one] for one in order]}
    framed = f"\x0b{text}\r\x1c\r"
    said |= {"hl7.segments": sum(counts.values()), "hl7.whole": True, "hl7.size": len(framed) - 3}
    return framed.encode().hex(), said, details


def hl7apy(rng):
    chunks, events, sent, number = [], [], [], rng.randrange(10**6)
    for _ in range(rng.randint(1, 3)):
        number += 1
        again = bool(sent) and rng.random() < 0.15
        control = rng.choice(sent) if again else f"M{number}"
        message, said, details = hl7apy_message(rng, control, None)
        if not again:
            sent.append(control)
        chunks.append([">", message])
        said["hl7.repeated"] = again
        events += [["hl7.message", said], ["hl7.details", details]]
        if rng.random() < 0.7:
            wanted = rng.choice(sent + ["UNKNOWN"])
            back = len(sent) - 1 - sent.index(wanted) if wanted in sent else None
            number += 1
            answer, told, more = hl7apy_message(rng, f"A{number}", (wanted, back))
            chunks.append(["<", answer])
            told["hl7.repeated"] = False
            events += [["hl7.message", told], ["hl7.details", more]]
    return "tcp", chunks, events


ENCODERS = {"dns": dns, "dhcp": dhcp, "dicom": dicom, "hl7": hl7, "hl7apy": hl7apy}


def main():
    protocol, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    for _ in range(count):
        transport, chunks, events = ENCODERS[protocol](rng)
        print(json.dumps({"transport": transport, "chunks": chunks, "events": events}))


if __name__ == "__main__":
    main()
