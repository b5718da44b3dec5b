#!/usr/bin/env python3
"""Send messages from a JSON list over MLLP, one connection each, whatever comes back. usage: canary_mllp.py IP PORT FILE"""
import json
import socket
import sys

ip, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with open(path) as f:
    messages = json.load(f)
answered = 0
for message in messages:
    with socket.create_connection((ip, port)) as connection:
        connection.settimeout(1)
        connection.sendall(b"\x0b" + message.encode() + b"\x1c\r")
        try:
            answered += b"\x1c" in connection.recv(65536)
        except OSError:
            pass
print(json.dumps(dict(sent=len(messages), answered=answered)))
