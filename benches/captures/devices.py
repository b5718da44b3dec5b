#!/usr/bin/env python3
"""Write devices.pcap: the traffic of many devices, each with an address, a name and a stack of its own, the same bytes every time.

usage: devices.py OUTDIR [DEVICES]     (10,000 unless told otherwise, about 55 packets each, within two minutes)

Every device gets its address by DHCP and asks for names. Of ten, five are workstations (TLS, HTTP), two modalities (DICOM),
two monitors (HL7 with equipment identifiers) and one a pump (HTTP, TLS).
"""
import os
import random
import struct
import sys

import synthetic
from synthetic import ACK, ETHERTYPE_IPV4, GATEWAY_MAC, PSH_ACK, START_US, SYN, SYN_ACK, SYN_OPTIONS, tcp

SPREAD_US = 100_000_000
WINDOWS_OPTIONS = b"\x02\x04\x05\xb4\x01\x03\x03\x08\x01\x01\x04\x02"
SERVERS = {104: bytes([10, 1, 3, 10]), 2575: bytes([10, 1, 3, 12]), 443: bytes([10, 1, 3, 20]), 80: bytes([10, 1, 3, 21])}
# Implementation class UID and version name of common toolkits.
TOOLKITS = [
    (b"1.2.276.0.7230010.3.0.3.6.7", b"OFFIS_DCMTK_367"),
    (b"1.2.826.0.1.3680043.9.3811.2.1.0", b"PYNETDICOM_210"),
    (b"1.2.40.0.13.1.3", b"dcm4che-5.29.2"),
]
AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "curl/7.88.1", "Microsoft-CryptoAPI/10.0", "Java/17.0.9"]
SERVER_HEADERS = ["nginx/1.22.1", "Microsoft-IIS/10.0", "Apache/2.4.57 (Debian)"]

rnd = random.Random()


class Tape:
    """Frames of one device with their times; it writes like a Capture of synthetic.py."""

    def __init__(self, at):
        self.time, self.frames, self.count = at, [], 0

    def write(self, destination, source, ethertype, payload):
        self.time += rnd.randint(200, 4000)
        self.count += 1
        self.frames.append((self.time, (destination + source + ethertype + payload).ljust(60, b"\x00")))


class Talk:
    """One TCP connection of a device from its handshake to its end."""

    def __init__(self, tape, device, port, options):
        self.tape, self.mac, self.ip = tape, synthetic.client_mac(device), synthetic.client_ip(device)
        self.port, self.server, self.own = port, SERVERS[port], rnd.randint(32768, 60999)
        self.up, self.down = rnd.getrandbits(31), rnd.getrandbits(31)
        self.send(SYN, options=options)
        self.up += 1
        self.reply(SYN_ACK, options=options)
        self.down += 1
        self.send(ACK)

    def send(self, flags, data=b"", options=b""):
        packet = tcp(self.ip, self.server, self.own, self.port, self.up, self.down if flags != SYN else 0, flags, 64240, options, data)
        self.tape.write(GATEWAY_MAC, self.mac, ETHERTYPE_IPV4, packet)
        self.up += len(data)

    def reply(self, flags, data=b"", options=b""):
        packet = tcp(self.server, self.ip, self.port, self.own, self.down, self.up, flags, 65160, options, data)
        self.tape.write(self.mac, GATEWAY_MAC, ETHERTYPE_IPV4, packet)
        self.down += len(data)

    def end(self):
        self.send(ACK | 1)
        self.up += 1
        self.reply(ACK | 1)
        self.down += 1
        self.send(ACK)


def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def handshake(kind, body):
    message = bytes([kind]) + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


def client_hello(name, ciphers):
    host = name.encode()
    extensions = b"".join([
        extension(0, struct.pack("!HBH", len(host) + 3, 0, len(host)) + host),
        extension(10, b"\x00\x06\x00\x1d\x00\x17\x00\x18"), extension(11, b"\x01\x00"),
        extension(13, b"\x00\x08\x04\x03\x08\x04\x04\x01\x05\x03"), extension(16, b"\x00\x09\x08http/1.1"),
        extension(43, b"\x04\x03\x04\x03\x03"), extension(51, b"\x00\x24\x00\x1d\x00\x20" + rnd.randbytes(32)),
    ])
    suites = b"".join(struct.pack("!H", cipher) for cipher in ciphers)
    body = b"\x03\x03" + rnd.randbytes(32) + b"\x20" + rnd.randbytes(32) + struct.pack("!H", len(suites)) + suites
    return handshake(1, body + b"\x01\x00" + struct.pack("!H", len(extensions)) + extensions)


def server_hello():
    extensions = extension(43, b"\x03\x04") + extension(51, b"\x00\x1d\x00\x20" + rnd.randbytes(32))
    body = b"\x03\x03" + rnd.randbytes(32) + b"\x20" + rnd.randbytes(32) + b"\x13\x01\x00"
    return handshake(2, body + struct.pack("!H", len(extensions)) + extensions)


def sealed(length):
    return b"\x17\x03\x03" + struct.pack("!H", length) + rnd.randbytes(length)


