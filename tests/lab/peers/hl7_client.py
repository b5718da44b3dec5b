#!/usr/bin/env python3
"""HL7 v2 sender. usage: hl7_client.py IP PORT KIND COUNT [DELAY]

adt, orm, siu, oru-mon (patient monitor), oru-pdf (base64 document), utf8: python-hl7, one ACK awaited per message.
multi (all frames in one write), frag (37-byte writes), bad (malformed): a plain socket, ACK frames counted at the end.
"""
import asyncio
import base64
import json
import random
import socket
import sys
import time

import hl7
from hl7.mllp import open_hl7_connection

EVENTS = ["A01", "A04", "A08", "A02", "A03"]
PCD_PROFILE = "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO"
MONITOR = "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC"
MONITOR_EUI = "0009FBFFFEAA0023^^0009FBFFFEAA0023^EUI-64"
MONITOR_MODEL = "3f1c5a50-0000-1000-8000-0009fbaa0023-IntelliVue MX500 - 866064"
SENDER = "SFT|NextGen Healthcare^L|4.5.2|Mirth Connect|4.5.2"
VITALS = [  # observation, lowest value, range, unit
    ("147842^MDC_ECG_HEART_RATE^MDC", 60, 40, "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    ("150456^MDC_PULS_OXIM_SAT_O2^MDC", 90, 10, "262688^MDC_DIM_PERCENT^MDC"),
    ("150037^MDC_PRESS_BLD_ART_ABP_MEAN^MDC", 70, 30, "266016^MDC_DIM_MMHG^MDC"),
]
UDI = "(01)00844588003288(17)141120(10)7654321D(21)10987654d321|00844588003288|20141120||7654321D|10987654d321"


def now():
    return time.strftime("%Y%m%d%H%M%S")


def pid(i):
    return (
        f"PID|1||CTT{i:04d}^^^MAINHOSP^MR||TEST^PATIENT{i}^A||19700101|{'MF'[i % 2]}"
        "|||1 EXAMPLE ST^^TESTVILLE^^00000||555-0100"
    )


def adt(i, control, rnd):
    event = EVENTS[i % len(EVENTS)]
    return [
        f"MSH|^~\\&|HIS|MAINHOSP|ENGINE|MAINHOSP|{now()}||ADT^{event}^ADT_A01|{control}|P|2.5.1",
        SENDER,
        f"EVN|{event}|{now()}",
        pid(i),
        f"PV1|1|I|ICU^{i % 9}^A^MAINHOSP||||0001^DOCTOR^TEST|||MED",
    ]


def utf8(i, control, rnd):
    return [
        f"MSH|^~\\&|HIS|HÔPITAL|ENGINE|MAINHOSP|{now()}||ADT^A08^ADT_A01|{control}|P|2.5.1||||||UNICODE UTF-8",
        f"EVN|A08|{now()}",
        f"PID|1||CTT9{i:03d}^^^MAINHOSP^MR||MÜLLER^ÅSA^试验||19700101|F",
    ]


def orm(i, control, rnd):
    return [
        f"MSH|^~\\&|HIS|MAINHOSP|RIS|RADIOLOGY|{now()}||ORM^O01^ORM_O01|{control}|P|2.3.1",
        pid(i),
        "PV1|1|O|RAD",
        f"ORC|NW|ORD{i:05d}|||SC",
        f"OBR|1|ORD{i:05d}||71020^CHEST XRAY^C4|||{now()}",
    ]


def siu(i, control, rnd):
    return [
        f"MSH|^~\\&|HIS|MAINHOSP|RIS|RADIOLOGY|{now()}||SIU^S12^SIU_S12|{control}|P|2.4",
        f"SCH|APT{i:05d}||||||ROUTINE|||15|min",
        pid(i),
    ]


def oru_monitor(i, control, rnd):
    segments = [
        f"MSH|^~\\&|MON03|ICU|ENGINE|MAINHOSP|{now()}||ORU^R01^ORU_R01|{control}|P|2.6|||AL|NE||||||{PCD_PROFILE}",
        pid(i % 4),
        f"OBR|1|||{MONITOR}|||{now()}",
        f"OBX|1||{MONITOR}|1.0.0.0|||||||X|||||||{MONITOR_MODEL}~{MONITOR_EUI}",
    ]
    for k, (observation, low, span, unit) in enumerate(VITALS):
        value = low + rnd.randrange(span)
        segments.append(f"OBX|{k + 2}|NM|{observation}|1.1.1.{k + 1}|{value}|{unit}|||||R|||{now()}||||{MONITOR_EUI}")
    segments.append(f"PRT|1|UC||DO^Device Observed^MDC||||||||{UDI}")
    return segments


def oru_pdf(i, control, rnd):
    document = base64.b64encode(rnd.randbytes(30000)).decode()
    report = "11502-2^LABORATORY REPORT^LN"
    return [
        f"MSH|^~\\&|LAB|MAINHOSP|ENGINE|MAINHOSP|{now()}||ORU^R01^ORU_R01|{control}|P|2.5.1",
        pid(i),
        f"OBR|1|||{report}|||{now()}",
        f"OBX|1|ED|{report}||^application^pdf^Base64^{document}||||||F",
    ]


def malformed(i, control):
    """Five ways to be wrong; nothing that does harm."""
    return [
        "MSH|^~\\&|X\rPID",
        "PID|1||no msh\r",
        "MSH|^~\\&|EVIL|||||ZZZ|" + "A" * 3000 + "|" + control + "|P|2.5\r",
        f"MSH|^~\\&|HIS|MAINHOSP|ENGINE|MAINHOSP|20260101||ZZZ^Z99|{control}|P|9.9\rPID|" + "^" * 2000 + "\r",
        "\x00\xff\xfe" * 50,
    ][i % 5]


BUILDERS = {
    "adt": adt, "multi": adt, "frag": adt, "utf8": utf8, "orm": orm, "siu": siu, "oru-mon": oru_monitor, "oru-pdf": oru_pdf,
}
RAW = ("multi", "frag", "bad")


def message(kind, i, rnd):
    control = f"{kind.upper().replace('-', '')[:6]}{i:05d}"
    if kind == "bad":
        return malformed(i, control)
    return "\r".join(BUILDERS[kind](i, control, rnd)) + "\r"


async def converse(ip, port, kind, count, delay, rnd):
    """One connection, one message at a time, its ACK awaited."""
    acks = {}
    reader, writer = await open_hl7_connection(ip, port, encoding="utf-8", limit=1 << 20)
    for i in range(count):
        writer.writemessage(hl7.parse(message(kind, i, rnd)))
        await writer.drain()
        ack = await asyncio.wait_for(reader.readmessage(), 10)
        code = str(ack.segment("MSA")(1))
        acks[code] = acks.get(code, 0) + 1
        await asyncio.sleep(delay)
    writer.close()
    await writer.wait_closed()
    return dict(sent=count, ack=acks)


def connect(ip, port):
    connection = socket.create_connection((ip, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(3)
    return connection


def blast(ip, port, kind, count, delay, rnd):
    """MLLP frames as bytes on a socket; a connection that the server dropped is opened again."""
    connection = connect(ip, port)
    frames = [b"\x0b" + message(kind, i, rnd).encode("utf-8", "surrogateescape") + b"\x1c\r" for i in range(count)]
    if kind == "multi":
        connection.sendall(b"".join(frames))
    for frame in frames if kind != "multi" else ():
        if kind == "frag":
            for offset in range(0, len(frame), 37):
                connection.sendall(frame[offset : offset + 37])
                time.sleep(0.004)
        else:
            try:
                connection.sendall(frame)
            except OSError:
                connection = connect(ip, port)
                connection.sendall(frame)
        time.sleep(delay)
    answer = b""
    try:
        while answer.count(b"\x1c") < count:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
    except OSError:
        pass
    connection.close()
    return dict(sent=count, ackframes=answer.count(b"\x1c"))


def main():
    ip, port, kind, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    delay = float(sys.argv[5]) if len(sys.argv) > 5 else 0.2
    rnd = random.Random(sum(map(ord, kind)) + count)
    arguments = (ip, port, kind, count, delay, rnd)
    print(json.dumps(blast(*arguments) if kind in RAW else asyncio.run(converse(*arguments))))


main()
