#!/bin/sh
# Called by dhclient (-sf) and udhcpc (-s): set the address in this namespace only, never touch the machine.
# shellcheck disable=SC2154  # the variables come from the DHCP client
case "$reason$1" in
BOUND6 | RENEW6 | REBIND6)
  ip -6 addr add "$new_ip6_address/64" dev "$interface" 2>/dev/null
  ;;
PREINIT6* | EXPIRE6* | DEPREF6*) ;;
BOUND* | RENEW* | REBIND* | REBOOT* | bound* | renew*)
  ip -4 addr flush dev "$interface" scope global 2>/dev/null
  ip -4 addr add "${new_ip_address:-$ip}/24" brd 10.20.0.255 dev "$interface"
  ip route replace default via "${new_routers:-$router}"
  ;;
EXPIRE* | FAIL* | RELEASE* | STOP* | deconfig* | PREINIT*)
  ip link set dev "$interface" up
  ;;
esac
exit 0
