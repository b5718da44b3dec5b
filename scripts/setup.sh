#!/usr/bin/env bash
# Installs what a purpose needs on Debian 12, and says so first. usage: setup.sh demo|lab|test
set -euo pipefail
cd "$(dirname "$0")/.."

demo="libpcap-dev pkg-config gcc"
lab="iproute2 ethtool tcpdump openssl util-linux dcmtk orthanc dnsmasq-base isc-dhcp-client udhcpc dhcpcd-base chrony
avahi-daemon snmp snmpd samba smbclient curl bind9-dnsutils iputils-ping arping nmap nftables procps python3 python3-venv"
test="tshark chromium strace"

case "${1:-}" in
demo) wanted="$demo" ;;
lab) wanted="$demo $lab" ;;
test) wanted="$demo $lab $test" ;;
*) echo "usage: $0 demo|lab|test" >&2; exit 2 ;;
esac

if ! command -v cargo >/dev/null; then
    echo "setup: no cargo. Install Rust 1.95 or newer (https://rustup.rs) and run this again." >&2
    exit 1
fi

missing=""
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "setup: installing with apt-get:$missing"
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "setup: needs root or sudo to install:$missing" >&2; exit 1; }
        as_root=sudo
    fi
    # Services are kept from starting: the lab starts its own, in its own namespaces.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod 755 $policy
        trap '$as_root rm -f $policy' EXIT
    fi
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "setup: every Debian package for '$1' is there"
fi

# One environment for all working copies, as long as what it holds is the same.
if [ "$1" != demo ]; then
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/holter/lab-venv-$(sha256sum tests/lab/requirements.txt | cut -c1-12)"
    if ! "$venv/bin/python" -c '' 2>/dev/null || [ ! -e "$venv/complete" ]; then
        echo "setup: making $venv with $(grep -oE '^[a-z0-9-]+' tests/lab/requirements.txt | tr '\n' ' ')(PyPI)"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install -q --disable-pip-version-check -r tests/lab/requirements.txt
        touch "$venv/complete"
    fi
    mkdir -p target
    [ -L target/lab-venv ] || rm -rf target/lab-venv
    ln -sfn "$venv" target/lab-venv
fi