def tls(tape, device, options):
    talk = Talk(tape, device, 443, options)
    suites = [[0x1301, 0x1302, 0xC02F, 0xC030], [0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x9F], [0x1301, 0xC02B]][device % 3]
    talk.send(PSH_ACK, client_hello(f"host{device % 60}.hosp.local", suites))
    talk.reply(PSH_ACK, server_hello() + sealed(900))
    talk.send(PSH_ACK, sealed(80))
    talk.reply(PSH_ACK, sealed(700))
    talk.end()


def http(tape, device, options):
    talk = Talk(tape, device, 80, options)
    agent, server = AGENTS[device % len(AGENTS)], SERVER_HEADERS[device % len(SERVER_HEADERS)]
    talk.send(PSH_ACK, f"GET /status HTTP/1.1\r\nHost: web.hosp.local\r\nUser-Agent: {agent}\r\n\r\n".encode())
    talk.reply(PSH_ACK, f"HTTP/1.1 200 OK\r\nServer: {server}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok".encode())
    talk.end()


def item(kind, body):
    return struct.pack("!BBH", kind, 0, len(body)) + body


def pdu(kind, body):
    return struct.pack("!BBI", kind, 0, len(body)) + body


def command(elements):
    body = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in elements)
    value = struct.pack("<HHII", 0, 0, 4, len(body)) + body
    return pdu(4, struct.pack("!IBB", len(value) + 2, 1, 3) + value)


def dicom(tape, device, options):
    uid, version = TOOLKITS[device % len(TOOLKITS)]
    user = item(0x50, item(0x51, struct.pack("!I", 16384)) + item(0x52, uid) + item(0x55, version))
    titles = b"PACS1".ljust(16) + f"MOD{device:05d}".encode().ljust(16) + bytes(32)
    head = b"\x00\x01\x00\x00" + titles + item(0x10, b"1.2.840.10008.3.1.1.1")
    verification, little = item(0x30, b"1.2.840.10008.1.1"), item(0x40, b"1.2.840.10008.1.2")
    talk = Talk(tape, device, 104, options)
    talk.send(PSH_ACK, pdu(1, head + item(0x20, b"\x01\x00\x00\x00" + verification + little) + user))
    talk.reply(PSH_ACK, pdu(2, head + item(0x21, b"\x01\x00\x00\x00" + little) + user))
    sop = b"1.2.840.10008.1.1\x00"
    word = lambda number: struct.pack("<H", number)
    talk.send(PSH_ACK, command([(2, sop), (0x100, word(0x30)), (0x110, word(1)), (0x800, word(0x101))]))
    talk.reply(PSH_ACK, command([(2, sop), (0x100, word(0x8030)), (0x120, word(1)), (0x800, word(0x101)), (0x900, word(0))]))
    talk.send(PSH_ACK, pdu(5, bytes(4)))
    talk.reply(PSH_ACK, pdu(6, bytes(4)))
    talk.end()


def hl7(tape, device, options):
    talk = Talk(tape, device, 2575, options)
    unit = f"0009FBFFFE{device:06X}^^0009FBFFFE{device:06X}^EUI-64"
    for number in range(6):
        observation = f"OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC||{60 + number}|264864^bpm^MDC|||||F|||20260301120000||||{unit}"
        message = f"MSH|^~\\&|MON{device:05d}|ICU|ENGINE|HOSP|20260301120000||ORU^R01^ORU_R01|{device:05d}{number}|P|2.6\rPID|1||T{device:05d}\rOBR|1\r{observation}\r"
        talk.send(PSH_ACK, b"\x0b" + message.encode() + b"\x1c\r")
        answer = f"MSH|^~\\&|ENGINE|HOSP|MON{device:05d}|ICU|20260301120000||ACK|A{number}|P|2.6\rMSA|AA|{device:05d}{number}\r"
        talk.reply(PSH_ACK, b"\x0b" + answer.encode() + b"\x1c\r")
    talk.end()


def device_frames(device):
    tape = Tape(START_US + rnd.randint(0, SPREAD_US))
    kind = device % 10
    options = WINDOWS_OPTIONS if kind < 5 else SYN_OPTIONS
    synthetic.dhcp_exchange(tape, device, "dora", device, rnd.getrandbits(32))
    for number in range(5):
        synthetic.dns_exchange(tape, device, device + number)
    if kind < 5:
        plan = [tls, http, tls, http]
    elif kind < 7:
        plan = [dicom, dicom, dicom]
    elif kind < 9:
        plan = [hl7, hl7]
    else:
        plan = [http, http, tls]
    for speak in plan:
        speak(tape, device, options)
        tape.time += rnd.randint(100_000, 4_000_000)
    return tape.frames


def main():
    out, devices = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    synthetic.reseed()
    rnd.seed(synthetic.SEED)
    frames = [frame for device in range(2, devices + 2) for frame in device_frames(device)]
    frames.sort(key=lambda frame: frame[0])
    with open(os.path.join(out, "devices.pcap"), "wb", 1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for time, frame in frames:
            file.write(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, len(frame), len(frame)) + frame)
    print("devices.pcap", len(frames), "packets of", devices, "devices")


if __name__ == "__main__":
    main()
