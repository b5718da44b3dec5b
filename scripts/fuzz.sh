#!/usr/bin/env bash
# Builds the fuzz harness, then runs it in the background for FUZZ_HOURS. FUZZ_FOREGROUND=1 waits for it.
set -euo pipefail
cd "$(dirname "$0")/.."
hours="${FUZZ_HOURS:-1}"
log="${CARGO_TARGET_DIR:-target}/fuzz.log"
cargo test --release --locked -p holter-protocols --test fuzz --no-run
run=(nice -n 10 cargo test --release --locked -p holter-protocols --test fuzz -- --ignored --nocapture)
if [ "${FUZZ_FOREGROUND:-0}" = 1 ]; then
    FUZZ_HOURS="$hours" "${run[@]}"
else
    FUZZ_HOURS="$hours" nohup "${run[@]}" >"$log" 2>&1 &
    echo "fuzz: $hours h in the background, process $!, log $log, numbers in tests/fuzz/REPORT.md when it is done"
fi
