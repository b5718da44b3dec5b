#!/usr/bin/env bash
# What a sensor forwards of captures: bytes as they go into QUIC, beside the bytes captured.
# usage: forwarded.sh AGENT COLLECTOR CAPTURE...
set -euo pipefail
agent=$1 collector=$2
shift 2
run=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$run"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$collector" serve --data "$run/collector" --listen-https "127.0.0.1:$((port + 1))" --listen-quic "127.0.0.1:$port" >"$run/log" 2>&1 &
server=$!
for _ in $(seq 100); do grep -q '^sensors' "$run/log" && break; sleep 0.1; done
token=$("$collector" token create --data "$run/collector" --host "127.0.0.1:$port" --name bench 2>/dev/null | grep -oE 'HLT1-[^ ]+')
"$agent" enroll "$token" --state "$run/sensor" >/dev/null
"$agent" --log info replay --quiet --learn 45 --collector "127.0.0.1:$port" --state "$run/sensor" "$@" 2>"$run/said"
bytes=$(grep -oE 'bytes=[0-9]+' "$run/said" | tail -1 | cut -d= -f2)
captured=$(cat "$@" | wc -c)
awk -v f="$bytes" -v c="$captured" -v n="$*" 'BEGIN { printf "%s: %d bytes captured, %d forwarded, %.2f %%\n", n, c, f, 100 * f / c }'
