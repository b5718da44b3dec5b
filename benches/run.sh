#!/usr/bin/env bash
# The tables of RESULTS.md: holter-agent replay beside a libpcap loop that only adds up bytes, in one run.
# usage: run.sh [CAPTURES_DIR]     (root; QUICK=1 makes small captures where CAPTURES_DIR holds none)
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test
out="${1:-target/bench-captures}"
[ -f "$out/mix.pcap" ] || PYTHON=target/lab-venv/bin/python QUICK="${QUICK-1}" benches/captures/make.sh "$out"
cc -O3 -o target/floor benches/floor.c -lpcap
cargo build --profile dist --locked -p holter-agent
cargo build --profile dist --locked -p holter-engine --example stages
cargo build --release --locked -p holter-agent -p holter-collector
python3 benches/table.py --floor target/floor --agent target/dist/holter-agent --stages target/dist/examples/stages \
    --runs "${RUNS:-5}" demo/capture/{baseline,incident}.pcap "$out"/{dicom,hl7,dnsdhcp,small,mix}.pcap
python3 benches/captures/devices.py "$out"
python3 benches/evidence.py --stages target/dist/examples/stages "$out/devices.pcap"
benches/forwarded.sh target/release/holter-agent target/release/holter-collector demo/capture/{baseline,incident}.pcap
