#!/usr/bin/env bash
# What a change must pass. usage: test.sh [quick|long]
set -euo pipefail
cd "$(dirname "$0")/.."
mode="${1:-all}"
step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

step "format"
cargo fmt --all --check
step "lints"
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
if [ "$mode" = quick ]; then
    step "unit tests"
    cargo test --workspace --exclude holter-tests --locked --quiet
    cargo test -p holter-tests --test house --locked --quiet
    exit
fi
step "build"
cargo build --workspace --locked --quiet
step "tests"
# One at a time at the end: the lab, the kill test and the browser each want the machine for themselves.
HOLTER_LONG=$([ "$mode" = long ] && echo 1 || echo 0) cargo test --workspace --exclude holter-tests --locked
HOLTER_LONG=$([ "$mode" = long ] && echo 1 || echo 0) cargo test -p holter-tests --locked -- --test-threads 1
step "the committed console is what its source builds to"
console/check-dist.sh
step "done"
