"""DICOM data sets with a marker in every element that may hold something about a person, written byte by byte.

Every attribute of the data dictionary with a text, date, time, name or UID value gets a marker of its own, but for those
that holter keeps (modality, manufacturer, model, software) and those that make an object readable. That is a superset of
PS3.15 table E.1-1: one marker too many costs nothing, one too few hides a leak. Values are written raw, since a marker is
no valid date.
"""
import os
import struct

from pydicom.datadict import DicomDictionary, RepeatersDictionary

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
STRUCTURE = {  # tag: value; what a receiver needs, and what holter may keep
    0x00080005: b"ISO_IR 100",
    0x00080016: None,  # SOP class
    0x00080018: None,  # SOP instance
    0x00080060: b"CT",
    0x00080070: b"SIEMENS ",
    0x00081090: b"SOMATOM Definition AS ",
    0x00181016: b"EXAMPLE ",
    0x00181018: b"EXAMPLE ",
    0x00181019: b"1.0 ",
    0x00181020: b"syngo CT VA48A",
}
SITE = {0x00081010, 0x00181000, 0x00181002, 0x00181008, 0x00181009, 0x00080054, 0x00080055, 0x00080056, 0x00400241, 0x00400001}
LETTERS = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
DIGITS = {"AS", "DA", "DS", "DT", "IS", "TM"}
BYTES = {"OB", "UN"}
LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
SKIPPED_GROUPS = {0x0000, 0x0002, 0x0004, 0x0006, 0x7FE0, 0xFFFA, 0xFFFC, 0xFFFE}
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def element(tag, vr, value, explicit=True):
    if len(value) % 2:
        value += b"\0" if vr in ("UI", "OB", "UN") else b" "
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
    if not explicit:
        return head + struct.pack("<I", len(value)) + value
    if vr in LONG:
        return head + vr.encode() + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + vr.encode() + struct.pack("<H", len(value)) + value


def item(content):
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def dictionary():
    """(tag, VR) of every attribute, the repeating groups at their first group."""
    rows = [(tag, row[0]) for tag, row in DicomDictionary.items()]
    rows += [(int(mask.replace("x", "0"), 16), row[0]) for mask, row in RepeatersDictionary.items()]
    seen = {}
    for tag, vr in rows:
        if (tag >> 16) not in SKIPPED_GROUPS and tag & 0xFFFF:
            seen.setdefault(tag, (tag, vr.split(" or ")[0]))
    return sorted(seen.values())


def value_of(markers, tag, vr, where, explicit):
    """A marker in the form that the VR takes, or None where it takes numbers only."""
    kind = "site" if tag in SITE else "patient"
    if vr == "PN":
        parts = [markers.new(f"{where} {part}", kind) for part in ("family", "given", "ideographic")]
        return f"{parts[0]}^{parts[1]}={parts[2]}".encode()
    if vr in LETTERS:
        return markers.new(where, kind).encode()
    if vr in DIGITS:
        return markers.new(where, kind, digits=True).encode()
    if vr == "UI":
        return ("1.2.826.0.1.3680043.10.9." + markers.new(where, kind, digits=True)).encode()
    if vr in BYTES:
        return markers.new(where, kind).encode()
    if vr == "SQ":
        text = element(0x0040A160, "UT", markers.new(f"{where}>TextValue", kind).encode(), explicit)
        name = element(0x00100010, "PN", markers.new(f"{where}>PatientName", kind).encode(), explicit)
        return item(name + text)
    return None


def private(markers, group, where, explicit):
    """A private block: its creator and three elements."""
    out = element(group << 16 | 0x10, "LO", markers.new(f"{where} private creator").encode(), explicit)
    for offset, vr in ((0x1001, "LO"), (0x1002, "UN"), (0x1003, "PN")):
        out += element(group << 16 | offset, vr, markers.new(f"{where} ({group:04x},{offset:04x})").encode(), explicit)
    return out


def data_set(markers, name, explicit=True, groups=None):
    """(bytes, SOP instance UID) of a data set; groups limits it to some."""
    instance = "1.2.826.0.1.3680043.10.9." + markers.new(f"{name} SOPInstanceUID", digits=True)
    fixed = {**STRUCTURE, 0x00080016: CT_IMAGE.encode(), 0x00080018: instance.encode()}
    parts = {}
    for tag, vr in dictionary():
        if groups and tag >> 16 not in groups:
            continue
        where = f"{name} ({tag >> 16:04x},{tag & 0xFFFF:04x})"
        value = fixed[tag] if tag in fixed else value_of(markers, tag, vr, where, explicit)
        if value is not None:
            parts[tag] = element(tag, vr, value, explicit)
    for group in (0x0009, 0x0011, 0x0019, 0x0029):
        parts[group << 16 | 0x10] = private(markers, group, name, explicit)
    return b"".join(parts[tag] for tag in sorted(parts)), instance


def part10(data, instance, syntax):
    meta = element(0x00020001, "OB", b"\0\1")
    for tag, text in ((2, CT_IMAGE), (3, instance), (0x10, syntax), (0x12, "1.2.826.0.1.3680043.10.9")):
        meta += element(0x00020000 | tag, "UI", text.encode())
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<I", len(meta))) + meta + data


def make(markers, folder):
    """The files that the canary phase stores; their paths."""
    wanted = {"dicom-explicit": (True, None), "dicom-implicit": (False, {0x0008, 0x0010, 0x0018, 0x0020, 0x0032, 0x0040, 0x4008})}
    paths = []
    for name, (explicit, groups) in wanted.items():
        data, instance = data_set(markers, name, explicit, groups)
        path = os.path.join(folder, name + ".dcm")
        with open(path, "wb") as f:
            f.write(part10(data, instance, EXPLICIT if explicit else IMPLICIT))
        paths.append(path)
    return paths
