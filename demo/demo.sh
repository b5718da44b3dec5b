#!/usr/bin/env bash
# A collector, a sensor and a recorded hospital on this machine, until Ctrl-C.
#   SPEED=20   packet time per wall time (default 1: as it was recorded; max: at once)
#   LIVE=1     the lab of real programs, heard by a sensor on its mirror port, in the place of the recording
#   PORT=8443  HTTPS of the console; sensors deliver to the next one
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${LIVE:-}" ] && [ "$(id -u)" != 0 ]; then
    echo "demo: LIVE=1 makes network namespaces and needs root: sudo LIVE=1 make demo" >&2
    exit 1
fi
scripts/setup.sh "$([ "${LIVE:-}" ] && echo lab || echo demo)"

echo "demo: building (release profile; some minutes the first time)"
cargo build --release --locked -p holter-agent -p holter-collector
bin="${CARGO_TARGET_DIR:-target}/release"

port="${PORT:-8443}"
quic=$((port + 1))
run=$(mktemp -d "${TMPDIR:-/tmp}/holter-demo.XXXXXX")
pids=()
finish() {
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$run"
    echo "demo: stopped, and its folder $run removed"
}
trap finish EXIT
trap 'exit 130' INT TERM

"$bin/holter-collector" serve --data "$run/collector" --listen-https "127.0.0.1:$port" --listen-quic "127.0.0.1:$quic" >"$run/collector.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
    grep -q '^sensors' "$run/collector.log" && break
    kill -0 "${pids[0]}" 2>/dev/null || { cat "$run/collector.log" >&2; exit 1; }
    sleep 0.1
done

password=$("$bin/holter-collector" user add demo --data "$run/collector" --role admin 2>/dev/null | grep -oE '[^ ]+$' | tail -1)
token=$("$bin/holter-collector" token create --data "$run/collector" --host "127.0.0.1:$quic" --name "Mirror-A" --site-data show \
    --why "demo: every machine and person in it is invented" --zone 10.20.0.0/24=clinical --zone fd20::/64=clinical --zone 10.30.0.0/24=corporate 2>/dev/null |
    grep -oE 'HLT1-[^ ]+')
"$bin/holter-agent" enroll "$token" --state "$run/sensor"

cat <<TXT

  console    https://127.0.0.1:$port
  login      demo
  password   $password        (shown once)
  authority  $(grep '^authority' "$run/collector.log" | sed 's/^authority *//')

  The certificate is the collector's own; a browser asks once whether you trust it.
  Ctrl-C stops everything.

TXT

if [ "${LIVE:-}" ]; then
    echo "demo: the lab works for about three minutes; a sensor listens on its mirror port"
    mkdir "$run/lab"
    target/lab-venv/bin/python tests/lab/lab.py --out "$run/lab/out" --rounds "${ROUNDS:-4}" --phases baseline,incident --tap-here "hltap$$" \
        --sensor-command "'$PWD/$bin/holter-agent' --log info run --interface \"\$LAB_TAP\" --state '$run/sensor' --learn 60" >"$run/lab.log" 2>&1 &
    lab=$!
else
    speed="${SPEED:-1}"
    echo "demo: replaying a recorded day, 86 s of packet time at speed $speed"
    "$bin/holter-agent" replay --quiet --as-if-now --speed "$speed" --learn 45 --collector "127.0.0.1:$quic" --state "$run/sensor" \
        demo/capture/baseline.pcap demo/capture/incident.pcap &
    lab=$!
fi
pids+=("$lab")
if wait "$lab"; then
    echo "demo: all of it was delivered. The console stays until Ctrl-C."
else
    echo "demo: that ended with a failure; its log:" >&2
    tail -20 "$run"/lab.log 2>/dev/null >&2 || true
fi
[ "${DEMO_ENDS:-}" ] || wait "${pids[0]}"
