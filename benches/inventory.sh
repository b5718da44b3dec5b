#!/usr/bin/env bash
# How long the API takes with many devices. Fills a collector by the real link and asks as a browser does.
#   benches/inventory.sh [DEVICES]     (default 50000; PROFILE=debug for the debug build)
#   KEEP=FOLDER   leaves the collector running on that folder's data, HTTPS on PORT (default 8443), and prints a login
set -euo pipefail
cd "$(dirname "$0")/.."
devices="${1:-50000}"
profile="${PROFILE:-release}"
flag=""
[ "$profile" = release ] && flag=--release
cargo build --quiet --locked $flag -p holter-agent -p holter-collector >&2
cargo build --quiet --locked $flag -p holter-tests --example hospital >&2
bin="${CARGO_TARGET_DIR:-target}/$profile"
run="${KEEP:-$(mktemp -d)}"
mkdir -p "$run"
port="${PORT:-8443}"
pid=""
finish() {
    [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$run"
}
trap finish EXIT

start() {
    "$bin/holter-collector" serve --data "$run/collector" --listen-https "127.0.0.1:$port" --listen-quic "127.0.0.1:$((port + 1))" >"$run/collector.log" 2>&1 &
    pid=$!
    for _ in $(seq 3000); do
        grep -q '^sensors' "$run/collector.log" && return
        kill -0 "$pid" || { cat "$run/collector.log" >&2; exit 1; }
        sleep 0.1
    done
}

start
if [ ! -d "$run/sensor-b" ]; then
    for sensor in a b; do
        token=$("$bin/holter-collector" token create --data "$run/collector" --host "127.0.0.1:$((port + 1))" --name "Core-$sensor" --site-data show \
            --why "measuring: every machine is invented" --zone 10.10.0.0/16=corporate --zone 10.20.0.0/14=clinical --zone 10.30.0.0/15=clinical --zone 10.40.0.0/15=clinical --zone 10.50.0.0/15=clinical --zone 10.60.0.0/15=clinical --zone 10.70.0.0/15=corporate --zone 10.110.0.0/15=corporate --zone 10.120.0.0/15=corporate 2>/dev/null | grep -oE 'HLT1-[^ ]+')
        "$bin/holter-agent" enroll "$token" --state "$run/sensor-$sensor" >/dev/null
    done
    began=$SECONDS
    "$bin/examples/hospital" "$run/sensor-a" "$devices"
    "$bin/examples/hospital" "$run/sensor-b" "$devices" routed
    echo "delivered in $((SECONDS - began)) s"
fi
user="look$RANDOM$RANDOM"
password=$("$bin/holter-collector" user add "$user" --data "$run/collector" --role admin 2>/dev/null | grep -oE '[^ ]+$' | tail -1)
base="https://127.0.0.1:$port"
jar="$run/jar"
curl -skf -c "$jar" -H 'Content-Type: application/json' -d "{\"user\":\"$user\",\"password\":\"$password\"}" "$base/api/v1/login" >/dev/null

ago() { date -u -d "-$1" +%Y-%m-%dT%H:%M:%SZ; }
spent() { awk -v tick="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / tick)}' "/proc/$pid/stat"; }
ask() { # name path
    local times="" before _
    before=$(spent)
    for _ in 1 2 3 4 5; do times+="$(curl -skf -b "$jar" -o "$run/answer" -w '%{time_total}\n' "$base$2")"$'\n'; done
    printf '| %s | %s ms | %s ms | %s kB |\n' "$1" "$((($(spent) - before) / 5))" "$(sort -n <<<"$times" | sed '/^$/d' | sed -n 3p | awk '{printf "%.0f", $1 * 1000}')" "$(($(stat -c %s "$run/answer") / 1000))"
}
echo "$(curl -skf -b "$jar" "$base/api/v1/devices?limit=1" | grep -oE '"total":[0-9]+') devices; collector: $(grep VmRSS "/proc/$pid/status" | tr -s '\t ' ' ')"
echo "| asked | CPU | time | answer |"
echo "|---|--:|--:|--:|"
ask "devices, first page of 200" "/api/v1/devices?limit=200"
ask "devices, filter by class and maker" "/api/v1/devices?limit=200&q=class:imaging%20maker:siemens*"
ask "devices, plain text" "/api/v1/devices?limit=200&q=ws-0123"
ask "devices, sorted by name" "/api/v1/devices?limit=200&sort=name-asc"
ask "devices, a network" "/api/v1/devices?limit=200&q=address:10.70.7.0/24"
ask "devices as of 3 days ago" "/api/v1/devices?limit=200&at=$(ago '3 days')"
ask "changes, 1 day" "/api/v1/changes?from=$(ago '1 day')&limit=100"
ask "changes, 7 days" "/api/v1/changes?from=$(ago '7 days 1 hour')&limit=100"
ask "suggestions" "/api/v1/suggestions"
for by in network zone class role device; do ask "map by $by" "/api/v1/map?by=$by"; done
ask "map by device, imaging only" "/api/v1/map?by=device&q=class:imaging"
id=$(curl -skf -b "$jar" "$base/api/v1/devices?limit=1&q=pacs01" | grep -oE '"id":"[^"]+' | head -1 | cut -d'"' -f4)
ask "one device, the archive" "/api/v1/devices/$id"
ask "today" "/api/v1/today"
if [ -n "${KEEP:-}" ]; then
    printf '%s %s %s\n' "$base/" "$user" "$password" >"$run/where"
    echo "console $base, login $user, password $password; Ctrl-C stops it"
    wait "$pid"
fi
