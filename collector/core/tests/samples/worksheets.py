"""Makes the worksheets of the tests: fictitious models of fictitious makers. Needs openpyxl.

    python3 worksheets.py

The files are committed; the ids of the questions are those of the forms, the questions are shortened.
"""

import datetime
import pathlib

import openpyxl

here = pathlib.Path(__file__).parent


def form_2019():
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "Cover"
    cover["B2"] = "Manufacturer Disclosure Statement for Medical Device Security"
    sheet = book.create_sheet("MDS2")
    rows = [
        [None, "Question ID", "Question", None, "See note", "IEC TR 80001-2-2", "NIST SP 800-53"],
        [None, "DOC-1", "Manufacturer Name", "Velmora Imaging GmbH", None, "__"],
        [None, "DOC-2", "Device Description", "Computed tomography", None, "__"],
        [None, "DOC-3", "Device Model", "Cantor 7, Cantor 7 Plus", None, "__"],
        [None, "DOC-4", "Document ID", 4711, None, "__"],
        [None, "DOC-7", "Document Release Date", datetime.date(2026, 3, 20), None, "__"],
        [None, "MANAGEMENT OF PERSONALLY IDENTIFIABLE INFORMATION"],
        [None, "CSUP-2", "Is there an Operating System?", "Yes", "Windows 10 IoT Enterprise LTSC 2021", "CSUP"],
        [None, "CSUP-2.1", "May the owner install patches?", "No", None, "CSUP"],
        [None, "CSUP-2.3", "Are remote updates possible?", "Yes", "over the service gateway", "CSUP"],
        [None, "MLDP-2", "Is anti-malware supported?", "See Note", "Allow-listing instead", "MLDP"],
        [None, "CONN-1.1", "Any wireless connections?", "No", None, "CONN"],
        [None, "CONN-2", "List of ports and protocols?", "Yes", "See the conformance statement", "CONN"],
        [None, "CONN-7", "Is TLS supported?", "yes", None, "CONN"],
        [None, "RMOT-1", "Is remote service permitted?", "Yes", None, "RMOT"],
        [None, "RMOT-1", "Is remote service permitted?", "No", None, "RMOT"],
        [None, "STCF-1", "Encryption of data at rest?", "N/A", None, "STCF"],
        [None, "TXCF-2", "Is PII encrypted before transmission?", "No", None, "TXCF"],
        [None, "SBOM-1", "A list of parts?", "Yes", None, "SBOM"],
        [None, "XYZW-1", "No section of the form", "Yes"],
    ]
    for row in rows:
        sheet.append(row)
    book.save(here / "mds2-2019.xlsx")


def form_2013():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "MDS2 HN 1-2013"
    rows = [
        ["Manufacturer Disclosure Statement for Medical Device Security - MDS2"],
        ["Device Category", "Manufacturer", "Document ID", "Document Release Date"],
        ["Infusion pump", "Oratio Medical Ltd", "D-77", "2015-06-01"],
        ["Device Model", "Software Revision", "Software Release Date"],
        ["Drip 200", "3.1.4", "2015-05-01"],
        [],
        [None, "5-1", "Can OS and device security patches be applied?", "No", 1],
        [None, "10-1", "Is anti-malware supported?", "No"],
        [None, "14-1", "List the operating system(s)", "See Note", 2],
        [None, "17-1", "Can it encrypt data at rest?", "No"],
        [None, "20-1", "Can it be serviced remotely?", "Yes"],
        [None, "18-2", "A question whose number means something else here", "Yes"],
        [],
        ["Note 1:", "Patches come with a release"],
        ["Note 2:", "A real-time kernel, release 6"],
    ]
    for row in rows:
        sheet.append(row)
    book.save(here / "mds2-2013.xlsx")


def assets():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Assets"
    sheet.append(["Hospital of nowhere: equipment"])
    sheet.append([])
    sheet.append(["Control Number", "Manufacturer", "Model", "Serial No.", "MAC Address", "Dept", "Location", "Status"])
    sheet.append([10023, "Velmora", "Cantor 7", 88123, "00:01:00:00:00:01", "Radiology", "R 1.17", "In use"])
    sheet.append([10024, "Oratio", "Drip 200", "OR-5522", "not a mac", "ICU", None, "In use"])
    book.save(here / "assets.xlsx")


form_2019()
form_2013()
assets()
