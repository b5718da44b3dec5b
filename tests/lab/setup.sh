#!/bin/sh
# Install what the lab needs: Debian packages (root) and a Python environment beside this file. usage: setup.sh [--venv-only]
# Some packages start a service when they are installed; the lab starts its own, so those are stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="iproute2 ethtool tcpdump openssl util-linux dcmtk orthanc dnsmasq-base isc-dhcp-client udhcpc dhcpcd-base chrony
avahi-daemon snmp snmpd samba smbclient curl bind9-dnsutils iputils-ping arping nmap python3 python3-venv"
if [ "${1:-}" != --venv-only ]; then
  missing=
  for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  if [ -n "$missing" ]; then
    echo "lab: installing$missing"
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    for service in orthanc chrony avahi-daemon snmpd smbd nmbd; do
      service "$service" stop >/dev/null 2>&1 || true
    done
  fi
fi
if [ ! -x "$here/venv/bin/python" ] || ! "$here/venv/bin/python" -c "import pydicom, pynetdicom, numpy, hl7, scapy" 2>/dev/null; then
  echo "lab: making the Python environment $here/venv"
  python3 -m venv "$here/venv"
  "$here/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
echo "lab: ready"
