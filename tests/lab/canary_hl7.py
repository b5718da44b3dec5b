"""HL7 v2 messages with a marker in every field that may hold something about a person or a secret.

Segments that never leave a sensor are filled whole: each field has a marker in its first two components, in a
sub-component and in a repetition. In the others those fields are filled that privacy.md names.
"""
WHOLE = {  # segment: number of fields
    "PID": 39, "PD1": 21, "NK1": 39, "PV1": 52, "PV2": 49, "GT1": 57, "IN1": 53, "IN2": 72, "IN3": 28, "MRG": 7, "DG1": 26,
    "AL1": 6, "IAM": 20, "NTE": 7, "ACC": 12, "ROL": 12, "CON": 25, "TXA": 23, "FT1": 43, "RXA": 26, "RXE": 44, "RXO": 28,
    "ZPD": 12, "ZXX": 8, "Z01": 4,
}
PARTS = {  # segment: fields about a person, and secrets
    "EVN": (5,), "ORC": (2, 3, 4, 10, 11, 12, 19, 20, 21, 22, 23, 24, 30),
    "OBR": (2, 3, 10, 13, 16, 17, 20, 28, 31, 32, 33, 34, 35), "OBX": (5, 16, 23, 24, 25), "SCH": (1, 2, 6, 11, 12, 16, 20),
    "AIP": (3,), "AIL": (3,), "QPD": (2, 3, 4), "PRT": (5, 14, 15), "UAC": (2,), "ERR": (7, 8),
}
SECRET = {"UAC": (2,)}
FIXED = {  # fields with a plain value, so that the segment is what it says
    "EVN": {1: "A01", 2: "20261122090000"}, "ORC": {1: "NW"}, "OBR": {1: "1", 4: "71020^CHEST XRAY^C4"},
    "OBX": {1: "1", 2: "TX", 3: "8867-4^HEART RATE^LN", 11: "F"}, "SCH": {7: "ROUTINE"}, "AIP": {1: "1"}, "AIL": {1: "1"},
    "QPD": {1: "Q22^FIND^HL7"}, "PRT": {2: "UC", 4: "DO^Device Observed^MDC"}, "UAC": {1: "KERB"}, "ERR": {3: "207", 4: "E"},
}
MESSAGES = [  # code, trigger, version, segments
    ("ADT", "A01", "2.5.1", ["EVN", "PID", "PD1", "ROL", "NK1", "PV1", "PV2", "OBX", "AL1", "DG1", "GT1", "IN1", "IN2", "IN3", "ACC", "ZPD"]),
    ("ADT", "A40", "2.3.1", ["EVN", "PID", "MRG", "ZXX"]),
    ("ORM", "O01", "2.3", ["PID", "NTE", "PV1", "ORC", "OBR", "RXO", "OBX", "ZPD"]),
    ("ORU", "R01", "2.6", ["PID", "PV1", "ORC", "OBR", "NTE", "OBX", "OBX", "PRT"]),
    ("SIU", "S12", "2.4", ["SCH", "PID", "AIP", "AIL", "Z01"]),
    ("MDM", "T02", "2.5", ["EVN", "PID", "PV1", "TXA", "OBX", "CON"]),
    ("DFT", "P03", "2.5", ["EVN", "PID", "FT1"]),
    ("RDE", "O11", "2.5", ["PID", "ORC", "RXE", "RXA", "IAM"]),
    ("QBP", "Q22", "2.5", ["QPD", "UAC"]),
    ("ACK", "A01", "2.5", ["ERR"]),
]


def field(markers, where, kind, whole):
    if not whole:
        return f"{markers.new(where, kind)}^{markers.new(where + '.2', kind)}"
    first, second, sub, again = (markers.new(where + part, kind) for part in ("", ".2", ".3.2", " second"))
    return f"{first}^{second}^x&{sub}~{again}"


def segment(markers, name, where):
    fixed = FIXED.get(name, {})
    marked = range(1, WHOLE[name] + 1) if name in WHOLE else PARTS[name]
    last = max([*marked, *fixed])
    values = []
    for number in range(1, last + 1):
        if number in fixed:
            values.append(fixed[number])
        elif number in marked:
            kind = "secret" if number in SECRET.get(name, ()) else "patient"
            values.append(field(markers, f"{where} {name}-{number}", kind, name in WHOLE))
        else:
            values.append("")
    return "|".join([name, *values])


def message(markers, index, code, trigger, version, segments):
    where = f"hl7[{index}] {code}^{trigger}"
    names = [markers.new(f"{where} MSH-{n}", "site") for n in (3, 4, 5, 6)]
    security = markers.new(f"{where} MSH-8", "secret")
    control = markers.new(f"{where} MSH-10")
    rows = [f"MSH|^~\\&|{'|'.join(names)}|20261122090000|{security}|{code}^{trigger}|{control}|P|{version}"]
    if code == "ACK":
        rows.append(f"MSA|AE|{markers.new(where + ' MSA-2')}|{markers.new(where + ' MSA-3')}")
    rows += [segment(markers, name, f"{where} [{i}]") for i, name in enumerate(segments)]
    return "\r".join(rows) + "\r"


def hostile(markers):
    """Messages that a decoder must refuse or cut, each with markers inside."""
    def m(where):
        return markers.new("hl7 hostile " + where)

    return [
        f"MSH|^~\\&|{m('short MSH')}\rPID|1||{m('after short MSH')}\r",
        f"PID|1||{m('no MSH')}^^^{m('no MSH facility')}\r",
        f"MSH|^~\\&|A|B|C|D|20261122||ZZZ^{m('unknown trigger')}|{m('control')}|P|9.9\rPID|1||{m('id')}||{m('name')}\r",
        f"MSH*%~\\&*A*B*C*D*20261122*{m('odd delimiters MSH-8')}*ADT%A01*{m('odd control')}*P*2.5\rPID*1**{m('odd id')}**{m('odd name')}\r",
        f"MSH|^~\\&|A|B|C|D|20261122||{m('message code')}^{m('message trigger')}|{m('control 2')}|{m('processing')}|{m('version')}\r"
        f"{m('segment name')}|{m('field')}\r",
        f"MSH|^~\\&|A|B|C|D|20261122||ADT^A01|{m('control 3')}|P|2.5||||||{m('charset')}\rPID|1||{m('id 2')}\nPV1|1|I|{m('bed')}\r",
        f"MSH|^~\\&|A|B|C|D|20261122||ORU^R01|{m('control 4')}|P|2.5\rOBX|1|ED|X||^application^pdf^Base64^{'QUJD' * 30000}{m('after a long field')}\r"
        f"NTE|1||{m('note after a long field')}\r",
    ]


def make(markers):
    return [message(markers, i, *row) for i, row in enumerate(MESSAGES)] + hostile(markers)
