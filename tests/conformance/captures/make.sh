#!/usr/bin/env bash
# Remakes the captures of this folder: real programs that talk to each other in network namespaces of their own.
# usage: make.sh [ssh|syslog|vnc|kerberos ...]   (root; none is all of them)
#
# It installs nothing but a Python environment beside other caches; what else it needs it names. Host name, users,
# /etc/hosts, /run and /tmp are its own too, so that nothing of the machine gets into a capture, and no process outlives it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" != within ]; then
    [ "$(id -u)" = 0 ] || { echo "make.sh: needs root, for namespaces" >&2; exit 2; }
    missing=""
    for program in ip ethtool tcpdump tshark python3 sshd ssh ssh-keyscan dropbear dbclient plink rsyslogd logger perl \
        krb5kdc kadmin.local kinit kvno Xtigervnc Xtightvnc Xvfb x11vnc xtigervncviewer xtightvncviewer vncsnapshot \
        gvnccapture tigervncpasswd nmap openssl; do
        PATH=$PATH:/usr/sbin command -v $program >/dev/null || missing="$missing $program"
    done
    if [ -n "$missing" ]; then
        echo "make.sh: not there:$missing. On Debian 12 they are in: iproute2 ethtool tcpdump tshark python3-venv" \
            "openssh-server openssh-client dropbear-bin putty-tools rsyslog bsdutils perl krb5-kdc krb5-admin-server" \
            "krb5-user tigervnc-standalone-server tigervnc-viewer tigervnc-tools tightvncserver xtightvncviewer" \
            "xfonts-base xvfb x11vnc vncsnapshot gvncviewer nmap openssl" >&2
        exit 2
    fi
    venv="${XDG_CACHE_HOME:-$HOME/.cache}/holter/captures-venv-$(sha256sum "$here/make/requirements.txt" | cut -c1-12)"
    if [ ! -e "$venv/complete" ]; then
        python3 -m venv "$venv"
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$here/make/requirements.txt"
        touch "$venv/complete"
    fi
    exec unshare --net --uts --ipc --mount --pid --fork --kill-child --mount-proc \
        env -i PATH="$PATH:/usr/sbin:/sbin" LANG=C.UTF-8 TZ=UTC HOME=/run/home VENV="$venv" "$here/make.sh" within "$@"
fi
shift

# A machine of its own.
mount --make-rprivate /
mount -t tmpfs none /run
mkdir -p /run/out /run/home /run/etc /run/netns /run/sshd /run/work
mount --bind "$here" /run/out
mount -t tmpfs none /tmp
mkdir -m 1777 /tmp/.X11-unix
out=/run/out work=/run/work
cd $work
printf '127.0.0.1 localhost\n192.0.2.1 srv01.clinic.example srv01\n192.0.2.10 ct01.clinic.example ct01\n' >/run/etc/hosts
printf '%s\n' root:x:0:0::/run/home:/bin/sh sshd:x:101:65534::/run/sshd:/bin/false \
    nobody:x:65534:65534::/:/bin/false >/run/etc/passwd
printf 'root:*:19000::::::\n' >/run/etc/shadow
printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' >/run/etc/group
: >/run/etc/resolv.conf
for file in hosts passwd shadow group resolv.conf; do mount --bind /run/etc/$file /etc/$file; done

declare -A NAME=([server]=srv01 [client]=ct01)
for space in server client; do ip netns add $space; ip -n $space link set lo up; done
ip -n server link add eth0 address 02:00:00:00:02:01 type veth peer name eth0 address 02:00:00:00:02:10 netns client
ip -n server addr add 192.0.2.1/24 dev eth0
ip -n client addr add 192.0.2.10/24 dev eth0
ip -n server addr add 2001:db8::1/64 dev eth0 nodad
ip -n client addr add 2001:db8::10/64 dev eth0 nodad
for space in server client; do
    ip -n $space link set eth0 up
    ip netns exec $space ethtool -K eth0 tso off gso off gro off tx off sg off >/dev/null
    # Twelve bytes in each segment, of which nothing is compared.
    ip netns exec $space sysctl -qw net.ipv4.tcp_timestamps=0
done

# at server|client COMMAND...: runs it on that host, in place of the shell that says so.
at() { (become "$@"); }
become() {
    local space=$1
    shift
    exec ip netns exec "$space" unshare --uts sh -c 'hostname "$0"; exec "$@"' "${NAME[$space]}" "$@"
}

# start server|client COMMAND...: the same in the background; `ended` ends the latest.
started=()
start() {
    become "$@" >>$work/log 2>&1 &
    started+=($!)
}
ended() {
    local last=$((${#started[@]} - 1))
    kill "${started[$last]}" 2>/dev/null || true
    wait "${started[$last]}" 2>/dev/null || true
    unset "started[$last]"
}

# listening tcp|udp PORT: waits until the server listens there.
listening() {
    for _ in $(seq 100); do
        ip netns exec server ss -Hln"${1:0:1}" "sport = :$2" | grep -q . && return
        sleep 0.05
    done
    echo "make.sh: nothing listens on $1 port $2; $(tail -3 $work/log)" >&2
    exit 1
}

# record FILE FILTER, then `recorded`. Segments of TCP over IPv4 that say nothing are left out: a third of all, in
# conversations as short as these.
SPEAKS='(not tcp or ip6 or tcp[tcpflags] & (tcp-syn | tcp-fin | tcp-rst) != 0 or
    ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) > 0)'
record() {
    ip netns exec server tcpdump -i eth0 -s 0 -U --immediate-mode -Z root -w $work/record.pcap "($2) and $SPEAKS" \
        2>$work/tcpdump &
    recorder=$! recording=$1
    for _ in $(seq 100); do grep -q listening $work/tcpdump && return; sleep 0.05; done
    echo "make.sh: tcpdump does not start" >&2
    exit 1
}
recorded() {
    sleep 0.5
    kill -INT $recorder
    wait $recorder || true
    mv $work/record.pcap "$out/$recording"
    echo "$recording: $(stat -c %s "$out/$recording") bytes"
}

# try server|client COMMAND...: runs it there; it may fail, and is meant to where a peer is to refuse something.
try() {
    local space=$1
    shift
    at "$space" timeout 20 "$@" </dev/null >>$work/log 2>&1 || true
}
deb() { dpkg-query -W -f='${Package} ${Version}\n' "$@"; }

for protocol in ${*:-ssh syslog vnc kerberos}; do
    # shellcheck source=/dev/null
    . "$out/make/$protocol.sh"
    {
        "${protocol}_versions"
        "$VENV/bin/pip" list --disable-pip-version-check --format=freeze | grep -E "^($(python_of_"$protocol"))==" || true
        deb tcpdump
    } >"$out/$protocol.versions"
    "$protocol"
done
